-- Up Migration
-- How long a case may take: the first rule whose conditions hold counts. `amount` in working days or hours of the clock, as are the times to sign and to contact the citizen.
create table deadline_rules (
  code text primary key check (code ~ '^[a-z0-9][a-z0-9-]{0,31}$'),
  name_zh text not null check (name_zh <> ''),
  type text check (type in ('inquiry','help','suggestion','complaint','report','praise','other')),
  urgency text check (urgency in ('normal','urgent','life_danger')),
  flag text check (flag in ('supervised','complex','rework')),
  category_code text references case_categories,
  unit text not null check (unit in ('workdays','hours')),
  amount numeric(6,2) not null check (amount > 0),
  sign_amount numeric(6,2) not null check (sign_amount > 0),
  contact_amount numeric(6,2) not null check (contact_amount > 0),
  position integer not null unique,
  version integer not null default 1 check (version > 0),
  check (unit = 'hours' or (amount = trunc(amount) and sign_amount = trunc(sign_amount) and contact_amount = trunc(contact_amount)))
);
insert into deadline_rules (code, name_zh, type, urgency, flag, category_code, unit, amount, sign_amount, contact_amount, position) values
  ('danger', '危及生命财产', null, 'life_danger', null, null, 'hours', 2, 0.25, 1, 10),
  ('urgent', '急办', null, 'urgent', null, null, 'hours', 24, 1, 4, 20),
  ('utilities', '水电气暖', null, null, null, 'utilities', 'hours', 24, 2, 4, 30),
  ('rework', '重办', null, null, 'rework', null, 'workdays', 3, 1, 1, 40),
  ('supervised', '督办', null, null, 'supervised', null, 'workdays', 3, 1, 1, 50),
  ('complex', '复杂', null, null, 'complex', null, 'workdays', 15, 1, 1, 60),
  ('inquiry', '咨询', 'inquiry', null, null, null, 'workdays', 1, 1, 1, 70),
  ('suggestion', '建议', 'suggestion', null, null, null, 'workdays', 1, 1, 1, 80),
  ('ordinary', '一般', null, null, null, null, 'workdays', 5, 1, 1, 1000);

-- Whether it was handed in in time is judged by the deadline of then.
alter table case_feedbacks add column due_at timestamptz not null;

-- Down Migration
alter table case_feedbacks drop column due_at;
drop table deadline_rules;
