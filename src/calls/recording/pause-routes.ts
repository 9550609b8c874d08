import { Type } from 'typebox';
import { audit } from '../../auth/audit.ts';
import { requireUser } from '../../auth/authenticate.ts';
import { AppError } from '../../errors.ts';
import type { Deps } from '../../deps.ts';
import type { App } from '../../http/app-type.ts';
import { Id } from '../../http/paging.ts';
import { problemResponses } from '../../http/problem.ts';
import { pauseLimitSec, pauseReasons } from '../../recordings/recording.ts';
import { requireOwnCall } from '../own-call.ts';
import { changePause } from './pause-recording.ts';
import { findCall } from '../queries.ts';

const params = Type.Object({ callId: Id });
const PauseBody = Type.Optional(Type.Union([Type.Null(), Type.Object({ reason: Type.Optional(Type.Enum([...pauseReasons])) }, { additionalProperties: false })]));
const tags = ['recordings'];

/** While the citizen says a secret. The recording has silence in its place. */
export function registerRecordingPauseRoutes(app: App, deps: Deps): void {
  const findOwn = async (callId: string, actor: ReturnType<typeof requireUser>) => {
    const call = await findCall(deps.pool, callId);
    if (!call) throw new AppError('not_found', { entity: 'call', id: callId });
    return { deskId: requireOwnCall(call, actor), userId: actor.userId };
  };
  app.post('/api/calls/:callId/recording/pause', {
    config: { permission: 'call.control' },
    schema: {
      summary: 'Record silence while the citizen says a secret; ends by itself',
      tags, params, body: PauseBody, response: { 200: Type.Object({ limitSec: Type.Integer() }), ...problemResponses(404, 409, 503) },
    },
  }, async (request) => {
    if (!deps.telephony.isConnected() && !(await deps.telephony.isReachable())) throw new AppError('telephony_unavailable');
    const { callId } = request.params;
    const own = await findOwn(callId, requireUser(request));
    await changePause(deps, callId, { type: 'pause_recording', reason: request.body?.reason ?? null, ...own });
    if (own.deskId === undefined) await audit(deps.pool, request.actor, request, { action: 'call.acted', entity: 'call', entityId: callId, details: { action: 'pause_recording' } });
    return { limitSec: pauseLimitSec };
  });

  app.post('/api/calls/:callId/recording/resume', {
    config: { permission: 'call.control' },
    schema: { summary: 'Record again', tags, params, response: { 204: Type.Null(), ...problemResponses(404, 409, 503) } },
  }, async (request, reply) => {
    const { callId } = request.params;
    const { deskId } = await findOwn(callId, requireUser(request));
    await changePause(deps, callId, { type: 'resume_recording', why: 'operator', deskId });
    if (deskId === undefined) await audit(deps.pool, request.actor, request, { action: 'call.acted', entity: 'call', entityId: callId, details: { action: 'resume_recording' } });
    return reply.code(204).send(null);
  });
}
