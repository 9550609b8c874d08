-- Up Migration
-- An urgent case is pushed to the people of its units and of those above them until each has said that they saw it.
create table case_acknowledgements (
  case_id uuid not null references cases,
  user_id uuid not null references users,
  unit_id uuid not null references units,
  at timestamptz not null,
  primary key (case_id, user_id)
);
create index cases_open_urgent on cases (id) where urgency <> 'normal' and closed_at is null;

-- Down Migration
drop index cases_open_urgent;
drop table case_acknowledgements;
