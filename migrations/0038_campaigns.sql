-- Up Migration
-- Nothing served the campaigns of 0035, so none is there; the new table has what a poll needs.
alter table surveys drop constraint surveys_campaign_id_fkey;
drop table campaigns;

-- A poll among citizens whose matter is closed. `questions` are those of the questionnaire as it was; `filter` says which cases, `seed` draws the
-- same sample again. Of each cell (the cases of one district, type, category) `quota_most` answers are taken, or as many as `quota_cells` says.
create table campaigns (
  id uuid primary key,
  name text not null check (name <> ''),
  questionnaire_code text not null,
  questionnaire_version integer not null,
  questions jsonb not null check (jsonb_typeof(questions) = 'array'),
  filter jsonb not null check (jsonb_typeof(filter) = 'object'),
  sample_size integer not null check (sample_size between 1 and 100000),
  seed integer not null check (seed >= 0),
  -- Nobody who was asked anything within so many days.
  quiet_days integer not null check (quiet_days between 0 and 3650),
  max_lines integer not null check (max_lines between 1 and 1000),
  quota_by text check (quota_by in ('district','type','category')),
  quota_most integer check (quota_most >= 0),
  quota_cells jsonb not null default '{}' check (jsonb_typeof(quota_cells) = 'object'),
  state text not null check (state in ('draft','running','paused','ended')),
  ended_why text check (ended_why in ('done','stopped')),
  -- Citizens who could have been drawn when it started, and the cells of those who were.
  population integer check (population >= 0),
  cells text[] not null default '{}',
  created_by uuid not null references users,
  created_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz,
  version integer not null default 1 check (version > 0),
  check ((quota_by is null) = (quota_most is null)),
  check (state <> 'draft' or started_at is null),
  check (state not in ('running','paused') or started_at is not null),
  check ((started_at is null) = (population is null)),
  check ((state = 'ended') = (ended_at is not null) and (ended_at is null) = (ended_why is null))
);
create index campaigns_live on campaigns (id) where state in ('running','paused');

alter table surveys add constraint surveys_campaign_id_fkey foreign key (campaign_id) references campaigns;
-- Whose quota an answer counts for; of every campaign's survey, '' where there are none.
alter table surveys rename column quota to cell;
alter table surveys add constraint surveys_cell check ((campaign_id is null) = (cell is null));
alter table surveys drop constraint surveys_state_check, add constraint surveys_state_check check (state in
  ('due','calling','by_sms','by_person','completed','refused','not_reached','quota_full','cancelled'));
alter table surveys drop constraint surveys_check3, add constraint surveys_ended check ((ended_at is not null) = (state in
  ('completed','refused','not_reached','quota_full','cancelled')));
-- Nobody is asked by hand for a campaign.
alter table surveys add constraint surveys_campaign_by_machine check (campaign_id is null or state <> 'by_person');
drop index surveys_due;
create index surveys_due on surveys (next_try_at) where state = 'due' and campaign_id is null;
create index surveys_campaign_due on surveys (campaign_id, cell, next_try_at) where state = 'due' and campaign_id is not null;
create index surveys_campaign_counted on surveys (campaign_id, cell, state) where campaign_id is not null and state in ('calling','completed');

alter table survey_answers add column id uuid not null default gen_random_uuid() unique;
create index surveys_case on surveys (case_id);
-- Out of which cases a sample is drawn.
create index cases_closed on cases (closed_at) where closed_at is not null;

-- Down Migration
-- Who refused in a campaign must not be asked again: its surveys stay, so only a database without a campaign that began goes back.
do $$ begin if exists (select from campaigns where started_at is not null) then raise exception 'campaigns were carried out; they cannot be undone here'; end if; end $$;
drop index cases_closed, surveys_case;
alter table survey_answers drop column id;
drop index surveys_campaign_counted, surveys_campaign_due, surveys_due;
create index surveys_due on surveys (next_try_at) where state = 'due';
alter table surveys drop constraint surveys_campaign_by_machine, drop constraint surveys_ended, drop constraint surveys_cell, drop constraint surveys_campaign_id_fkey,
  add constraint surveys_check3 check ((ended_at is not null) = (state in ('completed','refused','not_reached','cancelled')));
alter table surveys drop constraint surveys_state_check, add constraint surveys_state_check check (state in
  ('due','calling','by_sms','by_person','completed','refused','not_reached','cancelled'));
alter table surveys rename column cell to quota;
drop table campaigns;
create table campaigns (
  id uuid primary key,
  name text not null check (name <> ''),
  questionnaire_code text not null,
  questions jsonb not null,
  filter jsonb not null,
  sample_size integer not null check (sample_size between 1 and 100000),
  quota_by text check (quota_by in ('district_code','type','category_code')),
  quotas jsonb not null default '{}',
  seed integer not null,
  state text not null check (state in ('draft','running','paused','ended')),
  population integer,
  created_by uuid not null references users,
  created_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz,
  version integer not null default 1 check (version > 0),
  check ((state = 'draft') = (started_at is null)),
  check ((state = 'ended') = (ended_at is not null))
);
alter table surveys add foreign key (campaign_id) references campaigns;
