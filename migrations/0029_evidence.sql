-- Up Migration
-- Evidence (佐证) that a unit puts to a case: photographs, documents. The bytes lie in the folder of files, by `path`.
create table case_evidence (
  id uuid primary key,
  case_id uuid not null references cases,
  case_unit_id uuid not null references case_units,
  user_id uuid not null references users,
  at timestamptz not null,
  name text not null check (name <> ''),
  media_type text not null,
  bytes bigint not null check (bytes > 0),
  sha256 bytea not null,
  path text not null,
  removed_at timestamptz,
  removed_by uuid references users,
  check ((removed_at is null) = (removed_by is null))
);
create index case_evidence_case on case_evidence (case_id, at);

-- Down Migration
drop table case_evidence;
