-- Up Migration
-- Whom the hotline may bring into a call: emergency services, units, offices.
create table directory_entries (
  code text primary key check (code ~ '^[a-z0-9][a-z0-9-]{0,31}$'),
  kind text not null check (kind in ('emergency','unit','office')),
  name_zh text not null,
  name_en text not null,
  number text not null check (number ~ '^[0-9]{3,20}$'),
  position integer not null default 0,
  version integer not null default 1
);
insert into directory_entries (code, kind, name_zh, name_en, number, position) values
  ('110', 'emergency', '公安报警', 'Police', '110', 1),
  ('119', 'emergency', '消防救援', 'Fire brigade', '119', 2),
  ('120', 'emergency', '医疗急救', 'Ambulance', '120', 3),
  ('122', 'emergency', '交通事故', 'Traffic police', '122', 4);

alter table call_legs add column is_held boolean not null default false;
alter table call_legs add column directory_code text references directory_entries;
alter table call_legs add check (not is_held or state = 'up' or state = 'ended');

-- transferring: the operator left while the next party is dialled; the citizen hears music. Without an operator a call may go on
-- between the citizen and a unit; its seat_id stays that of the seat that answered.
alter table calls drop constraint calls_state_check;
alter table calls add constraint calls_state_check check (state in
  ('greeting','waiting','ringing','talking','transferring','dismissing','dialing_seat','dialing_party','ended'));
alter table calls drop constraint calls_ended_by_check;
alter table calls add constraint calls_ended_by_check check (ended_by in ('citizen','operator','unit','system'));

-- Who talked with whom, from when to when: a row for each set of legs that heard each other.
create table call_talks (
  id bigint generated always as identity primary key,
  call_id uuid not null references calls,
  leg_ids text[] not null check (cardinality(leg_ids) >= 2),
  started_at timestamptz not null,
  ended_at timestamptz check (ended_at >= started_at)
);
create unique index call_talks_open on call_talks (call_id) where ended_at is null;
create index call_talks_call on call_talks (call_id, id);

-- As before, with the time in which a party is dialled for a citizen whom the operator left counted as ringing.
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

-- Down Migration
create or replace view call_durations as
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
drop table call_talks;
alter table calls drop constraint calls_ended_by_check;
alter table calls add constraint calls_ended_by_check check (ended_by in ('citizen','operator','system'));
alter table calls drop constraint calls_state_check;
alter table calls add constraint calls_state_check check (state in
  ('greeting','waiting','ringing','talking','dismissing','dialing_seat','dialing_party','ended'));
alter table call_legs drop column directory_code, drop column is_held;
drop table directory_entries;
