import { Type } from 'typebox';
import { audit } from '../auth/audit.ts';
import { requireUser } from '../auth/authenticate.ts';
import { applyCaseActIn, ringLater, type Applied } from '../cases/life/apply-case-act.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { App } from '../http/app-type.ts';
import { Id, Page, pageOf, pageQuery, readCursor } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { closeUnitDown, createUnit, editUnit, moveUnit } from './change-unit.ts';
import { countOpenChildren, findUnit, listOpenCases, listPath, listUnits } from './queries.ts';
import { ChangedUnit, CloseBody, MoveBody, NewUnit, UnitDetail, UnitItem, UnitView, viewUnit, viewUnitRow } from './schemas.ts';

const tags = ['units'];
const params = Type.Object({ unitId: Id });
const read = { permission: 'unit.read' } as const;
const manage = { permission: 'unit.manage' } as const;
const listQuery = Type.Object({
  ...pageQuery, parent: Type.Optional(Type.Union([Id, Type.Literal('top')], { description: 'Children of this unit, or the top of the tree' })), q: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'Part of the name, or how the code begins' })),
  withClosed: Type.Boolean({ default: false }),
}, { additionalProperties: false });

/** The tree of those who handle cases. */
export function registerUnitRoutes(app: App, deps: Deps): void {
  const { pool } = deps;
  app.get('/api/units', { config: read, schema: { summary: 'Units of a level of the tree, or found by name or code', tags, querystring: listQuery, response: { 200: Page(UnitItem), ...problemResponses() } } }, async (request) => {
    const { cursor, limit, parent, q, withClosed } = request.query;
    const [position, code] = readCursor(cursor, /^\d{1,7} [A-Za-z0-9-]+$/)?.split(' ') ?? [];
    const after = code === undefined ? null : [Number(position), code] as const;
    const rows = await listUnits(pool, { parentId: parent === undefined || parent === 'top' ? null : parent, isTop: parent === 'top', text: q ?? null, withClosed, after, limit: limit + 1 });
    return pageOf(rows, limit, (row) => `${row.position} ${row.code}`, viewUnitRow);
  });

  app.get('/api/units/:unitId', { config: read, schema: { summary: 'A unit, with those above it', tags, params, response: { 200: UnitDetail, ...problemResponses(404) } } }, async (request) => {
    const { unitId } = request.params;
    const unit = await findUnit(pool, unitId);
    if (!unit) throw new AppError('not_found', { entity: 'unit', id: unitId });
    return { ...viewUnit(unit), path: await listPath(pool, unitId), childCount: await countOpenChildren(pool, unitId), openCases: (await listOpenCases(pool, unitId)).length };
  });

  app.post('/api/units', { config: manage, schema: { summary: 'Put a unit into the tree', tags, body: NewUnit, response: { 201: UnitView, ...problemResponses(409, 422) } } }, async (request, reply) => {
    const { parentId = null, nameEn = null, districtCode = null, ...fields } = request.body;
    const unit = await transaction(pool, async (tx) => {
      const made = await createUnit(tx, { ...fields, nameEn, districtCode }, parentId, deps.now());
      await audit(tx, requireUser(request), request, { action: 'unit.created', entity: 'unit', entityId: made.id, details: { code: made.code, parentId } });
      return made;
    });
    return reply.code(201).send(viewUnit(unit));
  });

  app.put('/api/units/:unitId', { config: manage, schema: { summary: 'Change a unit; its phones and liaison staff are replaced', tags, params, body: ChangedUnit, response: { 200: UnitView, ...problemResponses(404, 409, 422) } } }, async (request) => {
    const { version, nameEn = null, districtCode = null, ...fields } = request.body;
    const { unitId } = request.params;
    return viewUnit(await transaction(pool, async (tx) => {
      const changed = await editUnit(tx, unitId, version, { ...fields, nameEn, districtCode });
      await audit(tx, requireUser(request), request, { action: 'unit.changed', entity: 'unit', entityId: unitId, details: { code: changed.code } });
      return changed;
    }));
  });

  app.post('/api/units/:unitId/move', { config: manage, schema: { summary: 'Move a unit with all below it', tags, params, body: MoveBody, response: { 200: UnitView, ...problemResponses(404, 409, 422) } } }, async (request) => {
    const { version, parentId } = request.body;
    const { unitId } = request.params;
    return viewUnit(await transaction(pool, async (tx) => {
      const moved = await moveUnit(tx, unitId, version, parentId);
      await audit(tx, requireUser(request), request, { action: 'unit.moved', entity: 'unit', entityId: unitId, details: { parentId } });
      return moved;
    }));
  });

  app.post('/api/units/:unitId/close', {
    config: manage, schema: { summary: 'Close a unit; who has cases under way says where they go', tags, params, body: CloseBody, response: { 200: Type.Object({ movedCases: Type.Integer() }), ...problemResponses(404, 409, 422) } },
  }, async (request) => {
    const { version, casesTo = null } = request.body;
    const { unitId } = request.params;
    const { userId } = requireUser(request);
    const alarms: Applied['alarms'][number][] = [];
    const closed = await transaction(pool, async (tx) => {
      const done = await closeUnitDown(tx, unitId, version, { casesTo, at: deps.now(), handOver: async (inTx, caseId, units) => {
        alarms.push(...(await applyCaseActIn(inTx, deps, { userId, unitId: null }, { caseId, act: 'succeed', given: units })).alarms);
      } });
      await audit(tx, requireUser(request), request, { action: 'unit.closed', entity: 'unit', entityId: unitId, details: { casesTo, ...done } });
      return done;
    });
    await ringLater(deps, alarms);
    return closed;
  });
}
