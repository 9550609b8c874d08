-- Up Migration
-- Urging (催办): a reminder by a person or by the clock (`user_id` null). `asked_by`: whose wish it was.
create table case_urges (
  id uuid primary key,
  case_id uuid not null references cases,
  at timestamptz not null,
  asked_by text not null check (asked_by in ('citizen','hotline','clock')),
  user_id uuid references users,
  note text not null check (note <> ''),
  check ((asked_by = 'clock') = (user_id is null))
);
create index case_urges_case on case_urges (case_id, at);

-- A supervision order (督办) with a deadline of its own; opened by a person, or by the clock when the case turned red. One is open at a time.
create table case_orders (
  id uuid primary key,
  case_id uuid not null references cases,
  opened_at timestamptz not null,
  opened_by uuid references users,
  reason text not null check (reason <> ''),
  due_at timestamptz not null,
  answered_at timestamptz,
  answered_by uuid references users,
  answer text,
  closed_at timestamptz,
  closed_by uuid references users,
  closing_note text,
  escalated_at timestamptz,
  check ((answered_at is null) = (answer is null)),
  check (closed_at is null or closing_note is not null)
);
create unique index case_orders_open on case_orders (case_id) where closed_at is null;
create index case_orders_case on case_orders (case_id, opened_at);

-- Somebody of the hotline went there (现场督办).
create table case_visits (
  id uuid primary key,
  case_id uuid not null references cases,
  user_id uuid not null references users,
  visited_at timestamptz not null,
  place text not null check (place <> ''),
  found text not null check (found <> ''),
  written_at timestamptz not null
);
create index case_visits_case on case_visits (case_id, visited_at);

-- A leader's instruction (批示), followed up by `follower_id` until it is done.
create table case_instructions (
  id uuid primary key,
  case_id uuid not null references cases,
  leader_id uuid not null references users,
  at timestamptz not null,
  words text not null check (words <> ''),
  follower_id uuid not null references users,
  due_at timestamptz not null,
  reported_at timestamptz,
  report text,
  check ((reported_at is null) = (report is null))
);
create index case_instructions_case on case_instructions (case_id, at);

-- A warning slip (预警单): an unhappy citizen, a case that threatens to go wrong.
create table case_warnings (
  id uuid primary key,
  case_id uuid not null references cases,
  unit_id uuid not null references units,
  at timestamptz not null,
  user_id uuid references users,
  reason text not null check (reason <> '')
);
create index case_warnings_case on case_warnings (case_id, at);

alter table case_alarms drop constraint case_alarms_kind_check,
  add check (kind in ('yellow','red','sign','contact','decision','review','supervision','callback','instruction'));

-- Down Migration
delete from case_alarms where kind = 'instruction';
alter table case_alarms drop constraint case_alarms_kind_check, add check (kind in ('yellow','red','sign','contact','decision','review','supervision','callback'));
drop table case_warnings, case_instructions, case_visits, case_orders, case_urges;
