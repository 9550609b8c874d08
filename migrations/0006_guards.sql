-- Up Migration
-- Failed logins count by login and address: a stranger elsewhere locks nobody out, and a login that does not exist is locked
-- like one that does. The login is a hash, for people type their password there.
create table login_attempts (
  login_hash bytea not null,
  ip inet not null,
  failures integer not null check (failures >= 1),
  locked_until timestamptz,
  last_at timestamptz not null,
  primary key (login_hash, ip)
);
alter table users drop column failed_logins, drop column locked_until;

alter table users add check (version > 0);
alter table api_tokens add check (permissions <@ array['call.read','case.read','seat.read','queue.read','metrics.read']);
alter table audit_log add check (action <> '');

-- What is closed says since when, what is open does not.
alter table cases add check ((closed_at is not null) = (state in ('answered','declined','handed_over','closed','archived')));
-- Numbers are matched as text, so each kind has one form.
alter table case_identities add check (case phone_kind
  when 'mobile' then phone ~ '^1[3-9]\d{9}$'
  when 'landline' then phone ~ '^0\d{9,11}$'
  when 'short' then phone ~ '^[1-9]\d{2,5}$'
  when 'international' then phone ~ '^00\d{2,20}$'
  else phone is null end);
alter table case_events
  alter column to_state set not null,
  add check (type <> ''),
  add check ((from_state is null) = (type = 'opened')),
  add check (from_state in ('draft','needs_info','declined','answered','handed_over','pending_dispatch','dispatched',
    'return_requested','disputed','in_progress','extension_requested','suspended','feedback','callback','rework','closed','archived')),
  add check (to_state in ('draft','needs_info','declined','answered','handed_over','pending_dispatch','dispatched',
    'return_requested','disputed','in_progress','extension_requested','suspended','feedback','callback','rework','closed','archived'));
alter table case_drafts
  add check (base_version > 0),
  add check (jsonb_typeof(fields) = 'object');

-- Down Migration
alter table case_drafts drop constraint case_drafts_base_version_check, drop constraint case_drafts_fields_check;
alter table case_events drop constraint case_events_type_check, drop constraint case_events_check, drop constraint case_events_from_state_check,
  drop constraint case_events_to_state_check, alter column to_state drop not null;
alter table case_identities drop constraint case_identities_check1;
alter table cases drop constraint cases_check5;
alter table audit_log drop constraint audit_log_action_check;
alter table api_tokens drop constraint api_tokens_permissions_check1;
alter table users drop constraint users_version_check;
alter table users add column failed_logins integer not null default 0 check (failed_logins >= 0), add column locked_until timestamptz;
drop table login_attempts;
