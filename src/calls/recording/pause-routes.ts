import { Type } from 'typebox';
import { AppError } from '../../errors.ts';
import type { Deps } from '../../deps.ts';
import type { App } from '../../http/app-type.ts';
import { Id } from '../../http/paging.ts';
import { problemResponses } from '../../http/problem.ts';
import { pauseLimitSec, pauseReasons } from '../../recordings/recording.ts';
import { findOwnCall, noteActForOther } from '../own-call.ts';
import { changePause } from './pause-recording.ts';

const params = Type.Object({ callId: Id });
const PauseBody = Type.Optional(Type.Union([Type.Null(), Type.Object({ reason: Type.Optional(Type.Enum([...pauseReasons])) }, { additionalProperties: false })]));
const tags = ['recordings'];

/** While the citizen says a secret. The recording has silence in its place. */
export function registerRecordingPauseRoutes(app: App, deps: Deps): void {
  app.post('/api/calls/:callId/recording/pause', {
    config: { permission: 'call.control' },
    schema: {
      summary: 'Record silence while the citizen says a secret; ends by itself',
      tags, params, body: PauseBody, response: { 200: Type.Object({ limitSec: Type.Integer() }), ...problemResponses(404, 409, 503) },
    },
  }, async (request) => {
    if (!deps.telephony.isConnected() && !(await deps.telephony.isReachable())) throw new AppError('telephony_unavailable');
    const own = await findOwnCall(deps, request);
    const { callId, userId, deskId } = own;
    await changePause(deps, callId, { type: 'pause_recording', reason: request.body?.reason ?? null, userId, deskId });
    await noteActForOther(deps, request, own, { action: 'call.acted', details: { action: 'pause_recording' } });
    return { limitSec: pauseLimitSec };
  });

  app.post('/api/calls/:callId/recording/resume', {
    config: { permission: 'call.control' },
    schema: { summary: 'Record again', tags, params, response: { 204: Type.Null(), ...problemResponses(404, 409, 503) } },
  }, async (request, reply) => {
    const own = await findOwnCall(deps, request);
    await changePause(deps, own.callId, { type: 'resume_recording', why: 'operator', deskId: own.deskId });
    await noteActForOther(deps, request, own, { action: 'call.acted', details: { action: 'resume_recording' } });
    return reply.code(204).send(null);
  });
}
