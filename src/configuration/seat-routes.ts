import { Type } from 'typebox';
import { requireUser } from '../auth/authenticate.ts';
import type { Deps } from '../deps.ts';
import type { App } from '../http/app-type.ts';
import { problemResponses } from '../http/problem.ts';
import { awaitProvisioned } from './await-provisioned.ts';
import { Code } from './kinds/fields.ts';
import { seatKind } from './kinds/seat.ts';
import { createSeat, renewPassword, type SeatAccount } from './seat-account.ts';

const tags = ['configuration'];
const config = { permission: 'configuration.manage' } as const;
const NewSeat = Type.Object({ id: Type.String({ pattern: seatKind.keyPattern }), queueIds: Type.Array(Code, { maxItems: 100, uniqueItems: true }) }, { additionalProperties: false });
const Account = Type.Object({
  id: Type.String(), version: Type.Integer(), changeId: Type.Integer(), sipUser: Type.String(), sipPassword: Type.String({ description: 'Shown once, stored nowhere' }),
  sipPort: Type.Integer(), isProvisioned: Type.Boolean({ description: 'true: the phone can register now; false: as soon as the telephone system follows' }),
});

export function registerSeatAccountRoutes(app: App, deps: Deps): void {
  const answer = async (account: SeatAccount) =>
    ({ ...account, sipPort: deps.config.HOTLINE_SEAT_SIP_PORT, isProvisioned: await awaitProvisioned(deps.pool, account.changeId) });
  app.post('/api/configuration/seats', {
    config, schema: {
      summary: 'Make a seat; its softphone can register at once with the password shown here, once',
      tags, body: NewSeat, response: { 201: Account, ...problemResponses(409, 422) },
    },
  }, async (request, reply) => reply.code(201).send(await answer(await createSeat(deps, { actor: requireUser(request), trace: request }, request.body))));
  app.post('/api/configuration/seats/:key/password', {
    config, schema: {
      summary: 'Give a seat a new password, shown once; its phone is thrown off until it uses that one',
      tags, params: Type.Object({ key: Type.String({ pattern: seatKind.keyPattern }) }), response: { 200: Account, ...problemResponses(404, 409, 422) },
    },
  }, async (request) => answer(await renewPassword(deps, { actor: requireUser(request), trace: request }, request.params.key)));
}
