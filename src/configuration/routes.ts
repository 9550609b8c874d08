import { Type, type TSchema } from 'typebox';
import type { FastifyRequest } from 'fastify';
import { requireUser } from '../auth/authenticate.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { App } from '../http/app-type.ts';
import { Page, Version, pageOf, pageQuery, readCursor } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { changeConfiguration, viewRow, type Author, type Changed } from './change-configuration.ts';
import { registerChangeRoutes } from './change-routes.ts';
import type { Item, Kind } from './kind.ts';
import { configurationKinds } from './kinds.ts';
import { registerPromptRoutes } from './prompt-routes.ts';
import { findItem, listItems } from './queries.ts';
import { registerSeatAccountRoutes } from './seat-routes.ts';

const tags = ['configuration'];
const read = { permission: 'configuration.read' } as const;
const manage = { permission: 'configuration.manage' } as const;
const listQuery = Type.Object(pageQuery, { additionalProperties: false });
const removal = Type.Object({ version: Version }, { additionalProperties: false });

/** The same routes for every kind; the history of all. */
export function registerConfigurationRoutes(app: App, deps: Deps): void {
  for (const kind of configurationKinds) {
    registerReading(app, deps, kind);
    registerChanging(app, deps, kind);
  }
  registerSeatAccountRoutes(app, deps);
  registerPromptRoutes(app, deps);
  registerChangeRoutes(app, deps);
}

function authorOf(request: FastifyRequest): Author {
  return { actor: requireUser(request), trace: request };
}

function viewOf(kind: Kind): TSchema {
  return Type.Object({ [kind.keyField]: Type.String(), ...kind.body.properties, ...kind.fixed, version: Type.Integer() });
}

function paramsOf(kind: Kind) {
  return Type.Object({ key: Type.String({ pattern: kind.keyPattern }) });
}

function viewChanged(kind: Kind, { changeId, key, row }: Changed) {
  return { changeId, item: row && viewRow(kind, key, row) };
}

function registerReading(app: App, deps: Deps, kind: Kind): void {
  const keyPattern = new RegExp(kind.keyPattern);
  app.get(`/api/configuration/${kind.path}`, {
    config: read, schema: { summary: `Rows of the kind ${kind.name}`, tags, querystring: listQuery, response: { 200: Page(viewOf(kind)), ...problemResponses() } },
  }, async (request) => {
    const { cursor, limit } = request.query;
    const rows = await listItems(deps.pool, kind, readCursor(cursor, keyPattern) ?? '', limit + 1);
    return pageOf(rows, limit, (row) => row.key, (row) => viewRow(kind, row.key, row));
  });
  app.get(`/api/configuration/${kind.path}/:key`, {
    config: read, schema: { summary: `One ${kind.name}`, tags, params: paramsOf(kind), response: { 200: viewOf(kind), ...problemResponses(404) } },
  }, async (request) => {
    const { key } = request.params;
    const row = await findItem(deps.pool, kind, key);
    if (!row) throw new AppError('not_found', { entity: kind.name, id: key });
    return viewRow(kind, key, row);
  });
}

function registerChanging(app: App, deps: Deps, kind: Kind): void {
  const Answer = Type.Object({ changeId: Type.Union([Type.Integer(), Type.Null()]), item: Type.Union([viewOf(kind), Type.Null()]) });
  const params = paramsOf(kind);
  const body = Type.Object({ version: Type.Optional(Version), ...kind.body.properties }, { additionalProperties: false });
  app.put(`/api/configuration/${kind.path}/:key`, {
    config: manage, schema: {
      summary: kind.isMadeApart ? `Change a ${kind.name}, starting from \`version\`` : `Make a ${kind.name}, or replace it, starting from \`version\``,
      tags, params, body, response: { 200: Answer, 201: Answer, ...problemResponses(404, 409, 422) },
    },
  }, async (request, reply) => {
    const { version, ...item } = request.body as Item & { version?: number };
    const changed = await changeConfiguration(deps, authorOf(request), { kind, key: request.params.key, item, version });
    return reply.code(version === undefined ? 201 : 200).send(viewChanged(kind, changed));
  });
  app.delete(`/api/configuration/${kind.path}/:key`, {
    config: manage, schema: {
      summary: `Remove a ${kind.name} that nothing uses`,
      tags, params, querystring: removal, response: { 200: Answer, ...problemResponses(404, 409, 422) },
    },
  }, async (request) =>
    viewChanged(kind, await changeConfiguration(deps, authorOf(request), { kind, key: request.params.key, item: null, version: request.query.version })));
}
