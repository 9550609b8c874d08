import { Type } from 'typebox';
import { noteLook } from '../../cases/identity/looks.ts';
import { IdentityBody } from '../../cases/schemas.ts';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../../http/app-type.ts';
import { Id, NullableString } from '../../http/paging.ts';
import { problemResponses } from '../../http/problem.ts';
import { findNumbers } from './queries.ts';

const Numbers = Type.Object({
  callerNumber: NullableString, calledNumber: Type.Union([Type.String(), Type.Null()], { description: 'Of a call out; one that came in called the hotline' }),
  legs: Type.Array(Type.Object({ legId: Type.String(), number: Type.String() }), { description: 'Phones that stand in no directory' }),
});

/** The numbers of a call, whether or not they are sealed, for a reason that is written down before anything is shown. */
export function registerCallIdentityRoute(app: App, { pool, now }: Deps): void {
  app.post('/api/calls/:callId/identity', {
    config: { permission: 'identity.read' },
    schema: {
      summary: 'See the numbers of a call, with a reason that is written down',
      tags: ['calls'], params: Type.Object({ callId: Id }), body: IdentityBody, response: { 200: Numbers, ...problemResponses(404) },
    },
  }, async (request) => {
    const { callId } = request.params;
    const found = await findNumbers(pool, callId);
    // A look is written down with its case; an attempt that became none (a blocked caller) has nobody to be asked about.
    if (!found?.caseId) throw new AppError('not_found', { entity: 'call', id: callId });
    const { caseId, callerNumber, calledNumber } = found;
    const legs = Object.entries(found.legs).map(([legId, number]) => ({ legId, number }));
    await noteLook(pool, request.actor, request, { caseId, reason: request.body.reason, number: callerNumber ?? calledNumber ?? legs[0]?.number ?? null, name: null }, now());
    return { callerNumber, calledNumber, legs };
  });
}
