-- Up Migration
-- A citizen answers questions by keys (ivr/script.ts): what is asked, and what was answered so far.
alter table calls add column script jsonb, add column survey_id uuid;
alter table calls drop constraint calls_state_check;
alter table calls add constraint calls_state_check check (state in
  ('greeting','menu','waiting','ringing','talking','transferring','dismissing','dialing_seat','dialing_party','confirming','surveying','ended'));
alter table calls drop constraint calls_outcome_check;
alter table calls add constraint calls_outcome_check check (outcome in ('answered','abandoned_greeting','abandoned_menu','abandoned_queue',
  'abandoned_ringing','queue_full','closed','blocked','informed','callback_requested','nobody_signed_in','number_unknown','seat_no_answer','busy',
  'no_answer','rejected','unreachable','cancelled','not_confirmed','settled','surveyed','broken_off','refused','failed'));
alter table calls add constraint calls_script check (state <> 'surveying' or script is not null);

alter table queues add column asks_rating boolean not null default false;
create table call_ratings (
  call_id uuid primary key references calls,
  operator_id uuid references users,
  queue_id text references queues,
  value text not null check (value in ('satisfied','basically_satisfied','dissatisfied')),
  at timestamptz not null
);
create index call_ratings_at on call_ratings (at);

-- Accepted results so far: each is asked about once.
alter table cases add column survey_round integer not null default 0 check (survey_round >= 0);
update cases set survey_round = 1 where state = 'callback' and callback_reason = 'feedback';
create index cases_to_survey on cases (id) where state = 'callback' and callback_reason = 'feedback';

-- What is asked, as data: [{"code", "kind", "textZh", "prompts", "options": [{"key", "value", "textZh"}]}].
create table questionnaires (
  code text primary key,
  name_zh text not null check (name_zh <> ''),
  name_en text not null check (name_en <> ''),
  questions jsonb not null,
  version integer not null default 1 check (version > 0)
);
insert into questionnaires (code, name_zh, name_en, questions) values ('callback', '办理结果回访', 'Callback survey', '[
  {"code": "contacted", "kind": "choice", "textZh": "承办单位是否与您联系？", "prompts": ["survey-contacted"], "options": [{"key": "1", "value": "yes", "textZh": "已联系"}, {"key": "2", "value": "no", "textZh": "未联系"}]},
  {"code": "solved", "kind": "choice", "textZh": "您反映的问题是否得到解决？", "prompts": ["survey-solved"], "options": [{"key": "1", "value": "yes", "textZh": "已解决"}, {"key": "2", "value": "no", "textZh": "未解决"}]},
  {"code": "satisfied", "kind": "scale", "textZh": "您对办理结果是否满意？", "prompts": ["survey-satisfied"], "options": [{"key": "1", "value": "satisfied", "textZh": "满意"}, {"key": "2", "value": "basically_satisfied", "textZh": "基本满意"}, {"key": "3", "value": "dissatisfied", "textZh": "不满意"}, {"key": "4", "value": "no_opinion", "textZh": "不评价"}]}]');

-- How citizens are asked. `windows`: [{"from": "09:00", "to": "12:00"}] in Asia/Shanghai. Of `trunk_lines` so many as `reserved_lines` are left to whoever calls.
create table survey_rules (
  id text primary key check (id = 'default'),
  windows jsonb not null default '[{"from": "09:00", "to": "12:00"}, {"from": "14:00", "to": "20:00"}]',
  max_lines integer not null default 10 check (max_lines between 0 and 1000),
  trunk_lines integer not null default 120 check (trunk_lines between 1 and 10000),
  reserved_lines integer not null default 30 check (reserved_lines >= 0),
  max_tries integer not null default 3 check (max_tries between 1 and 3),
  link_days integer not null default 3 check (link_days between 0 and 30),
  queue_id text references queues,
  person_priority integer not null default 5 check (person_priority between 0 and 9),
  version integer not null default 1 check (version > 0)
);
insert into survey_rules (id) values ('default');
-- Its lock is held by whoever gives out lines, so that two do not give out one twice.
create table survey_pace (
  id text primary key check (id = 'default'),
  paused_at timestamptz,
  paused_by uuid references users,
  check ((paused_at is null) = (paused_by is null))
);
insert into survey_pace (id) values ('default');

