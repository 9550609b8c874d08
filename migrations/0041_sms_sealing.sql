-- Up Migration
-- A message holds number and text as long as it may still be sent, and not a moment longer; of the number a keyed hash stays, by which reports are matched
-- (of messages from before there is none).
alter table sms_messages alter column sealed drop not null, alter column key_id drop not null, add column recipient_index bytea;
update sms_messages set sealed = null, key_id = null where state not in ('queued','sending');
alter table sms_messages add constraint sms_messages_sealed check ((sealed is not null) = (state in ('queued','sending')) and (sealed is null) = (key_id is null));
create index sms_messages_key on sms_messages (key_id) where sealed is not null;
drop index sms_messages_failed;
create index sms_messages_unsent on sms_messages (state, id) where state in ('failed','expired');

-- Final reports of messages whose sender has not written down yet under which id the gateway has them.
create table sms_early_reports (
  gateway text not null,
  gateway_message_id text not null,
  is_delivered boolean not null,
  error text,
  at timestamptz not null,
  primary key (gateway, gateway_message_id)
);
create index sms_early_reports_at on sms_early_reports (at);

-- Signatures of reports that were taken; each is worth something once.
create table sms_report_signatures (
  signature bytea primary key,
  at timestamptz not null
);
create index sms_report_signatures_at on sms_report_signatures (at);

-- By which keys something is sealed.
create view identity_key_uses as
  select key_id from case_identities where sealed is not null union all select key_id from sms_messages where sealed is not null
  union all select key_id from sealed_callers union all select key_id from case_evidence where key_id is not null and removed_at is null;

-- Down Migration
drop view identity_key_uses;
drop table sms_report_signatures, sms_early_reports;
drop index sms_messages_unsent, sms_messages_key;
create index sms_messages_failed on sms_messages (id) where state = 'failed';
alter table sms_messages drop constraint sms_messages_sealed;
-- What was erased does not come back.
update sms_messages set sealed = '', key_id = '' where sealed is null;
alter table sms_messages drop column recipient_index, alter column sealed set not null, alter column key_id set not null;
