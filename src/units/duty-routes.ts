import { Type, type Static } from 'typebox';
import { audit } from '../auth/audit.ts';
import { requireUser } from '../auth/authenticate.ts';
import type { Db } from '../db/query.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { App } from '../http/app-type.ts';
import { Id, Instant, Time } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { listDuties, replaceDuties, worksFor, type Duty } from './duty-queries.ts';
import { findUnit } from './queries.ts';

const tags = ['units'];
const params = Type.Object({ unitId: Id });
const PhoneNumber = Type.Union([Type.String({ pattern: '^[0-9+\\- ]{3,24}$' }), Type.Null()]);
/** Either a name and perhaps a phone, or an account, whose name and phone count whatever stands beside it: so a roster goes in as it came out. */
const Entry = Type.Object({
  startsAt: Instant, endsAt: Instant, userId: Type.Optional(Type.Union([Id, Type.Null()], { description: 'Somebody of the unit or of one below it; name and phone follow the account' })),
  name: Type.Optional(Type.String({ maxLength: 100 })), phone: Type.Optional(PhoneNumber),
}, { additionalProperties: false });
const Roster = Type.Object({ from: Instant, to: Instant, duties: Type.Array(Entry, { maxItems: 500 }) }, { additionalProperties: false });
const DutyView = Type.Object({ startsAt: Time, endsAt: Time, userId: Type.Union([Id, Type.Null()]), name: Type.String(), phone: PhoneNumber });
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
    return { items: (await listDuties(pool, unitId, { from, to, now: now() })).map((one) => ({ ...one, startsAt: one.startsAt.toISOString(), endsAt: one.endsAt.toISOString() })) };
  });

  app.put('/api/units/:unitId/duties', { config: { permission: 'unit.manage' }, schema: {
    summary: 'Replace the duties that begin in a time', tags, params, body: Roster, response: { 204: Type.Null(), ...problemResponses(404, 422) },
  } }, async (request, reply) => {
    const { unitId } = request.params;
    const { from, to } = request.body;
    const duties = request.body.duties.map((one, index) => readEntry(one, index));
    const [begin, end] = [new Date(from), new Date(to)];
    for (const [index, { startsAt, endsAt }] of duties.entries()) {
      if (endsAt <= startsAt || startsAt < begin || startsAt >= end) throw new AppError('reference_unknown', { field: `duties/${index}/startsAt` });
    }
    await transaction(pool, async (tx) => {
      await requireUnit(tx, unitId);
      for (const [index, { userId }] of duties.entries()) if (userId !== null && !(await worksFor(tx, userId, unitId, now()))) throw new AppError('reference_unknown', { field: `duties/${index}/userId` });
      await replaceDuties(tx, unitId, { from: begin, to: end, duties });
      await audit(tx, requireUser(request), request, { action: 'unit.duties_changed', entity: 'unit', entityId: unitId, details: { from, to, count: duties.length } });
    });
    return reply.code(204).send(null);
  });
}

async function requireUnit(db: Db, unitId: string): Promise<void> {
  if (!(await findUnit(db, unitId))) throw new AppError('not_found', { entity: 'unit', id: unitId });
}

function readEntry({ startsAt, endsAt, userId = null, name = '', phone = null }: Static<typeof Entry>, index: number): Duty {
  if (userId === null && !(name.trim() !== '' && name.length <= 50)) throw new AppError('reference_unknown', { field: `duties/${index}/name` });
  return { startsAt: new Date(startsAt), endsAt: new Date(endsAt), userId, name, phone };
}
