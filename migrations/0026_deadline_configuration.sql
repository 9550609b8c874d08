-- Up Migration
-- Deadline rules are configured like everything else: plain numbers, and an order that may be changed row by row. So are categories and districts.
alter table deadline_rules
  alter column amount type double precision, alter column sign_amount type double precision, alter column contact_amount type double precision,
  drop constraint deadline_rules_position_key;
alter table case_categories add column version integer not null default 1 check (version > 0);
alter table districts add column version integer not null default 1 check (version > 0);

-- Down Migration
alter table districts drop column version;
alter table case_categories drop column version;
alter table deadline_rules
  alter column amount type numeric(6,2), alter column sign_amount type numeric(6,2), alter column contact_amount type numeric(6,2),
  add constraint deadline_rules_position_key unique (position);
