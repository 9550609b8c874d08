-- Up Migration
alter table calls
  -- When the waiting caller was told that 1 asks for a callback; from then on the key counts.
  add column callback_offered_at timestamptz,
  -- A callback: how often the citizen was tried to be reached.
  add column attempts integer not null default 0 check (attempts between 0 and 3),
  -- A callback: not offered to a seat before, for the citizen was not reached a moment ago.
  add column retry_at timestamptz,
  -- A callback: how often the citizen was asked to press 1 in this try.
  add column asked integer not null default 0 check (asked >= 0),
  add constraint calls_callback check (callback_of is not null
    or (attempts = 0 and retry_at is null and asked = 0 and state <> 'confirming')),
  add constraint calls_callback_queued check (callback_of is null or (queue_id is not null and queued_at is not null)),
  add constraint calls_confirming_seat check (state <> 'confirming' or seat_id is not null);
-- One callback a number, until the two talk. The called number of a callback is the citizen's.
create unique index calls_callback_number on calls (called_number)
  where callback_of is not null and connected_at is null and state <> 'ended';

-- As before; the keys of a menu count as greeting, and the time in which a citizen called back is asked to press 1 as ringing.
create or replace view call_durations as
with steps as (
  select call_id, to_state, extract(epoch from lead(at) over (partition by call_id order by id) - at) as sec from call_events
), parts as (
  select call_id,
    sum(sec) filter (where to_state = 'dialing_seat') as own_phone_sec,
    sum(sec) filter (where to_state in ('greeting', 'menu')) as greeting_sec,
    sum(sec) filter (where to_state = 'waiting') as wait_sec,
    sum(sec) filter (where to_state in ('ringing', 'dialing_party', 'confirming', 'transferring')) as ring_sec,
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
create or replace view call_durations as
with steps as (
  select call_id, to_state, extract(epoch from lead(at) over (partition by call_id order by id) - at) as sec from call_events
), parts as (
  select call_id,
    sum(sec) filter (where to_state = 'dialing_seat') as own_phone_sec,
    sum(sec) filter (where to_state = 'greeting') as greeting_sec,
    sum(sec) filter (where to_state = 'waiting') as wait_sec,
    sum(sec) filter (where to_state in ('ringing', 'dialing_party', 'transferring')) as ring_sec,
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
drop index calls_callback_number;
alter table calls drop column asked, drop column retry_at, drop column attempts, drop column callback_offered_at;
alter table calls drop constraint calls_confirming_seat, drop constraint calls_callback_queued;
