import type pg from 'pg';
import { sessionCookie } from '../../src/auth/authenticate.ts';
import type { Role } from '../../src/auth/permissions.ts';
import { hashToken, newSecretToken } from '../../src/auth/secret-token.ts';

/** A session's cookie by login. */
export type Cookies = ReadonlyMap<string, string>;

/** City; departments, districts; streets; communities: 3,015 in all. A district has some 250 at and below it. */
const departments = 40;
const districts = 12;
const streets = 240;
export const unitCount = 3_015;
/** Their number in the tree (`bench_units.n`), for those who ask: the city, a department with many cases, a district, a street, a community. */
export const unitNumbers = { city: 0, department: 3, district: departments + 5, street: departments + districts + 30, community: departments + districts + streets + 900 } as const;

/** The unit tree, one person who handles cases in each, and the hotline's own people, all with a session. Tables `bench_units`, `bench_staff`, `bench_owners` number them for fill-cases.ts. */
export async function fillUnits(pool: pg.Pool): Promise<Cookies> {
  await pool.query(`
    create table bench_units as select n, gen_random_uuid() as id,
      case when n = 0 then null when n <= ${departments + districts} then 0 when n <= ${departments + districts + streets} then ${departments} + 1 + (n - 1) % ${districts}
        else ${departments + districts} + 1 + (n - 1) % ${streets} end as parent,
      case when n = 0 then 'city' when n <= ${departments} then 'department' when n <= ${departments + districts} then 'district' when n <= ${departments + districts + streets} then 'street' else 'community' end as kind
    from generate_series(0, ${unitCount - 1}) n;
    alter table bench_units add primary key (n);
    insert into units (id, code, name_zh, kind, parent_id, opened_at) select u.id, 'bench-' || u.n, '承办单位' || u.n, u.kind, p.id, now() from bench_units u left join bench_units p on p.n = u.parent order by u.n;
    insert into unit_ancestors with recursive up as (select id as unit_id, id as ancestor_id, 0 as depth from units union all
      select up.unit_id, u.parent_id, up.depth + 1 from up join units u on u.id = up.ancestor_id where u.parent_id is not null) select * from up on conflict do nothing`);
  const cookies = new Map<string, string>();
  const people = async (table: string | null, role: Role, count: number, unit: 'each' | number | null, prefix: string): Promise<void> => {
    const tokens = Array.from({ length: count }, () => newSecretToken());
    await pool.query(`with made as (insert into users (id, login, display_name, password_hash, roles, must_change_password, created_at, updated_at, unit_id)
        select gen_random_uuid(), $1 || n, $1 || n, 'none', $2, false, now(), now(), case when $3 then (select id from bench_units b where b.n = s.n) else (select id from bench_units b where b.n = $4) end
        from generate_series(0, $5 - 1) s (n) returning id, login)
      insert into sessions (id, token_hash, user_id, created_at, last_seen_at, expires_at, ip, user_agent)
      select gen_random_uuid(), t.hash, m.id, now(), now(), now() + interval '12 hours', '127.0.0.1', '' from made m join unnest($6::bytea[]) with ordinality t (hash, n) on m.login = $1 || (t.n - 1)`,
      [prefix, [role], unit === 'each', typeof unit === 'number' ? unit : null, count, tokens.map((token) => hashToken(token))]);
    if (table) await pool.query(`create table ${table} as select substr(login, $1)::integer as n, id from users where login like $2`, [prefix.length + 1, `${prefix}%`]);
    for (const [index, token] of tokens.entries()) cookies.set(`${prefix}${index}`, `${sessionCookie}=${token}`);
  };
  await people('bench_staff', 'unit_handler', unitCount, 'each', 'bench-staff-');
  await people('bench_owners', 'operator', 300, null, 'bench-operator-');
  for (const role of ['supervisor', 'dispatcher', 'callback'] as const) await people(null, role, 4, null, `bench-${role}-`);
  await people(null, 'unit_head', 1, unitNumbers.district, 'bench-head-');
  await pool.query('analyze');
  return cookies;
}
