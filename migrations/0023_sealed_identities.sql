-- Up Migration
-- Who the citizen is, sealed (AES-256-GCM) with a key that is not in the database; `phone_index` is a keyed hash by which a number is found without being read.
-- Rows from before are sealed by the service as soon as it runs, and their plain columns emptied.
alter table case_identities
  add column sealed bytea,
  add column phone_index bytea,
  add column key_id text,
  drop constraint case_identities_check, drop constraint case_identities_check1,
  add constraint case_identities_sealed check ((sealed is null) = (key_id is null) and (sealed is null or (citizen_name is null and phone is null and phone_raw = ''))),
  add constraint case_identities_number check (sealed is null or (phone_index is null) = (phone_kind in ('withheld','unknown')));
drop index case_identities_phone;
create index case_identities_phone_index on case_identities (phone_index, case_id) where phone_index is not null;
create index case_identities_unsealed on case_identities (case_id) where sealed is null;
create index case_identities_key on case_identities (key_id, case_id) where sealed is not null;

-- Every key that sealed something, with a known text sealed by it: a wrong one is told at the start, not with the first citizen.
create table identity_keys (
  id text primary key,
  proof bytea not null,
  used_from timestamptz not null
);

-- Down Migration
-- The plain columns cannot be filled without the key: only a database without sealed rows goes back.
do $$ begin if exists (select from case_identities where sealed is not null) then raise exception 'identities are sealed; they cannot be unsealed here'; end if; end $$;
drop table identity_keys;
drop index case_identities_phone_index, case_identities_unsealed, case_identities_key;
create index case_identities_phone on case_identities (phone, case_id) where phone is not null;
alter table case_identities
  drop constraint case_identities_sealed, drop constraint case_identities_number,
  add check ((phone is null) = (phone_kind in ('withheld','unknown'))),
  add constraint case_identities_check1 check (case phone_kind
    when 'mobile' then phone ~ '^1[3-9]\d{9}$' when 'landline' then phone ~ '^0\d{9,11}$' when 'short' then phone ~ '^[1-9]\d{2,5}$' when 'international' then phone ~ '^00\d{2,20}$' else phone is null end),
  drop column sealed, drop column phone_index, drop column key_id;
