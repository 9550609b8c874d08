import { v7 as uuid } from 'uuid';
import { execute, query, queryOne, type Db, type Tx } from '../db/query.ts';

/** Who is on duty; with `userId` name and phone are those of the account as it is now. */
export type Duty = { readonly startsAt: Date; readonly endsAt: Date; readonly userId: string | null; readonly name: string; readonly phone: string | null };

/** Whether an account (`u`) is good at a moment and its person works for the duty's (`d`) unit, or for one below it. */
const isOnDuty = (at: string): string => `u.disabled_at is null and (u.ends_at is null or u.ends_at > ${at}) and exists (select from unit_ancestors a where a.unit_id = u.unit_id and a.ancestor_id = d.unit_id)`;

/** The phone of an account that is over, or whose person works elsewhere, is nobody's on duty. */
export async function listDuties(db: Db, unitId: string, span: { readonly from: Date; readonly to: Date; readonly now: Date }): Promise<Duty[]> {
  return query(db, `select d.starts_at, d.ends_at, d.user_id, coalesce(d.name, u.display_name) as name, case when d.user_id is null then d.phone when ${isOnDuty('$4')} then u.phone end as phone
    from unit_duties d left join users u on u.id = d.user_id where d.unit_id = $1 and d.ends_at > $2 and d.starts_at < $3 order by d.starts_at, d.id`, [unitId, span.from, span.to, span.now]);
}

/** The numbers that the unit is known by: its phones, its liaison staff, and who is on duty now. */
export async function listOwnNumbers(db: Db, unitId: string, at: Date): Promise<string[]> {
  const rows = await query<{ number: string }>(db, `select p->>'number' as number from units u, jsonb_array_elements(u.phones) p where u.id = $1
    union select l->>'phone' from units u, jsonb_array_elements(u.liaisons) l where u.id = $1
    union select d.phone from unit_duties d where d.unit_id = $1 and d.phone is not null and d.starts_at <= $2 and d.ends_at > $2
    union select u.phone from unit_duties d join users u on u.id = d.user_id and ${isOnDuty('$2')} where d.unit_id = $1 and u.phone is not null and d.starts_at <= $2 and d.ends_at > $2`, [unitId, at]);
  return rows.map((row) => row.number);
}

/** Whether somebody can be on duty for the unit: with a good account, of the unit or one below it. */
export async function worksFor(db: Db, userId: string, unitId: string, at: Date): Promise<boolean> {
  return (await queryOne(db, `select u.id from users u, (select $2::uuid as unit_id) d where u.id = $1 and ${isOnDuty('$3')}`, [userId, unitId, at])) !== undefined;
}

/** In place of the duties that begin in a time. */
export async function replaceDuties(tx: Tx, unitId: string, { from, to, duties }: { readonly from: Date; readonly to: Date; readonly duties: readonly Duty[] }): Promise<void> {
  await execute(tx, 'delete from unit_duties where unit_id = $1 and starts_at >= $2 and starts_at < $3', [unitId, from, to]);
  for (const { startsAt, endsAt, userId, name, phone } of duties) {
    await execute(tx, 'insert into unit_duties (id, unit_id, starts_at, ends_at, user_id, name, phone) values ($1, $2, $3, $4, $5, $6, $7)', [uuid(), unitId, startsAt, endsAt, userId, userId === null ? name : null, userId === null ? phone : null]);
  }
}
