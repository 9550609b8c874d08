-- Up Migration
-- Every look at who a citizen is, written before it is shown; each row follows from the one before by its hash.
create table identity_looks (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  user_id uuid references users,
  token_id uuid,
  case_id uuid not null references cases,
  reason text not null check (reason <> ''),
  shown text[] not null check (cardinality(shown) > 0),
  request_id text,
  previous_hash bytea not null,
  hash bytea not null unique
);
create index identity_looks_case on identity_looks (case_id, id);
create index identity_looks_user on identity_looks (user_id, id);
create trigger identity_looks_append_only before update or delete or truncate on identity_looks
  for each statement execute function refuse_change();

-- Down Migration
drop table identity_looks;
