-- Up Migration
create table queues (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,31}$'),
  name text not null,
  max_waiting integer not null default 200 check (max_waiting >= 0),
  ring_timeout_sec integer not null default 20 check (ring_timeout_sec between 3 and 120),
  wrap_up_sec integer not null default 30 check (wrap_up_sec between 0 and 600),
  announce_every_sec integer not null default 30 check (announce_every_sec = 0 or announce_every_sec >= 10),
  music_class text not null default 'default',
  version integer not null default 1
);
create table numbers (
  number text primary key check (number ~ '^\+?[0-9]{2,20}$'),
  queue_id text not null references queues,
  greeting_prompts text[] not null default '{recording-notice,greeting}'
);

create table not_ready_reasons (
  code text primary key check (code ~ '^[a-z_]+$'),
  name_zh text not null,
  name_en text not null,
  is_selectable boolean not null default true,
  position integer not null default 0
);
create table seats (
  id text primary key check (id ~ '^[0-9]{3,6}$'),
  sip_digest text not null,
  state text not null default 'signed_out' check (state in ('signed_out','not_ready','ready','reserved','ringing','on_call','wrap_up')),
  state_since timestamptz not null,
  idle_since timestamptz,
  operator_id uuid unique references users,
  not_ready_reason text references not_ready_reasons,
  call_id uuid,
  wrap_up_until timestamptz,
  wrap_up_extended boolean not null default false,
  is_registered boolean not null default false,
  registered_changed_at timestamptz,
  version integer not null default 1,
  check ((state = 'signed_out') = (operator_id is null)),
  check ((state = 'not_ready') = (not_ready_reason is not null)),
  check ((state in ('reserved','ringing','on_call')) = (call_id is not null)),
  check ((state = 'wrap_up') = (wrap_up_until is not null))
);
create index seats_ready on seats (idle_since) where state = 'ready' and is_registered;
create table queue_seats (
  queue_id text not null references queues on delete cascade,
  seat_id text not null references seats on delete cascade,
  primary key (queue_id, seat_id)
);
create table seat_events (
  id bigint generated always as identity primary key,
  seat_id text not null references seats,
  at timestamptz not null,
  event text not null,
  from_state text not null,
  to_state text not null,
  operator_id uuid references users,
  reason text,
  call_id uuid
);
create index seat_events_seat on seat_events (seat_id, id);

create table calls (
  id uuid primary key,
  direction text not null check (direction in ('inbound','outbound')),
  state text not null check (state in ('greeting','waiting','ringing','talking','dismissing','dialing_seat','dialing_party','ended')),
  called_number text not null,
  caller_raw text not null default '',
  caller_number text,
  caller_kind text not null check (caller_kind in ('mobile','landline','short','international','withheld','unknown')),
  queue_id text references queues,
  case_id uuid references cases,
  seat_id text references seats,
  operator_id uuid references users,
  offered_at timestamptz not null,
  answered_at timestamptz,
  queued_at timestamptz,
  ringing_at timestamptz,
  connected_at timestamptz,
  ended_at timestamptz,
  wrap_up_ended_at timestamptz,
  ring_deadline_at timestamptz,
  announce_at timestamptz,
  playback_id text,
  outcome text check (outcome in ('answered','abandoned_greeting','abandoned_queue','abandoned_ringing','queue_full',
    'nobody_signed_in','number_unknown','seat_no_answer','busy','no_answer','rejected','unreachable','cancelled','failed')),
  ended_by text check (ended_by in ('citizen','operator','system')),
  version integer not null default 1,
  check ((state = 'ended') = (ended_at is not null)),
  check ((state in ('ended','dismissing')) = (outcome is not null)),
  check (case_id is not null or outcome = 'number_unknown'),
  check (state not in ('ringing','talking') or seat_id is not null)
);
create index calls_waiting on calls (queue_id, queued_at) where state = 'waiting';
create index calls_live on calls (id) where state <> 'ended';
create index calls_case on calls (case_id);
create index calls_caller on calls (caller_number, offered_at);
alter table cases add foreign key (call_id) references calls deferrable initially deferred;
alter table seats add foreign key (call_id) references calls;

-- Every channel of a call. An operator's leg is also the record of one offer to one seat.
create table call_legs (
  id text primary key,
  call_id uuid not null references calls,
  role text not null check (role in ('citizen','operator','unit','supervisor')),
  seat_id text references seats,
  operator_id uuid references users,
  number text,
  state text not null check (state in ('dialing','up','ended')),
  started_at timestamptz not null,
  ringing_at timestamptz,
  answered_at timestamptz,
  ended_at timestamptz,
  outcome text check (outcome in ('answered','declined','busy','no_answer','unreachable','cancelled')),
  hangup_cause integer,
  check ((state = 'ended') = (ended_at is not null))
);
create index call_legs_call on call_legs (call_id);
create index call_legs_live on call_legs (id) where state <> 'ended';

create table call_events (
  id bigint generated always as identity primary key,
  call_id uuid not null references calls,
  at timestamptz not null,
  type text not null,
  from_state text,
  to_state text not null,
  data jsonb not null default '{}'
);
create index call_events_call on call_events (call_id, id);

create table recordings (
  call_id uuid primary key references calls,
  path text not null unique,
  started_at timestamptz not null,
  stored_at timestamptz,
  bytes bigint check (bytes >= 0),
  sha256 bytea
);

-- Down Migration
alter table seats drop constraint seats_call_id_fkey;
alter table cases drop constraint cases_call_id_fkey;
drop table recordings, call_events, call_legs, calls, seat_events, queue_seats, seats, not_ready_reasons, numbers, queues;
