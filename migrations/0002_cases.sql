-- Up Migration
create table case_categories (
  code text primary key check (code ~ '^[a-z0-9-]+$'),
  parent_code text references case_categories,
  name_zh text not null,
  name_en text not null,
  position integer not null default 0
);
create table districts (
  code text primary key,
  name_zh text not null,
  name_en text not null,
  position integer not null default 0
);

-- One row a day; its lock makes the numbers of a day gapless: a rolled-back transaction takes its number back.
create table case_counters (
  day date primary key,
  last integer not null check (last between 1 and 999999)
);

create table cases (
  id uuid primary key,
  number text not null unique check (number ~ '^\d{8}-\d{6}$'),
  state text not null check (state in ('draft','needs_info','declined','answered','handed_over','pending_dispatch',
    'dispatched','return_requested','disputed','in_progress','extension_requested','suspended','feedback','callback',
    'rework','closed','archived')),
  callback_reason text check (callback_reason in ('abandoned','survey')),
  channel text not null check (channel in ('phone','web','wechat','app','sms','mail','visit','letter','province')),
  type text check (type in ('inquiry','help','suggestion','complaint','report','praise','other')),
  category_code text references case_categories,
  district_code text references districts,
  urgency text not null default 'normal' check (urgency in ('normal','urgent','life_danger')),
  is_confidential boolean not null default false,
  occurred_at timestamptz,
  occurred_text text,
  place text,
  cause text,
  course text,
  answer text,
  declined_reason text,
  referred_to text,
  handed_to text check (handed_to in ('110','119','120','122')),
  opened_at timestamptz not null,
  closed_at timestamptz,
  updated_at timestamptz not null,
  owner_id uuid references users,
  call_id uuid,
  version integer not null default 1 check (version > 0),
  check ((state = 'callback') = (callback_reason is not null)),
  check (state <> 'answered' or answer is not null),
  check (state <> 'declined' or (declined_reason is not null and referred_to is not null)),
  check (state <> 'handed_over' or handed_to is not null),
  check (type is distinct from 'report' or is_confidential)
);
create index cases_state on cases (state, id);
create index cases_owner on cases (owner_id, id);
create index cases_call on cases (call_id);

-- Who the citizen is stands apart from what was said (confidential cases).
create table case_identities (
  case_id uuid primary key references cases on delete cascade,
  citizen_name text,
  phone_raw text not null default '',
  phone text,
  phone_kind text not null check (phone_kind in ('mobile','landline','short','international','withheld','unknown')),
  check ((phone is null) = (phone_kind in ('withheld','unknown')))
);
create index case_identities_phone on case_identities (phone, case_id) where phone is not null;

create table case_events (
  id bigint generated always as identity primary key,
  case_id uuid not null references cases,
  at timestamptz not null,
  type text not null,
  user_id uuid references users,
  from_state text,
  to_state text,
  data jsonb not null default '{}'
);
create index case_events_case on case_events (case_id, id);

-- What an operator typed and has not saved yet: one a case and operator, overwritten by each autosave.
create table case_drafts (
  case_id uuid not null references cases,
  user_id uuid not null references users,
  base_version integer not null,
  fields jsonb not null,
  saved_at timestamptz not null,
  primary key (case_id, user_id)
);

-- Down Migration
drop table case_drafts, case_events, case_identities, cases, case_counters, districts, case_categories;
