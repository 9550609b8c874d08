import { Type } from 'typebox';
import { audit } from '../../auth/audit.ts';
import type { Deps } from '../../deps.ts';
import type { App } from '../../http/app-type.ts';
import { Id, Instant, NullableString, Page, Time, pageOf, pageQuery, readCursor } from '../../http/paging.ts';
import { problemResponses } from '../../http/problem.ts';
import { checkLooks, listLooks } from './looks.ts';

const tags = ['audit'];
const config = { permission: 'identity.audit' } as const;
const LookView = Type.Object({
  id: Type.Integer(), at: Time, userId: NullableString, login: NullableString, tokenId: NullableString, caseId: Id, caseNumber: Type.String(), reason: Type.String(), shown: Type.Array(Type.Enum(['number', 'name'])), requestId: NullableString,
});
const LookQuery = Type.Object({ ...pageQuery, userId: Type.Optional(Id), caseId: Type.Optional(Id), from: Type.Optional(Instant), to: Type.Optional(Instant) }, { additionalProperties: false });
const Check = Type.Object({ isWhole: Type.Boolean(), count: Type.Integer(), brokenId: Type.Union([Type.Integer(), Type.Null()]), lastHash: Type.String({ description: 'SHA-256; written down elsewhere it shows later that nothing was cut off' }) });

/** Who looked at whom, for the auditor; looking through it is written down too. */
export function registerLookRoutes(app: App, { pool }: Deps): void {
  app.get('/api/identity-looks', { config, schema: { summary: 'Looks at who a citizen is, newest first', tags, querystring: LookQuery, response: { 200: Page(LookView), ...problemResponses() } } }, async (request) => {
    const { cursor, limit, ...filter } = request.query;
    await audit(pool, request.actor, request, { action: 'identity_looks.read', details: filter });
    const rows = await listLooks(pool, filter, Number(readCursor(cursor, /^\d{1,15}$/) ?? Number.MAX_SAFE_INTEGER), limit + 1);
    return pageOf(rows, limit, (row) => String(row.id), ({ id, at, userId, login, tokenId, caseId, caseNumber, reason, shown, requestId }) => ({ id, at: at.toISOString(), userId, login, tokenId, caseId, caseNumber, reason, shown: [...shown], requestId }));
  });

  app.get('/api/identity-looks/check', { config, schema: { summary: 'Whether the chain of looks is whole', tags, response: { 200: Check, ...problemResponses() } } }, async (request) => {
    const checked = await checkLooks(pool);
    await audit(pool, request.actor, request, { action: 'identity_looks.checked', details: checked });
    return checked;
  });
}