-- A poll among citizens who had a case. `filter`: of the cases out of which the sample is drawn; `seed` draws the same one again.
create table campaigns (
  id uuid primary key,
  name text not null check (name <> ''),
  questionnaire_code text not null,
  questions jsonb not null,
  filter jsonb not null,
  sample_size integer not null check (sample_size between 1 and 100000),
  quota_by text check (quota_by in ('district_code','type','category_code')),
  quotas jsonb not null default '{}',
  seed integer not null,
  state text not null check (state in ('draft','running','paused','ended')),
  population integer,
  created_by uuid not null references users,
  created_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz,
  version integer not null default 1 check (version > 0),
  check ((state = 'draft') = (started_at is null)),
  check ((state = 'ended') = (ended_at is not null))
);

-- One citizen who is to be asked. Of a case once a round, of a campaign once a number.
create table surveys (
  id uuid primary key,
  case_id uuid not null references cases,
  round integer not null,
  campaign_id uuid references campaigns,
  quota text,
  state text not null check (state in ('due','calling','by_sms','by_person','completed','refused','not_reached','cancelled')),
  tries integer not null default 0 check (tries between 0 and 3),
  next_try_at timestamptz,
  call_id uuid references calls,
  assigned_to uuid references users,
  words text,
  link_hash bytea unique,
  link_expires_at timestamptz,
  ended_by text check (ended_by in ('phone','web','person','system')),
  created_at timestamptz not null,
  ended_at timestamptz,
  settled_at timestamptz,
  version integer not null default 1 check (version > 0),
  check ((state = 'due') = (next_try_at is not null)),
  check (state <> 'calling' or call_id is not null),
  check ((state = 'by_sms') = (link_expires_at is not null)),
  check ((ended_at is not null) = (state in ('completed','refused','not_reached','cancelled')))
);
create unique index surveys_round on surveys (case_id, round) where campaign_id is null;
create unique index surveys_campaign on surveys (campaign_id, case_id) where campaign_id is not null;
create index surveys_due on surveys (next_try_at) where state = 'due';
create index surveys_open on surveys (state, id) where state in ('due','calling','by_sms','by_person');
create index surveys_to_settle on surveys (ended_at) where ended_at is not null and settled_at is null;
create index surveys_ended on surveys (ended_at);
-- One call at a time, whoever dials.
create unique index calls_survey_live on calls (survey_id) where survey_id is not null and state <> 'ended';
create index calls_survey on calls (survey_id) where survey_id is not null;

create table survey_tries (
  survey_id uuid not null references surveys,
  no integer not null check (no > 0),
  by text not null check (by in ('phone','sms','person')),
  call_id uuid references calls,
  at timestamptz not null,
  outcome text,
  primary key (survey_id, no)
);
create unique index survey_tries_call on survey_tries (call_id) where call_id is not null;

create table survey_answers (
  survey_id uuid not null references surveys,
  code text not null,
  value text,
  by text not null check (by in ('phone','web','person')),
  at timestamptz not null,
  -- A voice: its place in the recording of that call.
  call_id uuid references calls,
  spoken_from timestamptz,
  spoken_to timestamptz,
  primary key (survey_id, code),
  check (value is not null or spoken_to is not null)
);

-- Numbers whose citizens do not want to be asked again, by their keyed hash.
create table survey_refusals (
  phone_index bytea primary key,
  survey_id uuid not null references surveys,
  at timestamptz not null
);

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
    sum(sec) filter (where to_state in ('dismissing', 'surveying')) as message_sec
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
drop table survey_refusals, survey_answers, survey_tries, surveys, campaigns, survey_pace, survey_rules, questionnaires, call_ratings;
drop index cases_to_survey, calls_survey, calls_survey_live;
alter table cases drop column survey_round;
alter table queues drop column asks_rating;
alter table calls drop constraint calls_script;
alter table calls drop constraint calls_outcome_check;
alter table calls add constraint calls_outcome_check check (outcome in ('answered','abandoned_greeting','abandoned_menu','abandoned_queue',
  'abandoned_ringing','queue_full','closed','blocked','informed','callback_requested','nobody_signed_in','number_unknown','seat_no_answer','busy',
  'no_answer','rejected','unreachable','cancelled','not_confirmed','settled','failed'));
alter table calls drop constraint calls_state_check;
alter table calls add constraint calls_state_check check (state in
  ('greeting','menu','waiting','ringing','talking','transferring','dismissing','dialing_seat','dialing_party','confirming','ended'));
alter table calls drop column survey_id, drop column script;
