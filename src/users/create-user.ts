import { v7 as uuid } from 'uuid';
import { hashPassword, newPassword } from '../auth/password.ts';
import type { Role } from '../auth/permissions.ts';
import { insertUser } from '../auth/queries.ts';
import { AppError } from '../errors.ts';
import type { Tx } from '../db/query.ts';

export type NewUser = {
  readonly login: string;
  readonly displayName: string;
  readonly roles: readonly Role[];
  readonly unitId?: string | null | undefined;
  readonly phone?: string | null | undefined;
  readonly endsAt: Date | null;
  readonly mustChangePassword: boolean;
};

/** A new account with a random first password, which is returned and stored nowhere. */
export async function createUser(tx: Tx, user: NewUser, at: Date): Promise<{ id: string; password: string }> {
  const id = uuid();
  const password = newPassword();
  const isNew = await insertUser(tx, { ...user, id, passwordHash: await hashPassword(password), at });
  if (!isNew) throw new AppError('already_exists', { field: 'login' });
  return { id, password };
}
