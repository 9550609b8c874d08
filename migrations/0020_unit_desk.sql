-- Up Migration
-- How a unit is reached: `phones` [{"number","note"}], `liaisons` (1–2 persons) [{"name","phone"}].
alter table units
  add column phones jsonb not null default '[]' check (jsonb_typeof(phones) = 'array'),
  add column liaisons jsonb not null default '[]' check (jsonb_typeof(liaisons) = 'array' and jsonb_array_length(liaisons) <= 2);
create index units_name on units (name_zh text_pattern_ops);

-- Who is on duty for a unit, and when.
create table unit_duties (
  id uuid primary key,
  unit_id uuid not null references units,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  name text not null check (name <> ''),
  phone text,
  check (ends_at > starts_at)
);
create index unit_duties_unit on unit_duties (unit_id, starts_at);

-- Hotline numbers that came together in 12345: merged into it, kept beside it, or served by a centre of its own. Which of them the citizen dialled stays with the case.
create table hotline_numbers (
  number text primary key check (number ~ '^[0-9]{3,12}$'),
  name_zh text not null check (name_zh <> ''),
  kind text not null check (kind in ('merged','parallel','sub_centre')),
  unit_id uuid references units,
  version integer not null default 1 check (version > 0)
);
alter table cases add column origin_number text;

-- Responsibility rules (派单目录), in versions: one is edited, one counts, all are kept. A rule without a category or district holds for all of them.
create table responsibility_versions (
  id integer primary key generated always as identity,
  created_at timestamptz not null,
  created_by uuid references users,
  note text not null default '',
  published_at timestamptz,
  published_by uuid references users
);
create unique index responsibility_draft on responsibility_versions ((published_at is null)) where published_at is null;
create table responsibility_rules (
  version_id integer not null references responsibility_versions,
  position integer not null,
  category_code text references case_categories,
  district_code text references districts,
  unit_id uuid not null references units,
  basis text not null default '',
  primary key (version_id, position)
);
create unique index responsibility_rules_once on responsibility_rules (version_id, coalesce(category_code, ''), coalesce(district_code, ''));

-- Down Migration
drop table responsibility_rules, responsibility_versions;
alter table cases drop column origin_number;
drop table hotline_numbers, unit_duties;
drop index units_name;
alter table units drop column phones, drop column liaisons;
