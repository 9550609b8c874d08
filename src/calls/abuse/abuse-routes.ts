import { Type } from 'typebox';
import { requireUser } from '../../auth/authenticate.ts';
import type { Deps } from '../../deps.ts';
import type { App } from '../../http/app-type.ts';
import { Id } from '../../http/paging.ts';
import { problemResponses } from '../../http/problem.ts';
import { endAbusiveCall, flagAbuse } from './flag-abuse.ts';

const params = Type.Object({ callId: Id });
const Flag = Type.Object({
  note: Type.Optional(Type.String({ maxLength: 500, description: 'What happened, without who the citizen is; supervisors read it' })),
  isWarning: Type.Optional(Type.Boolean({ description: 'true: the citizen hears a warning now, then all are back together' })),
}, { additionalProperties: false });
const FlagBody = Type.Optional(Type.Union([Type.Null(), Flag]));
const control = { config: { permission: 'call.control' } } as const;

export function registerAbuseRoutes(app: App, deps: Deps): void {
  app.post('/api/calls/:callId/abuse', { ...control, schema: {
    summary: 'Flag the own call, live or just ended, as abusive: supervisors are alerted; with a warning to the citizen',
    tags: ['calls'], params, body: FlagBody, response: { 204: Type.Null(), ...problemResponses(404, 409) },
  } }, async (request, reply) => {
    const { note = '', isWarning = false } = request.body ?? {};
    await flagAbuse(deps, { callId: request.params.callId, actor: requireUser(request), trace: request }, { note, isWarning });
    return reply.code(204).send(null);
  });

  app.post('/api/calls/:callId/abuse/goodbye', { ...control, schema: {
    summary: 'End the own flagged call: the citizen hears a last message, the operator is free at once',
    tags: ['calls'], params, response: { 204: Type.Null(), ...problemResponses(404, 409) },
  } }, async (request, reply) => {
    await endAbusiveCall(deps, { callId: request.params.callId, actor: requireUser(request), trace: request });
    return reply.code(204).send(null);
  });
}
