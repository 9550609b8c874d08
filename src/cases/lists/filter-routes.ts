import { Type } from 'typebox';
import { v7 as uuid } from 'uuid';
import { requireUser } from '../../auth/authenticate.ts';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../../http/app-type.ts';
import { Id, Time, Version } from '../../http/paging.ts';
import { problemResponses } from '../../http/problem.ts';
import { countFilters, deleteFilter, findOwnFilter, insertFilter, listFilters, saveFilter, type SavedFilter } from './saved-filters.ts';
import { SavedFields } from './schemas.ts';

const tags = ['cases'];
const config = { permission: ['case.read', 'case.read_unit'] } as const;
const params = Type.Object({ filterId: Id });
const fields = { name: Type.String({ minLength: 1, maxLength: 60, pattern: '\\S' }), filter: SavedFields, isShared: Type.Boolean({ default: false }) };
const NewFilter = Type.Object(fields, { additionalProperties: false });
const ChangedFilter = Type.Object({ version: Version, ...fields }, { additionalProperties: false });
const FilterView = Type.Object({
  id: Id, name: Type.String(), filter: Type.Record(Type.String(), Type.Unknown(), { description: 'Query of GET /api/cases' }), isShared: Type.Boolean(), isOwn: Type.Boolean(),
  ownerName: Type.String(), updatedAt: Time, version: Type.Integer(),
});
/** More than anybody looks through. */
const mostOwn = 100;

/** Filters somebody keeps for GET /api/cases. What a shared one finds is what its reader may see. */
export function registerCaseFilterRoutes(app: App, deps: Deps): void {
  const { pool } = deps;
  app.get('/api/case-filters', { config, schema: {
    summary: 'My saved filters, and those that colleagues of my unit share', tags, response: { 200: Type.Object({ items: Type.Array(FilterView) }), ...problemResponses() },
  } }, async (request) => {
    const { userId } = requireUser(request);
    return { items: (await listFilters(pool, userId)).map((one) => view(one, userId)) };
  });

  app.post('/api/case-filters', { config, schema: {
    summary: 'Save a filter', tags, body: NewFilter, response: { 201: FilterView, ...problemResponses(409, 422) },
  } }, async (request, reply) => {
    const { userId } = requireUser(request);
    if (await countFilters(pool, userId) >= mostOwn) throw new AppError('too_many', { most: mostOwn });
    const id = uuid();
    if (!(await insertFilter(pool, { id, userId, ...request.body, at: deps.now() }))) throw new AppError('already_exists', { field: 'name' });
    return reply.code(201).send(await one(id, userId));
  });

  app.put('/api/case-filters/:filterId', { config, schema: {
    summary: 'Change a saved filter of my own', tags, params, body: ChangedFilter, response: { 200: FilterView, ...problemResponses(404, 409) },
  } }, async (request) => {
    const { userId } = requireUser(request);
    const { version, ...kept } = request.body;
    const id = request.params.filterId;
    const present = await findOwnFilter(pool, id, userId);
    if (!present) throw new AppError('not_found', { entity: 'case filter', id });
    if (present.version !== version) throw new AppError('stale_version', { current: await one(id, userId) });
    if (!(await saveFilter(pool, { id, userId, ...kept, at: deps.now() }, version))) throw new AppError('already_exists', { field: 'name' });
    return one(id, userId);
  });

  app.delete('/api/case-filters/:filterId', { config, schema: { summary: 'Remove a saved filter of my own', tags, params, response: { 204: Type.Null(), ...problemResponses(404) } } }, async (request, reply) => {
    const id = request.params.filterId;
    if (!(await deleteFilter(pool, id, requireUser(request).userId))) throw new AppError('not_found', { entity: 'case filter', id });
    return reply.code(204).send(null);
  });

  async function one(id: string, userId: string) {
    const found = (await listFilters(pool, userId)).find((filter) => filter.id === id);
    if (!found) throw new AppError('not_found', { entity: 'case filter', id });
    return view(found, userId);
  }
}

function view({ userId, updatedAt, ...shown }: SavedFilter, reader: string) {
  return { ...shown, isOwn: userId === reader, updatedAt: updatedAt.toISOString() };
}
