-- Up Migration
-- Messages to citizens, on their way or sent. Number and text are sealed (a text holds a link that opens without a login); `next_attempt_at` of one that
-- is being sent is when its sender is taken for dead.
create table sms_messages (
  id uuid primary key,
  purpose text not null check (purpose <> ''),
  subject_id uuid not null,
  round integer not null default 1,
  sealed bytea not null,
  key_id text not null,
  state text not null check (state in ('queued','sending','sent','delivered','failed','expired')),
  attempts integer not null default 0 check (attempts >= 0),
  next_attempt_at timestamptz,
  gateway text,
  gateway_message_id text,
  error text,
  created_at timestamptz not null,
  sent_at timestamptz,
  reported_at timestamptz,
  expires_at timestamptz not null,
  unique (purpose, subject_id, round),
  check ((next_attempt_at is not null) = (state in ('queued','sending')))
);
create index sms_messages_due on sms_messages (next_attempt_at) where next_attempt_at is not null;
create index sms_messages_report on sms_messages (gateway, gateway_message_id) where gateway_message_id is not null;
create index sms_messages_failed on sms_messages (id) where state = 'failed';

-- Down Migration
drop table sms_messages;
