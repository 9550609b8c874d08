import { Type } from 'typebox';
import { requireActor, requireUser } from '../../auth/authenticate.ts';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../../http/app-type.ts';
import { Id, Time } from '../../http/paging.ts';
import { problemResponses } from '../../http/problem.ts';
import { redactionOf } from '../identity/view-for-unit.ts';
import { requireVisible } from '../life/scope.ts';
import { addEvidence, removeEvidence } from './keep-evidence.ts';
import { findEvidence, listEvidence } from './queries.ts';
import { evidenceStore } from './sealed-files.ts';

const tags = ['cases'];
const caseParams = Type.Object({ caseId: Id });
const params = Type.Object({ caseId: Id, evidenceId: Id });
const read = { permission: ['case.read', 'case.read_unit'] } as const;
/** A photograph of a telephone, a minute of film. */
const largestFile = 20 << 20;
const Named = Type.Object({ name: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^/\\\\\\u0000-\\u001f]+$' }) }, { additionalProperties: false });
const EvidenceView = Type.Object({ id: Id, unitId: Id, userId: Id, at: Time, name: Type.String(), mediaType: Type.String(), bytes: Type.Integer(), sha256: Type.String() });
const file = { description: 'The file', content: { 'application/octet-stream': { schema: Type.Unsafe<unknown>({ type: 'string', format: 'binary' }) } } };

/** Evidence (佐证): files that a unit puts to its result. */
export function registerEvidenceRoutes(app: App, deps: Deps): void {
  const { pool } = deps;
  app.get('/api/cases/:caseId/evidence', { config: read, schema: { summary: 'Evidence that units put to a case', tags, params: caseParams, response: { 200: Type.Object({ items: Type.Array(EvidenceView) }), ...problemResponses(404) } } }, async (request) => {
    const { caseId } = request.params;
    const { isHidden } = await requireVisible(pool, requireActor(request), caseId);
    const hide = isHidden ? await redactionOf(pool, caseId) : (text: string) => text;
    return { items: (await listEvidence(pool, caseId)).map(({ id, unitId, userId, at, name, mediaType, bytes, sha256 }) => ({ id, unitId, userId, at: at.toISOString(), name: hide(name), mediaType, bytes, sha256: sha256.toString('hex') })) };
  });

  app.get('/api/cases/:caseId/evidence/:evidenceId', { config: read, schema: { summary: 'One piece of evidence, to be saved', tags, params, response: { 200: file, ...problemResponses(404) } } }, async (request, reply) => {
    const { caseId, evidenceId } = request.params;
    await requireVisible(pool, requireActor(request), caseId);
    const found = await findEvidence(pool, caseId, evidenceId);
    const store = found && evidenceStore(deps, found);
    if (!store || !(await store.find(found.path))) throw new AppError('not_found', { entity: 'evidence', id: evidenceId });
    // Never shown within our own pages: it is somebody else's file.
    return reply.type('application/octet-stream').header('content-length', found.bytes).header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(found.name)}`).send(store.read(found.path));
  });

  app.delete('/api/cases/:caseId/evidence/:evidenceId', { config: { permission: 'case.handle' }, schema: { summary: 'Take evidence away again, before it is handed in', tags, params, response: { 204: Type.Null(), ...problemResponses(403, 404, 409) } } }, async (request, reply) => {
    const { caseId, evidenceId } = request.params;
    const { userId, unitId } = requireUser(request);
    await requireVisible(pool, requireActor(request), caseId);
    await removeEvidence(deps, { caseId, evidenceId, userId, unitId });
    return reply.code(204).send(null);
  });

  void app.register((scope, _options, done) => {
    scope.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, parsed) => { parsed(null, body); });
    scope.post('/api/cases/:caseId/evidence', { config: { permission: 'case.handle' }, bodyLimit: largestFile, schema: {
      summary: 'Put a file to the case: its bytes as application/octet-stream, up to 20 MB', tags, params: caseParams, querystring: Named, response: { 201: Type.Object({ id: Id }), ...problemResponses(403, 404, 409, 415, 422) },
    } }, async (request, reply) => {
      const { caseId } = request.params as { caseId: string };
      const { name } = request.query as { name: string };
      const { userId, unitId } = requireUser(request);
      await requireVisible(pool, requireActor(request), caseId);
      if (!Buffer.isBuffer(request.body)) throw new AppError('file_unusable', { reason: 'it is no file' });
      return reply.code(201).send({ id: await addEvidence(deps, { caseId, userId, unitId, name, content: request.body }) });
    });
    done();
  });
}
