-- Up Migration
-- A supervisor on a call. listen: hears what the operator hears. whisper: the operator hears the supervisor, too. barge: one of the talk.
alter table call_legs
  add column mode text check (mode in ('listen','whisper','barge')),
  add check ((role = 'supervisor') = (mode is not null));
-- One supervisor a call.
create unique index call_legs_supervisor on call_legs (call_id) where role = 'supervisor' and state <> 'ended';

-- Who listened to whose talk without being one of it; who barged in stands in call_talks.
create table call_listens (
  id bigint generated always as identity primary key,
  call_id uuid not null references calls,
  leg_id text not null references call_legs,
  -- The operator's leg; the listener heard what it heard.
  heard_leg_id text not null references call_legs,
  mode text not null check (mode in ('listen','whisper')),
  started_at timestamptz not null,
  ended_at timestamptz check (ended_at >= started_at)
);
create unique index call_listens_open on call_listens (call_id) where ended_at is null;
create index call_listens_call on call_listens (call_id, id);

-- What a seat becomes when its call ends, instead of wrap-up: a supervisor said so, or it was not ready before it supervised.
alter table seats
  add column pending_state text check (pending_state in ('signed_out','not_ready','ready')),
  add column pending_reason text references not_ready_reasons,
  add column pending_by uuid references users,
  add check (pending_state is null or call_id is not null),
  add check ((pending_state is not distinct from 'not_ready') = (pending_reason is not null)),
  add check (pending_by is null or pending_state is not null);
alter table seat_events add column forced_by uuid references users;
insert into not_ready_reasons (code, name_zh, name_en, is_selectable, position) values ('forced', '班长置忙', 'Set by a supervisor', false, 90)
  on conflict (code) do nothing;

-- The operator said that the citizen abuses; from then on a polite way out is open.
alter table calls add column abuse_at timestamptz;

-- help: an operator asks for a supervisor. abuse: a citizen abuses an operator.
create table supervisor_alerts (
  id uuid primary key,
  kind text not null check (kind in ('help','abuse')),
  call_id uuid references calls,
  seat_id text references seats,
  operator_id uuid not null references users,
  note text not null default '' check (length(note) <= 500),
  raised_at timestamptz not null,
  taken_by uuid references users,
  taken_at timestamptz,
  resolved_by uuid references users,
  resolved_at timestamptz,
  check (kind = 'help' or call_id is not null),
  check (kind = 'abuse' or seat_id is not null),
  check ((taken_by is null) = (taken_at is null)),
  check (resolved_by is null or resolved_at is not null)
);
create unique index supervisor_alerts_help on supervisor_alerts (seat_id) where kind = 'help' and resolved_at is null;
create unique index supervisor_alerts_abuse on supervisor_alerts (call_id) where kind = 'abuse';
create index supervisor_alerts_open on supervisor_alerts ((resolved_at is null), id);

-- Leader answering days (领导接听): times of Asia/Shanghai; "24:00" is midnight. Without a seat, wherever that person sits.
create table leader_days (
  code text primary key check (code ~ '^[a-z0-9][a-z0-9-]{0,31}$'),
  day date not null,
  from_time text not null check (from_time ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
  to_time text not null check (to_time ~ '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$'),
  user_id uuid not null references users,
  seat_id text references seats,
  queue_ids text[] not null check (cardinality(queue_ids) > 0),
  version integer not null default 1 check (version > 0),
  check (from_time < to_time)
);
create index leader_days_day on leader_days (day);
alter table cases add column is_leader_answered boolean not null default false;
create index cases_leader on cases (id) where is_leader_answered;

-- Down Migration
drop index cases_leader;
alter table cases drop column is_leader_answered;
drop table leader_days, supervisor_alerts;
alter table calls drop column abuse_at;
alter table seat_events drop column forced_by;
alter table seats drop column pending_by, drop column pending_reason, drop column pending_state;
drop table call_listens;
drop index call_legs_supervisor;
alter table call_legs drop column mode;
delete from not_ready_reasons where code = 'forced' and not exists (select 1 from seats where not_ready_reason = 'forced');
