import { Type } from 'typebox';
import { requireUser } from '../auth/authenticate.ts';
import type { Deps } from '../deps.ts';
import type { App } from '../http/app-type.ts';
import { Id, Page, Time, pageOf, pageQuery, readCursor } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { undoChange, viewRow } from './change-configuration.ts';
import { listChanges } from './queries.ts';

const tags = ['configuration'];
const AnyItem = Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]);
const NullableInteger = Type.Union([Type.Integer(), Type.Null()]);
const ChangeView = Type.Object({
  id: Type.Integer(), at: Time, userId: Id, login: Type.String(), kind: Type.String(), key: Type.String(),
  before: AnyItem, after: AnyItem, version: Type.Integer(), undoes: NullableInteger,
});
const ChangesQuery = Type.Object({
  ...pageQuery, kind: Type.Optional(Type.String({ maxLength: 64 })), key: Type.Optional(Type.String({ maxLength: 64 })), userId: Type.Optional(Id),
}, { additionalProperties: false });
const params = Type.Object({ changeId: Type.String({ pattern: '^[0-9]{1,15}$' }) });

export function registerChangeRoutes(app: App, deps: Deps): void {
  app.get('/api/configuration/changes', {
    config: { permission: 'configuration.read' },
    schema: { summary: 'Who changed what in the configuration, newest first', tags, querystring: ChangesQuery, response: { 200: Page(ChangeView), ...problemResponses() } },
  }, async (request) => {
    const { cursor, limit, ...filter } = request.query;
    const rows = await listChanges(deps.pool, filter, Number(readCursor(cursor, /^\d{1,15}$/) ?? Number.MAX_SAFE_INTEGER), limit + 1);
    return pageOf(rows, limit, (row) => String(row.id), (row) => ({ ...row, at: row.at.toISOString() }));
  });
  app.post('/api/configuration/changes/:changeId/undo', {
    config: { permission: 'configuration.manage' },
    schema: {
      summary: 'Put back what a change found, as a change of its own',
      tags, params, response: { 200: Type.Object({ changeId: NullableInteger, item: AnyItem }), ...problemResponses(404, 409, 422) },
    },
  }, async (request) => {
    const { kind, changeId, key, row } = await undoChange(deps, { actor: requireUser(request), trace: request }, Number(request.params.changeId));
    return { changeId, item: row && viewRow(kind, key, row) };
  });
}
