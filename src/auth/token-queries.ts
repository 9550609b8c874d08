import { execute, query, queryOne, type Db, type Tx } from '../db/query.ts';
import type { Permission } from './permissions.ts';

export async function findToken(db: Db, tokenHash: Buffer, now: Date): Promise<{ id: string; permissions: Permission[] } | undefined> {
  return queryOne(db, `update api_tokens set last_used_at = $2 where token_hash = $1 and revoked_at is null and expires_at > $2
    returning id, permissions`, [tokenHash, now]);
}

export type TokenRow = {
  readonly id: string;
  readonly name: string;
  readonly permissions: Permission[];
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
};

export async function listTokens(db: Db): Promise<TokenRow[]> {
  return query(db, `select id, name, permissions, created_at, expires_at, revoked_at, last_used_at from api_tokens
    order by created_at desc limit 500`);
}

type NewToken = {
  readonly id: string;
  readonly name: string;
  readonly tokenHash: Buffer;
  readonly permissions: readonly Permission[];
  readonly createdBy: string;
  readonly at: Date;
  readonly expiresAt: Date;
};

export async function insertToken(tx: Tx, token: NewToken): Promise<void> {
  await execute(tx, `insert into api_tokens (id, name, token_hash, permissions, created_by, created_at, expires_at)
    values ($1,$2,$3,$4,$5,$6,$7)`,
    [token.id, token.name, token.tokenHash, token.permissions, token.createdBy, token.at, token.expiresAt]);
}

export async function revokeToken(tx: Tx, id: string, at: Date): Promise<boolean> {
  return (await execute(tx, 'update api_tokens set revoked_at = coalesce(revoked_at, $2) where id = $1', [id, at])) > 0;
}
