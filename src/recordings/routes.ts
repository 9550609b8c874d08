import { Type } from 'typebox';
import { audit } from '../auth/audit.ts';
import { requireActor, requireUser } from '../auth/authenticate.ts';
import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import type { App } from '../http/app-type.ts';
import { Id, Page, pageOf, pageQuery, readCursor } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { registerAudioRoute } from './audio-route.ts';
import { isChainWhole } from './check-deletions.ts';
import { manageRecording, recordingActions } from './manage-recording.ts';
import { findRecording, listDeletionsBefore, listPauses } from './queries.ts';
import { DeletionView, RecordingView, viewDeletion, viewRecording } from './recording-view.ts';

const params = Type.Object({ callId: Id });
const tags = ['recordings'];
const ActBody = Type.Object({
  reason: Type.String({ minLength: 5, maxLength: 500, pattern: '\\S{2}', description: 'Why; written down for good' }),
  classCode: Type.Optional(Type.Union([Type.String({ maxLength: 32 }), Type.Null()], { description: 'classify: which class; null: by the case, as before' })),
}, { additionalProperties: false });
const deletionsQuery = Type.Object(pageQuery, { additionalProperties: false });

export function registerRecordingRoutes(app: App, deps: Deps): void {
  const view = async (callId: string, mayManage: boolean) => {
    const row = await findRecording(deps.pool, callId);
    if (!row) throw new AppError('not_found', { entity: 'recording', id: callId });
    return viewRecording(row, await listPauses(deps.pool, callId), mayManage);
  };

  app.get('/api/calls/:callId/recording', {
    config: { permission: 'call.read' },
    schema: {
      summary: 'What is known of a call’s recording: length, pauses, class, hold, checksum',
      tags, params, response: { 200: RecordingView, ...problemResponses(404) },
    },
  }, async (request) => view(request.params.callId, requireActor(request).permissions.has('recording.manage')));

  registerAudioRoute(app, deps);

  app.post('/api/recordings/:callId/actions/:action', {
    config: { permission: 'recording.manage' },
    schema: {
      summary: 'Put a recording under legal hold, release it, give it a class, or delete it before its time',
      tags, params: Type.Object({ callId: Id, action: Type.Enum([...recordingActions]) }), body: ActBody,
      response: { 200: RecordingView, ...problemResponses(404, 409, 422) },
    },
  }, async (request) => {
    const { callId, action } = request.params;
    await manageRecording(deps, callId, { actor: requireUser(request), trace: request }, { action, ...request.body });
    return view(callId, true);
  });

  app.get('/api/recordings/deletions', {
    config: { permission: 'audit.read' },
    schema: {
      summary: 'Recordings that were deleted, newest first, and whether none of these rows was changed, left out or put in',
      tags, querystring: deletionsQuery, response: { 200: Type.Object({ ...Page(DeletionView).properties, isChainWhole: Type.Boolean() }), ...problemResponses() },
    },
  }, async (request) => {
    const { cursor, limit } = request.query;
    await audit(deps.pool, request.actor, request, { action: 'recording.deletions_read' });
    const rows = await listDeletionsBefore(deps.pool, Number(readCursor(cursor, /^\d{1,15}$/) ?? Number.MAX_SAFE_INTEGER), limit + 1);
    return { ...pageOf(rows, limit, (row) => String(row.id), viewDeletion), isChainWhole: await isChainWhole(deps.pool) };
  });
}
