import type pg from 'pg';
import { v7 as uuid } from 'uuid';
import { sessionCookie } from '../../src/auth/authenticate.ts';
import type { Role } from '../../src/auth/permissions.ts';
import { insertSession } from '../../src/auth/queries.ts';
import { hashToken, newSecretToken } from '../../src/auth/secret-token.ts';
import { transaction } from '../../src/db/transaction.ts';
import { createUser } from '../../src/users/create-user.ts';

export type Person = { readonly id: string; readonly login: string; readonly password: string; readonly cookie: string };
export type Answer = { readonly status: number; readonly type: string; readonly headers: Headers; readonly text: string; readonly body: Record<string, unknown> };
type Ask = { readonly as?: Person | undefined; readonly body?: unknown; readonly raw?: string | undefined; readonly headers?: Record<string, string> };

/** A person with these roles, with a session made beside the login form, whose rate limit a test would meet. */
export function enter(pool: pg.Pool, roles: Role[], mustChangePassword = false, unitId: string | null = null): Promise<Person> {
  return transaction(pool, async (tx) => {
    const at = new Date();
    const login = `person-${uuid()}`;
    const { id, password } = await createUser(tx, { login, displayName: login, roles, unitId, endsAt: null, mustChangePassword }, at);
    const token = newSecretToken();
    const expiresAt = new Date(at.getTime() + 3_600_000);
    await insertSession(tx, { id: uuid(), tokenHash: hashToken(token), userId: id, at, expiresAt, ip: '127.0.0.1', userAgent: '' });
    return { id, login, password, cookie: `${sessionCookie}=${token}` };
  });
}

/** One request; the answer is read whole, whatever it is. */
export async function ask(origin: string, method: string, path: string, { as, body, raw, headers }: Ask = {}): Promise<Answer> {
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const answer = await fetch(origin + path, {
    method, ...(payload === undefined ? {} : { body: payload }),
    headers: { ...(payload === undefined ? {} : { 'content-type': 'application/json' }), ...(as ? { cookie: as.cookie } : {}), ...headers },
  });
  const text = await answer.text();
  const isJson = /json/.test(answer.headers.get('content-type') ?? '') && text !== '';
  return {
    status: answer.status, type: answer.headers.get('content-type') ?? '', headers: answer.headers, text,
    body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
  };
}
