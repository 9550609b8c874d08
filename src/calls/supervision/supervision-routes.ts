import { Type } from 'typebox';
import { requireUser } from '../../auth/authenticate.ts';
import { AppError } from '../../errors.ts';
import type { Deps } from '../../deps.ts';
import type { App } from '../../http/app-type.ts';
import { Id } from '../../http/paging.ts';
import { problemResponses } from '../../http/problem.ts';
import { supervisionModes } from '../leg.ts';
import { leaveSupervision, superviseCall, takeOverCall } from './supervise-call.ts';

const params = Type.Object({ callId: Id });
const Mode = Type.Enum([...supervisionModes]);
const Body = Type.Object({
  mode: Mode,
  reason: Type.Optional(Type.String({ minLength: 5, maxLength: 500, pattern: '\\S{2}', description: 'Needed for the call of a confidential case; written down for good' })),
}, { additionalProperties: false });
const Supervised = Type.Object({ legId: Type.String({ description: 'The leg of the supervisor’s own phone' }), mode: Mode });
const supervise = { config: { permission: 'call.supervise' } } as const;
const tags = ['supervision'];

/** What a supervisor does with a live call, from the own seat and phone. */
export function registerSupervisionRoutes(app: App, deps: Deps): void {
  app.post('/api/calls/:callId/supervision', { ...supervise, schema: {
    summary: 'Listen, whisper or barge in: the own phone rings; or change the mode',
    tags, params, body: Body, response: { 200: Supervised, ...problemResponses(404, 409, 422, 503) },
  } }, async (request) => {
    if (!(await deps.telephony.isReachable())) throw new AppError('telephony_unavailable');
    return superviseCall(deps, { callId: request.params.callId, actor: requireUser(request), trace: request }, request.body);
  });

  app.delete('/api/calls/:callId/supervision', { ...supervise, schema: {
    summary: 'Leave the call; it goes on', tags, params, response: { 204: Type.Null(), ...problemResponses(404) },
  } }, async (request, reply) => {
    await leaveSupervision(deps, { callId: request.params.callId, actor: requireUser(request), trace: request });
    return reply.code(204).send(null);
  });

  app.post('/api/calls/:callId/supervision/take-over', { ...supervise, schema: {
    summary: 'Become the operator of the call and its case', tags, params, response: { 204: Type.Null(), ...problemResponses(404, 409) },
  } }, async (request, reply) => {
    await takeOverCall(deps, { callId: request.params.callId, actor: requireUser(request), trace: request });
    return reply.code(204).send(null);
  });
}
