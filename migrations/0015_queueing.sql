-- Up Migration
-- 国务院办公厅关于2025年、2026年部分节假日安排的通知; days read from holiday-calendar 1.3.3 and compared with chinese-days 1.5.7: no difference.
insert into calendar_days (day, kind, name_zh)
select day::date, 'holiday', name from (values
  ('2025-01-01', '2025-01-01', '元旦'), ('2025-01-28', '2025-02-04', '春节'), ('2025-04-04', '2025-04-06', '清明节'),
  ('2025-05-01', '2025-05-05', '劳动节'), ('2025-05-31', '2025-06-02', '端午节'), ('2025-10-01', '2025-10-08', '国庆节、中秋节'),
  ('2026-01-01', '2026-01-03', '元旦'), ('2026-02-15', '2026-02-23', '春节'), ('2026-04-04', '2026-04-06', '清明节'),
  ('2026-05-01', '2026-05-05', '劳动节'), ('2026-06-19', '2026-06-21', '端午节'), ('2026-09-25', '2026-09-27', '中秋节'),
  ('2026-10-01', '2026-10-07', '国庆节')) as holidays (first, last, name), generate_series(first::timestamp, last::timestamp, '1 day') as day;
insert into calendar_days (day, kind, name_zh) values
  ('2025-01-26', 'workday', '春节补班'), ('2025-02-08', 'workday', '春节补班'), ('2025-04-27', 'workday', '劳动节补班'),
  ('2025-09-28', 'workday', '国庆节补班'), ('2025-10-11', 'workday', '国庆节补班'), ('2026-01-04', 'workday', '元旦补班'),
  ('2026-02-14', 'workday', '春节补班'), ('2026-02-28', 'workday', '春节补班'), ('2026-05-09', 'workday', '劳动节补班'),
  ('2026-09-20', 'workday', '国庆节补班'), ('2026-10-10', 'workday', '国庆节补班');

alter table calls
  -- Queues the caller was passed on from: none takes the call twice, whatever the configuration says.
  add column queue_path text[] not null default '{}',
  -- When the caller has waited long enough here to be passed on; null where there is nowhere to go.
  add column overflow_at timestamptz,
  -- What the caller was told last: {"position", "waitSec", "seats"}.
  add column told_wait jsonb,
  -- Since when nobody signed in can serve the caller; kept by the sweep, like a seat's registration.
  add column unserved_since timestamptz;

-- round_robin: the seat of the queue that was offered a call last.
create table queue_turns (
  queue_id text primary key references queues on delete cascade,
  seat_id text not null references seats on delete cascade
);
-- fewest_calls: what an operator answered today; last_operator_first: who spoke with a caller.
create index call_legs_operator on call_legs (operator_id, answered_at) where role = 'operator' and answered_at is not null;

-- What a queue and a caller's choice demand together: [{"skillCode", "minLevel"}].
create function call_demand(queue_skills jsonb, skill_codes text[]) returns jsonb language sql immutable parallel safe as $$
  select queue_skills || coalesce((select jsonb_agg(jsonb_build_object('skillCode', code, 'minLevel', 1)) from unnest(skill_codes) as code), '[]')
$$;
-- Whether an operator's skills, [{"skillCode", "level"}], meet a demand; none has to be met by anybody.
create function meets_demand(held jsonb, demand jsonb) returns boolean language sql immutable parallel safe as $$
  select not exists (select 1 from jsonb_to_recordset(demand) as d ("skillCode" text, "minLevel" integer)
    where not exists (select 1 from jsonb_to_recordset(coalesce(held, '[]')) as h ("skillCode" text, level integer)
      where h."skillCode" = d."skillCode" and h.level >= d."minLevel"))
$$;

-- Down Migration
drop function meets_demand(jsonb, jsonb);
drop function call_demand(jsonb, text[]);
drop index call_legs_operator;
drop table queue_turns;
alter table calls drop column unserved_since, drop column told_wait, drop column overflow_at, drop column queue_path;
delete from calendar_days where day between '2025-01-01' and '2026-12-31';
