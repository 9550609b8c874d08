import { Type } from 'typebox';
import { v7 as uuid } from 'uuid';
import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import { transaction } from '../db/transaction.ts';
import type { App } from '../http/app-type.ts';
import { Id, NullableTime, Time, iso } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { audit } from './audit.ts';
import { requireUser } from './authenticate.ts';
import { tokenPermissions } from './permissions.ts';
import { hashToken, newSecretToken } from './secret-token.ts';
import { insertToken, listTokens, revokeToken, type TokenRow } from './token-queries.ts';

const name = Type.String({ minLength: 1, maxLength: 100, description: 'Which system uses it' });
const scope = Type.Array(Type.Enum([...tokenPermissions]), { minItems: 1, uniqueItems: true });
const TokenView = Type.Object({
  id: Id, name, permissions: Type.Array(Type.String()), createdAt: Time, expiresAt: Time, revokedAt: NullableTime, lastUsedAt: NullableTime,
});
const NewToken = Type.Object({
  name, permissions: scope, days: Type.Integer({ minimum: 1, maximum: 730, default: 365, description: 'Days until it expires' }),
}, { additionalProperties: false });
const ShownToken = Type.Object({ id: Id, token: Type.String({ description: 'Shown only now' }), expiresAt: Time });
const tags = ['tokens'];
const dayMs = 86_400_000;

/** Tokens of other systems: shown once, stored as a hash, limited to the permissions they were made with. */
export function registerTokenRoutes(app: App, deps: Deps): void {
  const config = { permission: 'token.manage' } as const;
  app.get('/api/tokens', {
    config, schema: {
      summary: 'Tokens of other systems',
      tags, response: { 200: Type.Object({ items: Type.Array(TokenView) }), ...problemResponses() },
    },
  }, async () => ({ items: (await listTokens(deps.pool)).map(viewToken) }));
  app.post('/api/tokens', {
    config,
    schema: { summary: 'Make a token; it is shown once', tags, body: NewToken, response: { 201: ShownToken, ...problemResponses() } },
  }, async (request, reply) => {
    const actor = requireUser(request);
    const { days, ...given } = request.body;
    const [id, token, at] = [uuid(), newSecretToken('hotline_'), deps.now()];
    const expiresAt = new Date(at.getTime() + days * dayMs);
    await transaction(deps.pool, async (tx) => {
      await insertToken(tx, { ...given, id, tokenHash: hashToken(token), createdBy: actor.userId, at, expiresAt });
      await audit(tx, actor, request, { action: 'token.created', entity: 'token', entityId: id, details: given });
    });
    return reply.code(201).send({ id, token, expiresAt: expiresAt.toISOString() });
  });
  app.post('/api/tokens/:tokenId/revoke', {
    config, schema: {
      summary: 'Revoke a token',
      tags, params: Type.Object({ tokenId: Id }), response: { 204: Type.Null(), ...problemResponses(404) },
    },
  }, async (request, reply) => {
    const id = request.params.tokenId;
    await transaction(deps.pool, async (tx) => {
      if (!(await revokeToken(tx, id, deps.now()))) throw new AppError('not_found', { entity: 'token', id });
      await audit(tx, request.actor, request, { action: 'token.revoked', entity: 'token', entityId: id });
    });
    return reply.code(204).send(null);
  });
}

function viewToken(token: TokenRow) {
  return {
    ...token, createdAt: token.createdAt.toISOString(), expiresAt: token.expiresAt.toISOString(),
    revokedAt: iso(token.revokedAt), lastUsedAt: iso(token.lastUsedAt),
  };
}
