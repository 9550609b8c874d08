-- Up Migration
-- The case after the desk. Its total clock runs from `dispatched_at` to `due_at`; only a suspension or a granted extension moves it. `warn_at`: yellow from then on.
alter table cases
  add column proposal text,
  add column about_unit_id uuid references units,
  add column lead_unit_id uuid references units,
  add column is_supervised boolean not null default false,
  add column is_complex boolean not null default false,
  add column deadline_code text,
  add column dispatched_at timestamptz,
  add column warn_at timestamptz,
  add column due_at timestamptz,
  add column stopped_at timestamptz,
  add column review_at timestamptz,
  add column return_count integer not null default 0 check (return_count between 0 and 2),
  add column rework_count integer not null default 0 check (rework_count >= 0),
  add column outcome text check (outcome in ('solved','partly_solved','explained','adopted','not_adopted','answered')),
  add column public_reply text,
  add column explanation text,
  add column replied_at timestamptz,
  add column merged_into_id uuid references cases,
  add column archived_at timestamptz,
  add check ((state = 'suspended') = (stopped_at is not null)),
  add check (state <> 'suspended' or review_at is not null),
  add check (state not in ('dispatched','return_requested','in_progress','extension_requested','suspended','feedback','rework') or lead_unit_id is not null),
  add check ((due_at is null) = (dispatched_at is null)),
  -- None is closed without a reply or a recorded explanation (rule 2); a merged case gets that of the case it went into.
  add check (state not in ('closed') or public_reply is not null or explanation is not null or merged_into_id is not null),
  add check ((archived_at is not null) = (state = 'archived')),
  add check (merged_into_id <> id);
alter table cases drop constraint cases_callback_reason_check, add check (callback_reason in ('abandoned','survey','feedback'));
create index cases_due on cases (due_at, id) where closed_at is null and due_at is not null;
create index cases_lead_unit on cases (lead_unit_id, id);

-- A unit's part in a case, one row each time it arrives there: the unit's own clocks are columns here. `parent_id`: who passed it on.
create table case_units (
  id uuid primary key,
  case_id uuid not null references cases,
  unit_id uuid not null references units,
  role text not null check (role in ('lead','helper')),
  parent_id uuid references case_units,
  arrived_at timestamptz not null,
  sign_due_at timestamptz not null,
  signed_at timestamptz,
  signed_by uuid references users,
  contact_due_at timestamptz,
  contacted_at timestamptz,
  due_at timestamptz not null,
  ended_at timestamptz,
  ended_why text check (ended_why in ('handed_in','returned','recalled','replaced','closed')),
  check ((ended_at is null) = (ended_why is null))
);
create index case_units_case on case_units (case_id, arrived_at);
create index case_units_unit on case_units (unit_id, case_id) where ended_at is null;
create unique index case_units_once on case_units (case_id, unit_id) where ended_at is null;

-- What waits for somebody's decision, and what was decided.
create table case_requests (
  id uuid primary key,
  case_id uuid not null references cases,
  kind text not null check (kind in ('return','extension','suspension','submission','review')),
  case_unit_id uuid references case_units,
  asked_by uuid references users,
  asked_at timestamptz not null,
  reason text not null check (reason <> ''),
  legal_basis text,
  wanted_until timestamptz,
  decide_by timestamptz,
  decided_at timestamptz,
  decided_by uuid references users,
  is_granted boolean,
  note text,
  check ((decided_at is null) = (is_granted is null)),
  check (kind <> 'return' or legal_basis is not null)
);
create index case_requests_case on case_requests (case_id, asked_at);
create unique index case_requests_open on case_requests (case_id, kind) where decided_at is null;

-- What a unit handed in, each time; `review` is the reviewer's word.
create table case_feedbacks (
  id uuid primary key,
  case_id uuid not null references cases,
  case_unit_id uuid not null references case_units,
  at timestamptz not null,
  user_id uuid not null references users,
  outcome text not null check (outcome in ('solved','partly_solved','explained','adopted','not_adopted','answered')),
  public_reply text not null check (public_reply <> ''),
  internal_note text,
  reviewed_at timestamptz,
  reviewed_by uuid references users,
  is_accepted boolean,
  review_note text,
  check ((reviewed_at is null) = (is_accepted is null))
);
create index case_feedbacks_case on case_feedbacks (case_id, at);

-- Alarms of a case: the deadline is here, BullMQ rings it, the sweep rings what was missed; `rung_at` is written in the transaction that acts on it, so none acts twice.
create table case_alarms (
  id uuid primary key,
  case_id uuid not null references cases,
  case_unit_id uuid references case_units,
  kind text not null check (kind in ('yellow','red','sign','contact','decision','review','supervision','callback')),
  at timestamptz not null,
  rung_at timestamptz,
  is_off boolean not null default false
);
create index case_alarms_due on case_alarms (at) where rung_at is null and not is_off;
create index case_alarms_case on case_alarms (case_id);

-- Down Migration
drop table case_alarms, case_feedbacks, case_requests, case_units;
delete from cases where callback_reason = 'feedback';
alter table cases drop constraint cases_callback_reason_check, add check (callback_reason in ('abandoned','survey'));
alter table cases
  drop column proposal, drop column about_unit_id, drop column lead_unit_id, drop column is_supervised, drop column is_complex, drop column deadline_code,
  drop column dispatched_at, drop column warn_at, drop column due_at, drop column stopped_at, drop column review_at, drop column return_count, drop column rework_count,
  drop column outcome, drop column public_reply, drop column explanation, drop column replied_at, drop column merged_into_id, drop column archived_at;
