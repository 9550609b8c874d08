-- Up Migration
create table users (
  id uuid primary key,
  login text not null check (login ~ '^[a-z0-9][a-z0-9._-]{1,63}$'),
  display_name text not null check (length(display_name) between 1 and 100),
  password_hash text not null,
  must_change_password boolean not null default true,
  roles text[] not null check (cardinality(roles) > 0 and roles <@ array[
    'operator','supervisor','dispatcher','unit_handler','unit_head','callback','quality',
    'knowledge_editor','leader','admin','auditor']),
  ends_at timestamptz,
  disabled_at timestamptz,
  failed_logins integer not null default 0 check (failed_logins >= 0),
  locked_until timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1
);
create unique index users_login on users (login);

create table sessions (
  id uuid primary key,
  token_hash bytea not null unique,
  user_id uuid not null references users on delete cascade,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null,
  ip inet,
  user_agent text
);
create index sessions_user on sessions (user_id);

create table api_tokens (
  id uuid primary key,
  name text not null check (length(name) between 1 and 100),
  token_hash bytea not null unique,
  permissions text[] not null check (cardinality(permissions) > 0),
  created_by uuid not null references users,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  last_used_at timestamptz
);

-- Who did or looked at what. Append-only: the trigger refuses every change, the owner's too.
create table audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  user_id uuid references users,
  token_id uuid references api_tokens,
  action text not null,
  entity text,
  entity_id text,
  reason text,
  request_id text,
  ip inet,
  details jsonb not null default '{}'
);
create index audit_log_entity on audit_log (entity, entity_id, id);
create index audit_log_user on audit_log (user_id, id);
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name;
end $$;
create trigger audit_log_append_only before update or delete or truncate on audit_log
  for each statement execute function refuse_change();

-- Down Migration
drop table audit_log, api_tokens, sessions, users;
drop function refuse_change;
