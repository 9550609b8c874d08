import pg from 'pg';
import { vault } from '../../src/cases/identity/vault.ts';
import { textPools, type PoolText } from './case-texts.ts';

/** Days over which the cases are spread, up to yesterday. */
const days = 730;
const chunk = 250_000;
const sealedAtOnce = 10_000;
type Fill = { readonly cases: number; readonly say: (line: string) => void };

/**
 * A hotline's cases: `cases` of them over two years for the units and people of fill-units.ts, as they would stand in the rows. Half were answered at once; of
 * the others some 18 in a thousand are still open, as far as their age says. Their indexes are made after the rows. Needs a superuser.
 */
export async function fillCases(databaseUrl: string, { cases, say }: Fill): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'fill' });
  await client.connect();
  const startedAt = Date.now();
  const seconds = (): string => `${Math.round((Date.now() - startedAt) / 1_000)} s`;
  try {
    // References are right by construction; a lost server only means to begin again.
    await client.query(`set session_replication_role = replica; set synchronous_commit = off; set maintenance_work_mem = '1GB'; set max_parallel_maintenance_workers = 2; set work_mem = '256MB'`);
    await client.query(`truncate cases, case_words, case_identities, case_events, case_units, case_requests, case_counters, case_drafts cascade`);
    await fillPools(client);
    const indexes = await dropIndexes(client);
    for (let from = 1; from <= cases; from += chunk) {
      const to = Math.min(cases, from + chunk - 1);
      await client.query('truncate bench_draws');
      await client.query(drawCases, [from, to, Math.ceil(cases / days)]);
      for (const insert of inserts) await client.query(insert);
      await sealCitizens(client);
      say(`${to.toLocaleString('en')} cases after ${seconds()}, ${await size(client)}`);
    }
    for (const index of indexes) {
      await client.query(index.def);
      say(`index ${index.name} after ${seconds()}`);
    }
    await client.query('drop table bench_draws, bench_texts, bench_paths');
    await client.query('vacuum (analyze)');
    await client.query('checkpoint');
    say(`filled after ${seconds()}, ${await size(client)}`);
  } finally {
    await client.end();
  }
}

/** Who they are, sealed as the service seals them. */
async function sealCitizens(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ id: string; n: string }>('select id, n from bench_draws order by n');
  for (let from = 0; from < rows.length; from += sealedAtOnce) {
    const some = rows.slice(from, from + sealedAtOnce).map(({ id, n }) => {
      const phone = `139${String((Number(n) * 7_919) % 100_000_000).padStart(8, '0')}`;
      return { id, index: vault().indexOf(phone), ...vault().seal(id, { phoneRaw: phone, phone, citizenName: `市民${Number(n) % 100_000}` }) };
    });
    await client.query(`insert into case_identities (case_id, sealed, key_id, phone_index, phone_kind) select *, 'mobile' from unnest($1::uuid[], $2::bytea[], $3::text[], $4::bytea[])`,
      [some.map((one) => one.id), some.map((one) => one.sealed), some.map((one) => one.keyId), some.map((one) => one.index)]);
  }
}

async function size(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ size: string }>('select pg_size_pretty(pg_database_size(current_database())) as size');
  return rows[0]?.size ?? '?';
}

async function fillPools(client: pg.Client): Promise<void> {
  await client.query(`drop table if exists bench_texts, bench_draws;
    create unlogged table bench_texts (kind text, n integer, text text, words text[], primary key (kind, n));
    create unlogged table bench_draws (n bigint, id uuid, number text, opened_at timestamptz, age_days float8, is_dispatched boolean, span_days float8, phase float8, lead integer, helper integer, state text,
      type text, place integer, cause integer, course integer, category float8, district float8, dispatched_at timestamptz, closed_at timestamptz, due_days integer, owner integer, luck float8)`);
  await client.query(`drop table if exists bench_paths;
    create unlogged table bench_paths as select b.n, array_agg('#' || a.ancestor_id) as tags from bench_units b join unit_ancestors a on a.unit_id = b.id group by b.n;
    alter table bench_paths add primary key (n); analyze bench_paths`);
  const insert = async (kind: string, texts: readonly PoolText[]): Promise<void> => {
    const rows = texts.map(({ text, words }, n) => ({ kind, n, text, words }));
    await client.query('insert into bench_texts select kind, n, text, words from jsonb_to_recordset($1) as r (kind text, n integer, text text, words text[])', [JSON.stringify(rows)]);
  };
  const { places, causes, courses } = textPools();
  await insert('place', places);
  await insert('cause', causes);
  await insert('course', courses);
}

