import { forgetAttempts } from '../auth/login-attempts.ts';
import { hashPassword, newPassword } from '../auth/password.ts';
import type { Role } from '../auth/permissions.ts';
import { countOtherAdmins, deleteSessionsOf, lockUser, saveUser, type User } from '../auth/queries.ts';
import { AppError } from '../errors.ts';
import type { Tx } from '../db/query.ts';

export type UserEdit = {
  readonly displayName?: string | undefined;
  readonly roles?: Role[] | undefined;
  readonly unitId?: string | null | undefined;
  readonly phone?: string | null | undefined;
  readonly endsAt?: Date | null | undefined;
  readonly isDisabled?: boolean | undefined;
  readonly unlock?: boolean | undefined;
};

/** Changes an account. Its sessions end when its rights change; the last admin stays one, or nobody could let anyone in. */
export async function changeUser(tx: Tx, userId: string, edit: UserEdit, at: Date, check: (user: User) => void): Promise<User> {
  const user = await requireUserRow(tx, userId);
  check(user);
  const next: User = {
    ...user, displayName: edit.displayName ?? user.displayName, roles: edit.roles ?? user.roles, version: user.version + 1,
    unitId: edit.unitId === undefined ? user.unitId : edit.unitId,
    phone: edit.phone === undefined ? user.phone : edit.phone,
    endsAt: edit.endsAt === undefined ? user.endsAt : edit.endsAt,
    disabledAt: edit.isDisabled === undefined ? user.disabledAt : edit.isDisabled ? user.disabledAt ?? at : null,
    ...(edit.unlock ? { lockedUntil: null } : {}),
  };
  if (isAdmin(user, at) && !isAdmin(next, at) && (await countOtherAdmins(tx, user.id, at)) === 0) throw new AppError('last_admin');
  await saveUser(tx, next, at);
  if (edit.unlock) await forgetAttempts(tx, user.login, null);
  const lostRole = user.roles.some((role) => !next.roles.includes(role));
  if (next.disabledAt || lostRole) await deleteSessionsOf(tx, user.id, null);
  return next;
}

/** A new random password, shown once; whoever was logged in with the old one is logged out. */
export async function resetPassword(tx: Tx, userId: string, at: Date): Promise<{ id: string; login: string; password: string }> {
  const user = await requireUserRow(tx, userId);
  const password = newPassword();
  const passwordHash = await hashPassword(password);
  await saveUser(tx, { ...user, passwordHash, mustChangePassword: true, version: user.version + 1 }, at);
  await forgetAttempts(tx, user.login, null);
  await deleteSessionsOf(tx, user.id, null);
  return { id: user.id, login: user.login, password };
}

async function requireUserRow(tx: Tx, userId: string): Promise<User> {
  const user = await lockUser(tx, userId);
  if (!user) throw new AppError('not_found', { entity: 'user', id: userId });
  return user;
}

function isAdmin(user: User, at: Date): boolean {
  return user.roles.includes('admin') && !user.disabledAt && (user.endsAt === null || user.endsAt > at);
}
