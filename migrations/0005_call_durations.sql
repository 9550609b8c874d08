-- Up Migration
-- The deadline of a prompt as well as of a ring.
alter table calls rename column ring_deadline_at to deadline_at;
-- When a wrap-up ended stands in seat_events, beside who ended it and how; a copy here would only be one more thing to keep right.
alter table calls drop column wrap_up_ended_at;
create index seat_events_call on seat_events (call_id) where call_id is not null;

-- How long each part of a call took, seconds; from the call's and the seat's own event rows, whose times are never changed.
-- A part is null when the call never came to it, or while it still lasts.
--   own_phone_sec  outbound: the operator's own phone rings
--   greeting_sec   notice and greeting
--   wait_sec       in the queue; all waits together when seats did not answer
--   ring_sec       inbound: seats ring, all offers together; outbound: the number dialled rings
--   talk_sec       citizen and operator talk
--   message_sec    the last message: lines full, nobody there, party busy
--   total_sec      from the first ring to the last hang-up: the sum of all above
--   wrap_up_sec    after it, at the seat; 0 where the queue has none
create view call_durations as
with steps as (
  select call_id, to_state, extract(epoch from lead(at) over (partition by call_id order by id) - at) as sec from call_events
), parts as (
  select call_id,
    sum(sec) filter (where to_state = 'dialing_seat') as own_phone_sec,
    sum(sec) filter (where to_state = 'greeting') as greeting_sec,
    sum(sec) filter (where to_state = 'waiting') as wait_sec,
    sum(sec) filter (where to_state in ('ringing', 'dialing_party')) as ring_sec,
    sum(sec) filter (where to_state = 'talking') as talk_sec,
    sum(sec) filter (where to_state = 'dismissing') as message_sec
  from steps group by call_id
)
select c.id as call_id, p.own_phone_sec::float8, p.greeting_sec::float8, p.wait_sec::float8, p.ring_sec::float8, p.talk_sec::float8,
  p.message_sec::float8, extract(epoch from c.ended_at - c.offered_at)::float8 as total_sec,
  (case when release.to_state = 'wrap_up' then extract(epoch from wrapped.at - release.at) when release.to_state is not null then 0 end)::float8 as wrap_up_sec
from calls c
left join parts p on p.call_id = c.id
left join lateral (select id, seat_id, at, to_state from seat_events where call_id = c.id and event = 'release' order by id limit 1) release on true
left join lateral (select at from seat_events e where e.seat_id = release.seat_id and e.id > release.id
  and e.from_state = 'wrap_up' and e.to_state <> 'wrap_up' order by e.id limit 1) wrapped on true;

-- Down Migration
drop view call_durations;
drop index seat_events_call;
alter table calls add column wrap_up_ended_at timestamptz;
alter table calls rename column deadline_at to ring_deadline_at;
