import { Type } from 'typebox';
import { v7 as uuid } from 'uuid';
import { audit } from '../auth/audit.ts';
import { requireUser } from '../auth/authenticate.ts';
import { execute, query, type Db } from '../db/query.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { App } from '../http/app-type.ts';
import { Id, Instant, Time } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { findUnit } from './queries.ts';

type Duty = { readonly startsAt: Date; readonly endsAt: Date; readonly name: string; readonly phone: string | null };
const tags = ['units'];
const params = Type.Object({ unitId: Id });
const Person = { name: Type.String({ minLength: 1, maxLength: 50, pattern: '\\S' }), phone: Type.Union([Type.String({ pattern: '^[0-9+\\- ]{3,24}$' }), Type.Null()]) };
const Roster = Type.Object({ from: Instant, to: Instant, duties: Type.Array(Type.Object({ startsAt: Instant, endsAt: Instant, ...Person }, { additionalProperties: false }), { maxItems: 500 }) }, { additionalProperties: false });
const DutyView = Type.Object({ startsAt: Time, endsAt: Time, ...Person });
const Span = Type.Object({ from: Type.Optional(Instant), to: Type.Optional(Instant) }, { additionalProperties: false });
const weekMs = 7 * 86_400_000;

/** Who is on duty for a unit (值班表). */
export function registerUnitDutyRoutes(app: App, { pool, now }: Deps): void {
  app.get('/api/units/:unitId/duties', { config: { permission: 'unit.read' }, schema: {
    summary: 'Who is on duty in a time, the coming week unless told', tags, params, querystring: Span, response: { 200: Type.Object({ items: Type.Array(DutyView) }), ...problemResponses(404) },
  } }, async (request) => {
    const { unitId } = request.params;
    await requireUnit(pool, unitId);
    const from = request.query.from === undefined ? now() : new Date(request.query.from);
    const to = request.query.to === undefined ? new Date(from.getTime() + weekMs) : new Date(request.query.to);
    return { items: (await listDuties(pool, unitId, from, to)).map((one) => ({ ...one, startsAt: one.startsAt.toISOString(), endsAt: one.endsAt.toISOString() })) };
  });

  app.put('/api/units/:unitId/duties', { config: { permission: 'unit.manage' }, schema: {
    summary: 'Replace the duties that begin in a time', tags, params, body: Roster, response: { 204: Type.Null(), ...problemResponses(404, 422) },
  } }, async (request, reply) => {
    const { unitId } = request.params;
    const { from, to, duties } = request.body;
    const [begin, end] = [new Date(from), new Date(to)];
    for (const [index, duty] of duties.entries()) {
      const [startsAt, endsAt] = [new Date(duty.startsAt), new Date(duty.endsAt)];
      if (endsAt <= startsAt || startsAt < begin || startsAt >= end) throw new AppError('reference_unknown', { field: `duties/${index}/startsAt` });
    }
    await transaction(pool, async (tx) => {
      await requireUnit(tx, unitId);
      await execute(tx, 'delete from unit_duties where unit_id = $1 and starts_at >= $2 and starts_at < $3', [unitId, begin, end]);
      for (const duty of duties) await execute(tx, 'insert into unit_duties (id, unit_id, starts_at, ends_at, name, phone) values ($1, $2, $3, $4, $5, $6)', [uuid(), unitId, duty.startsAt, duty.endsAt, duty.name, duty.phone]);
      await audit(tx, requireUser(request), request, { action: 'unit.duties_changed', entity: 'unit', entityId: unitId, details: { from, to, count: duties.length } });
    });
    return reply.code(204).send(null);
  });
}

async function requireUnit(db: Db, unitId: string): Promise<void> {
  if (!(await findUnit(db, unitId))) throw new AppError('not_found', { entity: 'unit', id: unitId });
}

async function listDuties(db: Db, unitId: string, from: Date, to: Date): Promise<Duty[]> {
  return query(db, 'select starts_at, ends_at, name, phone from unit_duties where unit_id = $1 and ends_at > $2 and starts_at < $3 order by starts_at', [unitId, from, to]);
}
