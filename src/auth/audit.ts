import { execute, type Db } from '../db/query.ts';
import type { Actor } from './actor.ts';

export type AuditEntry = {
  readonly action: string;
  readonly entity?: string;
  readonly entityId?: string;
  readonly reason?: string;
  readonly details?: object;
};
export type RequestTrace = { readonly id: string; readonly ip: string };

/** Writes down who did or looked at what, for good. */
export async function audit(db: Db, actor: Actor | null, trace: RequestTrace | null, entry: AuditEntry): Promise<void> {
  const { action, entity, entityId, reason, details } = entry;
  const [userId, tokenId] = [actor?.kind === 'user' ? actor.userId : null, actor?.kind === 'token' ? actor.tokenId : null];
  await execute(db, `insert into audit_log (user_id, token_id, action, entity, entity_id, reason, request_id, ip, details)
    values ($1,$2,$3,$4,$5,$6,$7,$8,$9)`, [userId, tokenId, action, entity, entityId, reason, trace?.id, trace?.ip, JSON.stringify(details ?? {})]);
}
