-- Up Migration
-- Numbers of calls that are over and whose case is confidential, sealed like identities; their plain columns in `calls` and `call_legs` are empty.
-- `caller_index` is the keyed hash by which a caller who calls again is known.
create table sealed_callers (
  call_id uuid primary key references calls,
  sealed bytea not null,
  key_id text not null,
  caller_index bytea
);
create index sealed_callers_caller on sealed_callers (caller_index) where caller_index is not null;
create index sealed_callers_key on sealed_callers (key_id, call_id);

-- Calls to be looked at: one that ends, and those of a case that becomes confidential. Without keys, so that whoever writes a row waits for nobody;
-- two rows of one call mean the same as one.
create table calls_to_seal (call_id uuid not null);
create index calls_to_seal_call on calls_to_seal (call_id);
insert into calls_to_seal select c.id from cases k join calls c on c.case_id = k.id where k.is_confidential and c.state = 'ended';

-- A saved filter keeps no citizen's number.
update case_filters set filter = filter - 'phone' where filter ? 'phone';

-- The key of an evidence file's bytes, sealed by `key_id`; null for a file from before, which lies there as it was given.
alter table case_evidence
  add column sealed_key bytea,
  add column key_id text,
  add constraint case_evidence_sealed check ((sealed_key is null) = (key_id is null));
create index case_evidence_key on case_evidence (key_id, id) where key_id is not null and removed_at is null;

-- Down Migration
-- Neither numbers nor files can be opened here: only a database without them goes back.
do $$ begin
  if exists (select from sealed_callers) then raise exception 'numbers of calls are sealed; they cannot be unsealed here'; end if;
  if exists (select from case_evidence where sealed_key is not null and removed_at is null) then raise exception 'evidence is sealed; it cannot be unsealed here'; end if;
end $$;
drop index case_evidence_key;
alter table case_evidence drop constraint case_evidence_sealed, drop column sealed_key, drop column key_id;
drop table calls_to_seal, sealed_callers;