/** All but those of keys; each as PostgreSQL itself would make it again. */
async function dropIndexes(client: pg.Client): Promise<{ name: string; def: string }[]> {
  const { rows } = await client.query<{ name: string; def: string }>(`select c.relname as name, pg_get_indexdef(i.indexrelid) as def from pg_index i join pg_class c on c.oid = i.indexrelid
    where i.indrelid in ('cases'::regclass, 'case_words'::regclass, 'case_identities'::regclass, 'case_events'::regclass, 'case_units'::regclass) and not exists (select from pg_constraint k where k.conindid = i.indexrelid)`);
  for (const { name } of rows) await client.query(`drop index ${name}`);
  return rows;
}

const drawCases = `
insert into bench_draws
select d.n, d.id, to_char(d.opened_at at time zone 'Asia/Shanghai', 'YYYYMMDD') || '-' || lpad(d.seq::text, 6, '0'), d.opened_at, d.age_days, d.is_dispatched, d.span_days, d.age_days / d.span_days,
  d.lead, d.helper,
  case when not d.is_dispatched then case when d.r1 < 0.9 then 'answered' when d.r1 < 0.98 then 'declined' else 'handed_over' end
    when d.age_days > d.span_days + 30 then 'archived' when d.age_days > d.span_days then 'closed'
    when d.age_days / d.span_days < 0.05 then 'pending_dispatch' when d.age_days / d.span_days < 0.2 then 'dispatched'
    when d.age_days / d.span_days < 0.75 then case when d.r1 < 0.03 then 'return_requested' when d.r1 < 0.07 then 'extension_requested' when d.r1 < 0.12 then 'suspended' when d.r1 < 0.13 then 'disputed'
      when d.r1 < 0.16 then 'rework' else 'in_progress' end
    when d.age_days / d.span_days < 0.88 then 'feedback' else 'callback' end,
  (array['inquiry','help','complaint','suggestion','report','praise','other'])[case when d.r2 < 0.4 then 1 when d.r2 < 0.7 then 2 when d.r2 < 0.9 then 3 when d.r2 < 0.95 then 4 when d.r2 < 0.97 then 5 when d.r2 < 0.985 then 6 else 7 end],
  floor(d.r3 * d.r3 * 8000)::integer, floor(d.r4 * d.r4 * 4000)::integer, floor(d.r5 * d.r5 * 8000)::integer, d.r6, d.r7,
  case when d.is_dispatched and d.age_days / d.span_days >= 0.05 then d.opened_at + interval '3 hours' end,
  case when not d.is_dispatched then d.opened_at + interval '5 minutes' when d.age_days > d.span_days then d.opened_at + d.span_days * interval '1 day' end,
  case when d.r8 < 0.4 then 1 when d.r8 < 0.8 then 5 when d.r8 < 0.9 then 3 else 15 end, floor(d.r9 * 300)::integer, d.r10
from (
  select s.*, r.*, extract(epoch from now() - s.opened_at) / 86400 as age_days, r.r0 < 0.5 as is_dispatched,
    case when r.r11 < 0.95 then 0.3 - 4 * ln(1 - r.r12 * 0.999) else 10 + r.r12 * 60 end as span_days,
    1 + floor(r.r13 * r.r13 * 3014)::integer as lead, case when r.r14 < 0.1 then 1 + floor(r.r15 * 3014)::integer end as helper,
    (lpad(to_hex((extract(epoch from s.opened_at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex((s.n % 4096)::integer), 3, '0') || '8' || substr(md5(s.n::text), 1, 15))::uuid as id
  from (select n, (n - 1) % $3 + 1 as seq,
      (date_trunc('day', now() at time zone 'Asia/Shanghai') - ${days} * interval '1 day' + (n - 1) / $3 * interval '1 day' + ((n - 1) % $3)::float8 / $3 * interval '1 day') at time zone 'Asia/Shanghai' as opened_at
    from generate_series($1::bigint, $2::bigint) n) s
  cross join lateral (select ${Array.from({ length: 16 }, (_, salt) => `(hashint8extended(s.n, ${salt}) & 9007199254740991) / 9007199254740992.0::float8 as r${salt}`).join(', ')}) r
) d`;

