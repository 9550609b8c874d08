-- Up Migration
-- For which types of cases the unit that handles one sees the citizen's number; none unless the hotline says so, and never that of a confidential case.
create table identity_rules (
  type text primary key check (type in ('inquiry','help','suggestion','complaint','praise','other')),
  is_number_shown boolean not null,
  version integer not null default 1 check (version > 0)
);

-- Down Migration
drop table identity_rules;
