-- Up Migration
create index surveys_created on surveys (created_at) where campaign_id is null;
-- What a machine was told, asked again by a person who does not know the answers (double blind).
create table survey_checks (
  id uuid primary key,
  survey_id uuid not null unique references surveys,
  state text not null default 'open' check (state in ('open','done','not_reached')),
  drawn_by uuid not null references users,
  drawn_at timestamptz not null,
  call_id uuid references calls,
  -- By the code of the question.
  answers jsonb,
  words text,
  ended_by uuid references users,
  ended_at timestamptz,
  version integer not null default 1 check (version > 0),
  check ((state = 'done') = (answers is not null)),
  check ((state = 'open') = (ended_at is null))
);
create index survey_checks_state on survey_checks (state, id);
create index survey_checks_ended on survey_checks (ended_at) where state = 'done';

-- Down Migration
drop table survey_checks;
drop index surveys_created;