const districtCode = '(select array_agg(code order by code) from districts)[1 + floor(d.district * (select count(*) from districts))::integer]';
const inserts = [`
insert into cases (id, number, state, callback_reason, channel, type, category_code, district_code, urgency, is_confidential, place, cause, course, answer, declined_reason, referred_to, handed_to,
  opened_at, closed_at, updated_at, owner_id, version, lead_unit_id, is_supervised, deadline_code, dispatched_at, warn_at, due_at, stopped_at, review_at, outcome, public_reply, archived_at, about_unit_id)
select d.id, d.number, d.state, case when d.state = 'callback' then 'feedback' end,
  case when d.luck < 0.85 then 'phone' when d.luck < 0.93 then 'wechat' when d.luck < 0.97 then 'web' when d.luck < 0.99 then 'app' else 'province' end,
  d.type, (select array_agg(code order by code) from case_categories)[1 + floor(d.category * d.category * (select count(*) from case_categories))::integer],
  ${districtCode},
  case when d.luck < 0.002 then 'life_danger' when d.luck < 0.02 then 'urgent' else 'normal' end, d.type = 'report' or d.luck > 0.995, p.text, c.text, e.text,
  case when d.state = 'answered' then '已当场答复。' end, case when d.state = 'declined' then '不属于受理范围。' end, case when d.state = 'declined' then '人民法院' end, case when d.state = 'handed_over' then '110' end,
  d.opened_at, d.closed_at, coalesce(d.closed_at, d.opened_at + interval '1 day'), o.id, 3, case when d.dispatched_at is not null then u.id end, d.luck < 0.02, case when d.dispatched_at is not null then 'help' end,
  d.dispatched_at, d.dispatched_at + (d.due_days - 0.5) * interval '1 day', d.dispatched_at + d.due_days * interval '1 day', case when d.state = 'suspended' then now() - interval '1 day' end,
  case when d.state = 'suspended' then now() + interval '20 days' end, case when d.state in ('closed','archived') then 'solved' end, case when d.state in ('closed','archived') then '已处理，感谢来电。' end,
  case when d.state = 'archived' then d.closed_at + interval '30 days' end, case when d.type = 'complaint' and d.luck < 0.02 then u.id end
from bench_draws d join bench_texts p on p.kind = 'place' and p.n = d.place join bench_texts c on c.kind = 'cause' and c.n = d.cause join bench_texts e on e.kind = 'course' and e.n = d.course
  join bench_units u on u.n = d.lead join bench_owners o on o.n = d.owner order by d.n`, `
insert into case_words (case_id, words)
select d.id, array['@' || w.day, '@@' || w.day / 32, '=' || case_stage(d.state), '!' || d.type, '^' || ${districtCode}] || p.words || c.words || e.words
  || case when d.dispatched_at is null then '{}' when h.n is null then l.tags else array(select unnest(l.tags) union select unnest(h.tags)) end
from bench_draws d join bench_paths l on l.n = d.lead left join bench_paths h on h.n = d.helper cross join lateral (select floor(extract(epoch from d.opened_at) / 86400)::integer as day) w
  join bench_texts p on p.kind = 'place' and p.n = d.place join bench_texts c on c.kind = 'cause' and c.n = d.cause join bench_texts e on e.kind = 'course' and e.n = d.course order by d.n`, `
insert into case_units (id, case_id, unit_id, role, arrived_at, sign_due_at, signed_at, signed_by, contact_due_at, due_at, ended_at, ended_why)
select gen_random_uuid(), d.id, u.id, x.role, d.dispatched_at, d.dispatched_at + interval '1 day', case when d.state <> 'dispatched' then d.dispatched_at + interval '5 hours' end, case when d.state <> 'dispatched' then s.id end,
  d.dispatched_at + interval '2 days', d.dispatched_at + d.due_days * interval '1 day', coalesce(d.closed_at, case when d.state in ('feedback', 'callback') then now() end),
  case when d.closed_at is not null then 'closed' when d.state in ('feedback', 'callback') then 'handed_in' end
from bench_draws d cross join lateral (values ('lead', d.lead), ('helper', nullif(d.helper, d.lead))) x (role, unit) join bench_units u on u.n = x.unit join bench_staff s on s.n = x.unit
where d.dispatched_at is not null order by d.n`, `
insert into case_requests (id, case_id, kind, asked_at, reason, legal_basis, wanted_until)
select gen_random_uuid(), d.id, case d.state when 'return_requested' then 'return' else 'extension' end, now() - interval '3 hours', '非本单位职责', '三定方案', now() + interval '5 days'
from bench_draws d where d.state in ('return_requested', 'extension_requested')`, `
insert into case_events (case_id, at, type, from_state, to_state, data)
select d.id, d.opened_at, 'opened', null, 'draft', '{"channel":"phone"}'::jsonb from bench_draws d union all
select d.id, d.dispatched_at, 'dispatch', 'pending_dispatch', 'dispatched', '{}'::jsonb from bench_draws d where d.dispatched_at is not null`, `
insert into case_counters (day, last) select (opened_at at time zone 'Asia/Shanghai')::date, max(split_part(number, '-', 2)::integer) from bench_draws group by 1
on conflict (day) do update set last = greatest(case_counters.last, excluded.last)`,
];
