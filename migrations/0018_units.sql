-- Up Migration
-- The tree of government units: city → department or district → township or street → community; the offices of the province and of the state, and utilities beside them.
create table units (
  id uuid primary key,
  code text not null unique check (code ~ '^[A-Za-z0-9][A-Za-z0-9-]{0,31}$'),
  name_zh text not null check (name_zh <> ''),
  name_en text,
  kind text not null check (kind in ('city','department','district','township','street','community','province','state','utility','other')),
  parent_id uuid references units,
  district_code text references districts,
  position integer not null default 0,
  opened_at timestamptz not null,
  closed_at timestamptz,
  version integer not null default 1 check (version > 0),
  check (parent_id <> id)
);
create index units_parent on units (parent_id);

-- Every unit with all that stand above it, and with itself at depth 0: who is below whom is one look.
create table unit_ancestors (
  unit_id uuid not null references units,
  ancestor_id uuid not null references units,
  depth integer not null check (depth >= 0),
  primary key (unit_id, ancestor_id),
  check ((depth = 0) = (unit_id = ancestor_id))
);
create index unit_ancestors_below on unit_ancestors (ancestor_id, unit_id);

-- Who works for a unit sees what is the unit's and what is below it.
alter table users add column unit_id uuid references units;
create index users_unit on users (unit_id) where unit_id is not null;

-- Down Migration
alter table users drop column unit_id;
drop table unit_ancestors, units;
