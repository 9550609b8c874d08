-- Up Migration
-- How long recordings are kept. The longest class that a call's case falls under counts; `ordinary` takes every one.
create table recording_classes (
  code text primary key check (code ~ '^[a-z0-9][a-z0-9-]{0,31}$'),
  name_zh text not null check (name_zh <> ''),
  name_en text not null check (name_en <> ''),
  keep_days integer not null check (keep_days between 1 and 36500),
  case_types text[] not null default '{}' check (case_types <@ array['inquiry','help','suggestion','complaint','report','praise','other']),
  is_for_confidential boolean not null default false,
  version integer not null default 1 check (version > 0)
);
insert into recording_classes (code, name_zh, name_en, keep_days, case_types, is_for_confidential) values
  ('ordinary', '普通通话', 'Ordinary', 180, '{}', false),
  ('complaint', '投诉', 'Complaint', 730, '{complaint}', false),
  ('report', '举报与保密', 'Report, confidential', 1095, '{report}', true);

alter table recordings
  add column channels smallint not null default 1 check (channels in (1, 2)),
  add column duration_ms integer check (duration_ms >= 0),
  -- Why there is none; only while nothing is stored.
  add column failure text check (failure in ('disk_full','not_started','no_file')),
  -- When a step that failed is tried again.
  add column retry_at timestamptz,
  -- What Asterisk wrote is still there beside what is stored.
  add column is_raw_left boolean not null default false,
  add column checked_at timestamptz,
  -- Found missing or changed by the slow check; reported once.
  add column damaged_at timestamptz,
  -- Given by a person; null: by the case as it is now.
  add column class_code text references recording_classes,
  add column held_at timestamptz,
  add column held_by uuid references users,
  add column hold_reason text,
  add column deleted_at timestamptz,
  add check (stored_at is null or failure is null),
  add check ((held_at is null) = (held_by is null) and (held_at is null) = (hold_reason is null)),
  add check (held_at is null or deleted_at is null);
update recordings set checked_at = stored_at, failure = null;
alter table recordings alter column channels set default 2;
create index recordings_unstored on recordings (started_at) where stored_at is null and failure is null;
create index recordings_raw_left on recordings (call_id) where is_raw_left;
create index recordings_kept on recordings (started_at) where stored_at is not null and deleted_at is null and held_at is null;
create index recordings_checked on recordings (checked_at) where stored_at is not null and deleted_at is null and damaged_at is null;
create index recordings_failed on recordings (call_id) where failure is not null or damaged_at is not null;

-- The class of each recording and until when it is kept, always by the case and the classes as they are now.
create view recording_retention as
  select r.call_id, k.code as class_code, r.class_code is not null as is_class_given, r.started_at + make_interval(days => k.keep_days) as keep_until
  from recordings r
  join calls c on c.id = r.call_id
  left join cases s on s.id = c.case_id
  cross join lateral (select code, keep_days from recording_classes
    where case when r.class_code is not null then code = r.class_code
      else code = 'ordinary' or s.type = any(case_types) or (is_for_confidential and s.is_confidential) end
    order by keep_days desc, code limit 1) k;

-- While the citizen says secrets nothing is recorded. `ends_at` is the deadline, `ended_at` the end.
create table recording_pauses (
  id bigint generated always as identity primary key,
  call_id uuid not null references recordings,
  started_at timestamptz not null,
  ends_at timestamptz not null,
  ended_at timestamptz,
  started_by uuid references users,
  reason text check (reason in ('password','bank_card','identity','other')),
  ended_why text check (ended_why in ('operator','time','operator_left','failed')),
  check ((ended_at is null) = (ended_why is null))
);
create unique index recording_pauses_open on recording_pauses (call_id) where ended_at is null;
create index recording_pauses_call on recording_pauses (call_id, id);

-- Who listened last and when: requests of one listening are one line of the audit.
create table recording_listens (
  call_id uuid not null references recordings,
  user_id uuid not null references users,
  began_at timestamptz not null,
  reason text,
  primary key (call_id, user_id)
);

-- What was deleted, each row with the hash of the one before: none can be changed, left out or put in without a trace.
create table recording_deletions (
  id bigint generated always as identity primary key,
  call_id uuid not null unique references recordings,
  deleted_at timestamptz not null,
  deleted_by uuid references users,
  reason text not null check (reason <> ''),
  bytes bigint not null,
  sha256 bytea not null,
  previous_hash bytea not null,
  hash bytea not null unique
);
create trigger recording_deletions_append_only before update or delete or truncate on recording_deletions
  for each statement execute function refuse_change();

-- Down Migration
drop table recording_deletions, recording_listens, recording_pauses;
drop view recording_retention;
alter table recordings
  drop column deleted_at, drop column hold_reason, drop column held_by, drop column held_at, drop column class_code, drop column damaged_at,
  drop column checked_at, drop column is_raw_left, drop column retry_at, drop column failure, drop column duration_ms, drop column channels;
drop table recording_classes;
