-- Up Migration
-- Several callers, one matter (重复件). A merged case waits for the one it went into, and ends with it; one that is linked stands beside another.
alter table cases drop constraint cases_state_check;
alter table cases add constraint cases_state_check check (state in ('draft','needs_info','declined','answered','handed_over','pending_dispatch','dispatched','return_requested','disputed','in_progress',
  'extension_requested','suspended','feedback','callback','rework','closed','archived','merged')),
  add constraint cases_merged check (state <> 'merged' or merged_into_id is not null);
alter table case_events drop constraint case_events_from_state_check, drop constraint case_events_to_state_check;
alter table case_events add constraint case_events_from_state_check check (from_state in ('draft','needs_info','declined','answered','handed_over','pending_dispatch','dispatched','return_requested','disputed','in_progress',
  'extension_requested','suspended','feedback','callback','rework','closed','archived','merged')),
  add constraint case_events_to_state_check check (to_state in ('draft','needs_info','declined','answered','handed_over','pending_dispatch','dispatched','return_requested','disputed','in_progress',
  'extension_requested','suspended','feedback','callback','rework','closed','archived','merged'));
create index cases_merged_into on cases (merged_into_id, id) where merged_into_id is not null;
create table case_links (
  case_id uuid not null references cases,
  other_id uuid not null references cases,
  at timestamptz not null,
  user_id uuid references users,
  primary key (case_id, other_id),
  check (case_id < other_id)
);
create index case_links_other on case_links (other_id);

-- A joint conference (联席会议): one act fixes owner and deadline of many cases.
create table conferences (
  id uuid primary key,
  held_at timestamptz not null,
  user_id uuid not null references users,
  minutes text not null check (minutes <> ''),
  participants text not null default '',
  lead_unit_id uuid not null references units,
  due_at timestamptz not null
);
create table conference_cases (
  conference_id uuid not null references conferences,
  case_id uuid not null references cases,
  primary key (conference_id, case_id)
);
create index conference_cases_case on conference_cases (case_id);

-- Down Migration
drop table conference_cases, conferences, case_links;
drop index cases_merged_into;
update cases set state = 'pending_dispatch', merged_into_id = null where state = 'merged';
alter table cases drop constraint cases_merged, drop constraint cases_state_check;
alter table cases add constraint cases_state_check check (state in ('draft','needs_info','declined','answered','handed_over','pending_dispatch','dispatched','return_requested','disputed','in_progress',
  'extension_requested','suspended','feedback','callback','rework','closed','archived'));
delete from case_events where from_state = 'merged' or to_state = 'merged';
alter table case_events drop constraint case_events_from_state_check, drop constraint case_events_to_state_check;
alter table case_events add constraint case_events_from_state_check check (from_state in ('draft','needs_info','declined','answered','handed_over','pending_dispatch','dispatched','return_requested','disputed','in_progress',
  'extension_requested','suspended','feedback','callback','rework','closed','archived')),
  add constraint case_events_to_state_check check (to_state in ('draft','needs_info','declined','answered','handed_over','pending_dispatch','dispatched','return_requested','disputed','in_progress',
  'extension_requested','suspended','feedback','callback','rework','closed','archived'));
