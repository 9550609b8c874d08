import { execute, query, queryOne, type Db, type Tx } from '../db/query.ts';
import type { Role } from './permissions.ts';

export type User = {
  readonly id: string;
  readonly login: string;
  readonly displayName: string;
  readonly passwordHash: string;
  readonly mustChangePassword: boolean;
  readonly roles: Role[];
  /** The government unit the person works for. */
  readonly unitId: string | null;
  /** Where somebody who works for a unit is reached. */
  readonly phone: string | null;
  readonly endsAt: Date | null;
  readonly disabledAt: Date | null;
  /** The latest end of a lock, from whatever address the guesses came. */
  readonly lockedUntil: Date | null;
  readonly version: number;
};
const userColumns = `id, login, display_name, password_hash, must_change_password, roles, unit_id, phone, ends_at, disabled_at, version,
  (select max(locked_until) from login_attempts where login_hash = sha256(convert_to(users.login, 'UTF8'))) as locked_until`;

export async function findUserByLogin(db: Db, login: string): Promise<User | undefined> {
  return queryOne(db, `select ${userColumns} from users where login = $1`, [login.toLowerCase()]);
}

export async function findUser(db: Db, userId: string): Promise<User | undefined> {
  return queryOne(db, `select ${userColumns} from users where id = $1`, [userId]);
}

/** Admins who can log in, but for this one. They are locked, so that two do not remove each other at once. */
export async function countOtherAdmins(tx: Tx, userId: string, at: Date): Promise<number> {
  return (await query(tx, `select id from users where 'admin' = any(roles) and id <> $1 and disabled_at is null
    and (ends_at is null or ends_at > $2) order by id for update`, [userId, at])).length;
}

export async function lockUser(tx: Tx, userId: string): Promise<User | undefined> {
  return queryOne(tx, `select ${userColumns} from users where id = $1 for update`, [userId]);
}

export async function listUsers(db: Db, afterLogin: string, limit: number): Promise<User[]> {
  return query(db, `select ${userColumns} from users where login > $1 order by login limit $2`, [afterLogin, limit]);
}

type NewUserRow = Pick<User, 'id' | 'login' | 'displayName' | 'passwordHash' | 'mustChangePassword' | 'endsAt'> & {
  readonly roles: readonly Role[]; readonly unitId?: string | null | undefined; readonly phone?: string | null | undefined; readonly at: Date;
};

/** False when the login is taken. */
export async function insertUser(tx: Tx, user: NewUserRow): Promise<boolean> {
  const { id, login, displayName, passwordHash, roles, mustChangePassword, endsAt, unitId, phone, at } = user;
  return (await execute(tx, `insert into users (id, login, display_name, password_hash, roles, must_change_password, ends_at,
      created_at, updated_at, unit_id, phone) values ($1,$2,$3,$4,$5,$6,$7,$8,$8,$9,$10) on conflict (login) do nothing`,
    [id, login.toLowerCase(), displayName, passwordHash, roles, mustChangePassword, endsAt, at, unitId, phone])) > 0;
}

export async function saveUser(tx: Tx, user: User, at: Date): Promise<void> {
  await execute(tx, `update users set display_name = $2, password_hash = $3, must_change_password = $4, roles = $5, ends_at = $6,
    disabled_at = $7, version = $8, updated_at = $9, unit_id = $10, phone = $11 where id = $1`,
    [user.id, user.displayName, user.passwordHash, user.mustChangePassword, user.roles, user.endsAt, user.disabledAt, user.version, at, user.unitId, user.phone]);
}

type NewSession = {
  readonly id: string;
  readonly tokenHash: Buffer;
  readonly userId: string;
  readonly at: Date;
  readonly expiresAt: Date;
  readonly ip: string;
  readonly userAgent: string;
};

export async function insertSession(tx: Tx, session: NewSession): Promise<void> {
  await execute(tx, `insert into sessions (id, token_hash, user_id, created_at, last_seen_at, expires_at, ip, user_agent)
    values ($1,$2,$3,$4,$4,$5,$6,$7)`,
    [session.id, session.tokenHash, session.userId, session.at, session.expiresAt, session.ip, session.userAgent]);
}

export type SessionRow = Pick<User, 'login' | 'displayName' | 'roles' | 'mustChangePassword'> & {
  readonly sessionId: string; readonly userId: string; readonly unitId: string | null; readonly lastSeenAt: Date;
};

/** The live session of a token: not expired, not idle too long, its account neither disabled nor ended. */
export async function findSession(db: Db, tokenHash: Buffer, now: Date, idleSec: number): Promise<SessionRow | undefined> {
  return queryOne(db, `select s.id as session_id, s.last_seen_at, u.id as user_id, u.unit_id, u.login, u.display_name, u.roles, u.must_change_password
    from sessions s join users u on u.id = s.user_id
    where s.token_hash = $1 and s.expires_at > $2 and s.last_seen_at > $2::timestamptz - make_interval(secs => $3)
      and u.disabled_at is null and (u.ends_at is null or u.ends_at > $2)`, [tokenHash, now, idleSec]);
}

export async function touchSession(db: Db, sessionId: string, at: Date): Promise<void> {
  await execute(db, 'update sessions set last_seen_at = $2 where id = $1', [sessionId, at]);
}

export async function deleteSession(db: Db, sessionId: string): Promise<void> {
  await execute(db, 'delete from sessions where id = $1', [sessionId]);
}

export async function deleteSessionsOf(db: Db, userId: string, exceptId: string | null): Promise<void> {
  await execute(db, 'delete from sessions where user_id = $1 and ($2::uuid is null or id <> $2)', [userId, exceptId]);
}
