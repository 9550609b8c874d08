-- Up Migration
-- What an open case waits for next, null once it is closed: one order for all lists of open cases. While the clock stands still it is the review.
alter table cases add column next_due_at timestamptz generated always as (case
  when closed_at is not null then null
  when stopped_at is not null then coalesce(review_at, 'infinity'::timestamptz)
  else coalesce(due_at, 'infinity'::timestamptz) end) stored;
create index cases_open_due on cases (next_due_at, id) where closed_at is null;
create index cases_open_state on cases (state, next_due_at, id) where closed_at is null;
create index cases_open_owner on cases (owner_id, next_due_at, id) where closed_at is null;
create index cases_category on cases (category_code, id);
create index cases_district on cases (district_code, id);
create index cases_rare_channel on cases (channel, id) where channel <> 'phone';
create index cases_rare_urgency on cases (urgency, id) where urgency <> 'normal';
create index case_units_history on case_units (unit_id, case_id);
create index case_units_signed on case_units (signed_by, case_id) where ended_at is null and signed_by is not null;
create index case_requests_waiting on case_requests (kind, case_id) where decided_at is null;

-- What a case says, as words-rules.ts cuts it, without who the citizen is. Apart from `cases`: an act that changes no words touches no GIN index.
-- No pending list: each search would have to read it, and whoever fills it up would pay for all.
create table case_words (
  case_id uuid primary key references cases on delete cascade,
  words text[] not null
);
create index case_words_words on case_words using gin (words) with (fastupdate = off);
alter table case_words alter column words set statistics 500;

-- Work on rows that were there before: how far it is, and that it is done.
create table backfills (
  name text primary key,
  after_id uuid,
  done_at timestamptz
);
insert into backfills (name) values ('case-words');

-- A filter somebody keeps; `is_shared`: for everybody of the same unit (for the hotline's own people, who have none: for them all).
create table case_filters (
  id uuid primary key,
  user_id uuid not null references users,
  name text not null check (name <> ''),
  filter jsonb not null check (jsonb_typeof(filter) = 'object'),
  is_shared boolean not null default false,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  version integer not null default 1 check (version > 0),
  unique (user_id, name)
);

-- Down Migration
drop table case_filters, backfills, case_words;
drop index case_requests_waiting, case_units_signed, case_units_history, cases_rare_urgency, cases_rare_channel, cases_district, cases_category;
alter table cases drop column next_due_at;
