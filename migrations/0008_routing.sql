-- Up Migration
-- What operators can do beyond the ordinary; a queue and a caller's choice ask for it.
create table skills (
  code text primary key check (code ~ '^[a-z0-9][a-z0-9-]{0,31}$'),
  name_zh text not null check (name_zh <> ''),
  name_en text not null check (name_en <> ''),
  position integer not null default 0,
  version integer not null default 1 check (version > 0)
);
insert into skills (code, name_zh, name_en, position) values ('english', '英语', 'English', 1);
-- One row an operator: [{"skillCode": "english", "level": 1 to 5}].
create table operator_skills (
  operator_id uuid primary key references users on delete cascade,
  skills jsonb not null default '[]' check (jsonb_typeof(skills) = 'array'),
  version integer not null default 1 check (version > 0)
);

-- Days on which the ordinary week does not hold (法定节假日, 调休). The State Council publishes each year in the autumn before.
create table calendar_days (
  day date primary key,
  kind text not null check (kind in ('holiday','workday')),
  name_zh text not null check (name_zh <> ''),
  version integer not null default 1 check (version > 0)
);
-- When a queue is open, Asia/Shanghai: [{"from": "08:00", "to": "20:00"}], apart for working days and for days of rest; "24:00" is midnight.
create table opening_hours (
  code text primary key check (code ~ '^[a-z0-9][a-z0-9-]{0,31}$'),
  name_zh text not null check (name_zh <> ''),
  name_en text not null check (name_en <> ''),
  workday jsonb not null default '[]' check (jsonb_typeof(workday) = 'array'),
  restday jsonb not null default '[]' check (jsonb_typeof(restday) = 'array'),
  version integer not null default 1 check (version > 0)
);

alter table queues
  add column strategy text not null default 'longest_idle'
    check (strategy in ('longest_idle','fewest_calls','round_robin','skill_first','last_operator_first')),
  -- [{"skillCode": "english", "minLevel": 1 to 5}]: who lacks one is offered none of its calls.
  add column skills jsonb not null default '[]' check (jsonb_typeof(skills) = 'array'),
  add column overflow_queue_id text references queues check (overflow_queue_id <> id),
  add column overflow_after_sec integer check (overflow_after_sec between 1 and 7200),
  add column overflow_waiting integer check (overflow_waiting >= 1),
  add column hours_code text references opening_hours,
  add column night_queue_id text references queues check (night_queue_id <> id),
  add column callback_offer_after_sec integer check (callback_offer_after_sec between 1 and 7200),
  add column repeat_within_min integer not null default 0 check (repeat_within_min between 0 and 1440),
  add check (overflow_queue_id is not null or (overflow_after_sec is null and overflow_waiting is null)),
  add check (hours_code is not null or night_queue_id is null);
alter table numbers
  add column priority integer not null default 0 check (priority between 0 and 9),
  add column version integer not null default 1 check (version > 0);
alter table not_ready_reasons add column version integer not null default 1 check (version > 0);

-- Callers who are treated apart: blocked until a date, or urgent (put before the others).
create table caller_rules (
  number text primary key check (number ~ '^[0-9]{3,20}$'),
  treatment text not null check (treatment in ('blocked','urgent')),
  reason text not null check (reason <> ''),
  ends_at timestamptz,
  version integer not null default 1 check (version > 0),
  check (treatment <> 'blocked' or ends_at is not null)
);

-- menu: keys are gathered from the citizen (IVR). confirming: a citizen called back is asked to press 1.
alter table calls drop constraint calls_state_check;
alter table calls add constraint calls_state_check check (state in
  ('greeting','menu','waiting','ringing','talking','transferring','dismissing','dialing_seat','dialing_party','confirming','ended'));
alter table calls drop constraint calls_outcome_check;
alter table calls add constraint calls_outcome_check check (outcome in ('answered','abandoned_greeting','abandoned_menu','abandoned_queue',
  'abandoned_ringing','queue_full','closed','blocked','informed','callback_requested','nobody_signed_in','number_unknown','seat_no_answer','busy',
  'no_answer','rejected','unreachable','cancelled','not_confirmed','settled','failed'));
alter table calls drop constraint calls_ended_by_check;
alter table calls add constraint calls_ended_by_check check (ended_by in ('citizen','operator','unit','supervisor','system'));
alter table calls drop constraint calls_check2;
alter table calls add constraint calls_case check (case_id is not null or outcome in ('number_unknown','blocked'));
alter table calls
  -- Higher first; among equals who came first.
  add column priority integer not null default 0 check (priority between 0 and 9),
  -- What the caller's choice asks of an operator beyond the queue's own demand.
  add column skill_codes text[] not null default '{}',
  add column language text not null default 'zh' check (language in ('zh','en')),
  -- Where in a menu the caller is: {"menuId", "digits", "tries"}.
  add column menu jsonb,
  -- The call whose caller asked to be called back; this one keeps its place.
  add column callback_of uuid references calls,
  add check ((state = 'menu') = (menu is not null));
drop index calls_waiting;
create index calls_waiting on calls (queue_id, priority desc, queued_at) where state = 'waiting';
create unique index calls_callback_of on calls (callback_of) where callback_of is not null;
-- How long the last talks of a queue took, for the estimated wait.
create index calls_queue_ended on calls (queue_id, ended_at) where connected_at is not null;

-- Down Migration
drop index calls_queue_ended, calls_callback_of, calls_waiting;
create index calls_waiting on calls (queue_id, queued_at) where state = 'waiting';
alter table calls drop column callback_of, drop column menu, drop column language, drop column skill_codes, drop column priority;
alter table calls drop constraint calls_case;
alter table calls add constraint calls_check2 check (case_id is not null or outcome = 'number_unknown');
alter table calls drop constraint calls_ended_by_check;
alter table calls add constraint calls_ended_by_check check (ended_by in ('citizen','operator','unit','system'));
alter table calls drop constraint calls_outcome_check;
alter table calls add constraint calls_outcome_check check (outcome in ('answered','abandoned_greeting','abandoned_queue','abandoned_ringing','queue_full',
  'nobody_signed_in','number_unknown','seat_no_answer','busy','no_answer','rejected','unreachable','cancelled','failed'));
alter table calls drop constraint calls_state_check;
alter table calls add constraint calls_state_check check (state in
  ('greeting','waiting','ringing','talking','transferring','dismissing','dialing_seat','dialing_party','ended'));
drop table caller_rules;
alter table not_ready_reasons drop column version;
alter table numbers drop column version, drop column priority;
alter table queues drop column repeat_within_min, drop column callback_offer_after_sec, drop column night_queue_id, drop column hours_code,
  drop column overflow_waiting, drop column overflow_after_sec, drop column overflow_queue_id, drop column skills, drop column strategy;
drop table opening_hours, calendar_days, operator_skills, skills;
