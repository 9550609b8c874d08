-- Up Migration
-- Every change of the configuration, with the row before and after it (null: not there); nothing secret stands in it. Append-only.
create table configuration_changes (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  user_id uuid not null references users,
  kind text not null check (kind <> ''),
  key text not null check (key <> ''),
  before jsonb,
  after jsonb,
  -- Of the row, by this change; goes on counting when a row is removed and made anew, so that an old edit never fits a new row.
  version integer not null check (version > 0),
  undoes bigint references configuration_changes,
  check (before is not null or after is not null)
);
create index configuration_changes_row on configuration_changes (kind, key, id);
create index configuration_changes_user on configuration_changes (user_id, id);
create trigger configuration_changes_append_only before update or delete or truncate on configuration_changes
  for each statement execute function refuse_change();
-- Up to which change the telephone system has followed.
create table provisioning (
  is_only boolean primary key default true check (is_only),
  change_id bigint not null default 0
);
insert into provisioning default values;

-- What is over may name what the configuration has no more; what is alive may not.
alter table calls drop constraint calls_queue_id_fkey;
alter table call_legs drop constraint call_legs_directory_code_fkey;
create function require_queue() returns trigger language plpgsql as $$
begin
  -- The lock keeps the queue until the call is committed, as a foreign key would.
  perform from queues where id = new.queue_id for key share;
  if not found then
    raise foreign_key_violation using message = format('the queue %s of a live call does not exist', new.queue_id);
  end if;
  return new;
end $$;
create trigger calls_queue_new before insert on calls for each row
  when (new.queue_id is not null and new.state <> 'ended') execute function require_queue();
create trigger calls_queue_changed before update on calls for each row
  when (new.queue_id is distinct from old.queue_id and new.queue_id is not null and new.state <> 'ended') execute function require_queue();

-- A seat that was removed keeps its row, for calls and events name it; its number may be given again.
alter table seats
  add column removed_at timestamptz,
  add column disabled_at timestamptz,
  add column password_set_at timestamptz not null default now(),
  -- `version` counts the seat's states; this one what an admin changes.
  add column configuration_version integer not null default 1 check (configuration_version > 0),
  add check (state = 'signed_out' or removed_at is null);
create view seat_configuration as
  select s.id, array(select q.queue_id from queue_seats q where q.seat_id = s.id order by 1) as queue_ids,
    s.disabled_at is null as is_enabled, s.password_set_at, s.configuration_version as version
  from seats s where s.removed_at is null;

-- What callers hear: a text, spoken at set-up, or a recording that was uploaded.
create table prompt_recordings (
  sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  audio bytea not null,
  ms integer not null check (ms > 0),
  created_at timestamptz not null
);
create table prompts (
  key text primary key check (key ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
  text text not null default '',
  -- The set-up speaks the text; without it, only a recording can be heard.
  is_spoken boolean not null default false,
  recording_sha256 text references prompt_recordings,
  version integer not null default 1 check (version > 0)
);

-- Down Migration
drop table prompts, prompt_recordings;
drop view seat_configuration;
delete from seats where removed_at is not null;
alter table seats drop constraint seats_check4, drop column configuration_version, drop column password_set_at, drop column disabled_at, drop column removed_at;
drop trigger calls_queue_changed on calls;
drop trigger calls_queue_new on calls;
drop function require_queue;
alter table call_legs add constraint call_legs_directory_code_fkey foreign key (directory_code) references directory_entries;
alter table calls add constraint calls_queue_id_fkey foreign key (queue_id) references queues;
drop table provisioning, configuration_changes;
