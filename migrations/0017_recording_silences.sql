-- Up Migration
-- Where a recording stood still because no phone sent anything: `at_ms` into what Asterisk wrote, and for how long. Silence is put there when it is stored.
create table recording_silences (
  call_id uuid not null references recordings,
  at_ms integer not null check (at_ms >= 0),
  for_ms integer not null check (for_ms > 0),
  primary key (call_id, at_ms)
);

-- Down Migration
drop table recording_silences;
