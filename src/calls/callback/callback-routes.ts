import { Type } from 'typebox';
import { audit } from '../../auth/audit.ts';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../../http/app-type.ts';
import { Id, NullableString, NullableTime, Time, iso } from '../../http/paging.ts';
import { problemResponses } from '../../http/problem.ts';
import { maskNumber } from '../../log.ts';
import { applyCallEvent } from '../apply-call-event.ts';
import { callKinds, kindOf } from '../call.ts';
import { listCallbacks, type CallbackRow } from './callback-queries.ts';
import { findCall } from '../queries.ts';

const CallbackView = Type.Object({
  callId: Id, kind: Type.Enum([...callKinds], { description: 'Asked for by the citizen, or for one whom nobody answered' }), callbackOf: Id, queueId: Type.String(), caseId: Id, caseNumber: Type.String(),
  number: Type.Union([Type.String({ description: 'Masked' }), Type.Null()], { description: 'null for a confidential case' }),
  state: Type.String(), seatId: NullableString, priority: Type.Integer(), queuedAt: Time, requestedAt: Time, attempts: Type.Integer(), retryAt: NullableTime,
});
const tags = ['calls'];
const params = Type.Object({ callId: Id });
const Cancel = Type.Optional(Type.Union([Type.Null(), Type.Object({ reason: Type.Optional(Type.String({ maxLength: 200 })) }, { additionalProperties: false })]));

function viewCallback({ id, calledNumber, isConfidential, offeredAt, ...row }: CallbackRow) {
  return { ...row, callId: id, kind: kindOf({ direction: 'outbound', ...row }), number: isConfidential ? null : maskNumber(calledNumber), requestedAt: offeredAt.toISOString(),
    queuedAt: row.queuedAt.toISOString(), retryAt: iso(row.retryAt) };
}

export function registerCallbackRoutes(app: App, deps: Deps): void {
  app.get('/api/callbacks', { config: { permission: 'call.read' }, schema: {
    summary: 'Citizens who are to be called back and wait in their place, in the order in which seats are offered them',
    tags, response: { 200: Type.Object({ items: Type.Array(CallbackView) }), ...problemResponses() },
  } }, async () => ({ items: (await listCallbacks(deps.pool, deps.now())).map(viewCallback) }));

  app.post('/api/calls/:callId/actions/cancel_callback', { config: { permission: 'seat.manage' }, schema: {
    summary: 'Take a callback out of the queue; its case goes to those who call back by hand',
    tags, params, body: Cancel, response: { 204: Type.Null(), ...problemResponses(404, 409) },
  } }, async (request, reply) => {
    const { callId } = request.params;
    const call = await findCall(deps.pool, callId);
    if (call?.callbackOf == null) throw new AppError('not_found', { entity: 'callback', id: callId });
    if (!(await applyCallEvent(deps, callId, { type: 'callback_cancelled' }))) {
      throw new AppError('action_not_allowed', { state: (await findCall(deps.pool, callId))?.state, action: 'cancel_callback', allowed: [] });
    }
    const { reason } = request.body ?? {};
    await audit(deps.pool, request.actor, request, { action: 'callback.cancelled', entity: 'call', entityId: callId, ...(reason ? { reason } : {}) });
    return reply.code(204).send(null);
  });
}
