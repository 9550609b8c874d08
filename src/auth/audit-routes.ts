import { Type } from 'typebox';
import type { Deps } from '../deps.ts';
import { query, type Db } from '../db/query.ts';
import type { App } from '../http/app-type.ts';
import { Id, Instant, NullableString, Page, Time, pageOf, pageQuery, readCursor } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { audit } from './audit.ts';

const AuditView = Type.Object({
  id: Type.Integer(), at: Time, userId: NullableString, login: NullableString, tokenId: NullableString, action: Type.String(), entity: NullableString,
  entityId: NullableString, reason: NullableString, requestId: NullableString, ip: NullableString, details: Type.Record(Type.String(), Type.Unknown()),
});
const filters = {
  action: Type.Optional(Type.String({ maxLength: 64 })), entity: Type.Optional(Type.String({ maxLength: 64 })),
  entityId: Type.Optional(Type.String({ maxLength: 64 })), userId: Type.Optional(Id), from: Type.Optional(Instant), to: Type.Optional(Instant),
};
const AuditQuery = Type.Object({ ...pageQuery, ...filters }, { additionalProperties: false });

/** Who did or looked at what, newest first; reading it is written down too. */
export function registerAuditRoutes(app: App, deps: Deps): void {
  app.get('/api/audit', {
    config: { permission: 'audit.read' },
    schema: {
      summary: 'Who did or looked at what, newest first',
      tags: ['audit'], querystring: AuditQuery, response: { 200: Page(AuditView), ...problemResponses() },
    },
  }, async (request) => {
    const { cursor, limit, ...filter } = request.query;
    await audit(deps.pool, request.actor, request, { action: 'audit.read', details: filter });
    const rows = await listAudit(deps.pool, filter, Number(readCursor(cursor, /^\d{1,15}$/) ?? Number.MAX_SAFE_INTEGER), limit + 1);
    return pageOf(rows, limit, (row) => String(row.id), (row) => ({ ...row, at: row.at.toISOString() }));
  });
}

type Filter = { readonly [Name in keyof typeof filters]?: string };
type Nullable = 'userId' | 'login' | 'tokenId' | 'entity' | 'entityId' | 'reason' | 'requestId' | 'ip';
type AuditRow = { readonly [Name in Nullable]: string | null } & {
  readonly id: number; readonly at: Date; readonly action: string; readonly details: Record<string, unknown>;
};

async function listAudit(db: Db, filter: Filter, beforeId: number, limit: number): Promise<AuditRow[]> {
  const { action, entity, entityId, userId, from, to } = filter;
  return query(db, `select a.id, a.at, a.user_id, u.login, a.token_id, a.action, a.entity, a.entity_id, a.reason, a.request_id,
      host(a.ip) as ip, a.details
    from audit_log a left join users u on u.id = a.user_id
    where a.id < $1 and ($2::text is null or a.action = $2)
      and ($3::text is null or a.entity = $3) and ($4::text is null or a.entity_id = $4)
      and ($5::uuid is null or a.user_id = $5) and ($6::timestamptz is null or a.at >= $6) and ($7::timestamptz is null or a.at < $7)
    order by a.id desc limit $8`,
    [beforeId, action, entity, entityId, userId, from, to, limit]);
}
