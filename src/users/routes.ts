import { Type } from 'typebox';
import { audit } from '../auth/audit.ts';
import { requireUser } from '../auth/authenticate.ts';
import { permissionsOf, roles } from '../auth/permissions.ts';
import { findUser, listUsers, type User } from '../auth/queries.ts';
import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import type { Tx } from '../db/query.ts';
import { transaction } from '../db/transaction.ts';
import type { App } from '../http/app-type.ts';
import { Id, NullableInstant, NullableString, NullableTime, Page, Version, iso, pageOf, pageQuery, readCursor } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { signOutPerson } from '../seats/sign-out-person.ts';
import { findOpenUnits } from '../units/queries.ts';
import { changeUser, resetPassword } from './change-user.ts';
import { createUser } from './create-user.ts';

const Roles = Type.Array(Type.Enum([...roles]), { minItems: 1, uniqueItems: true });
const displayName = Type.String({ minLength: 1, maxLength: 100 });
const unitId = Type.Optional(Type.Union([Id, Type.Null()]));
const phone = Type.Optional(Type.Union([Type.String({ pattern: '^[0-9+\\- ]{3,24}$', description: 'Where the person is reached; a unit’s duty roster that names the account follows it' }), Type.Null()]));
const UserView = Type.Object({
  id: Id, login: Type.String(), displayName: Type.String(), roles: Roles, unitId: NullableString, phone: NullableString, endsAt: NullableTime, disabledAt: NullableTime, lockedUntil: NullableTime,
  mustChangePassword: Type.Boolean(), version: Type.Integer(),
});
const NewUser = Type.Object({
  login: Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{1,63}$' }), displayName, roles: Roles, unitId, phone, endsAt: Type.Optional(NullableInstant),
}, { additionalProperties: false });
const UserEdit = Type.Object({
  version: Version, displayName: Type.Optional(displayName), roles: Type.Optional(Roles), unitId, phone, endsAt: Type.Optional(NullableInstant),
  isDisabled: Type.Optional(Type.Boolean()), unlock: Type.Optional(Type.Boolean({ description: 'true: forget failed logins' })),
}, { additionalProperties: false });
const FirstPassword = Type.Object({ id: Id, login: Type.String(), password: Type.String({ description: 'Shown once; must be changed at the next login' }) });
const params = Type.Object({ userId: Id });
const listQuery = Type.Object(pageQuery, { additionalProperties: false });
const tags = ['users'];

function viewUser(user: User) {
  const { passwordHash: _, ...shown } = user;
  return { ...shown, endsAt: iso(user.endsAt), disabledAt: iso(user.disabledAt), lockedUntil: iso(user.lockedUntil) };
}

export function registerUserRoutes(app: App, deps: Deps): void {
  const config = { permission: 'user.manage' } as const;
  app.get('/api/users', {
    config, schema: { summary: 'Accounts', tags, querystring: listQuery, response: { 200: Page(UserView), ...problemResponses() } },
  }, async (request) => {
    const { cursor, limit } = request.query;
    return pageOf(await listUsers(deps.pool, readCursor(cursor, /^[a-z0-9._-]+$/) ?? '', limit + 1), limit, (user) => user.login, viewUser);
  });
  app.get('/api/users/:userId', { config, schema: {
    summary: 'One account',
    tags, params, response: { 200: UserView, ...problemResponses(404) },
  } }, async (request) => {
    const user = await findUser(deps.pool, request.params.userId);
    if (!user) throw new AppError('not_found', { entity: 'user', id: request.params.userId });
    return viewUser(user);
  });
  app.post('/api/users', {
    config, schema: {
      summary: 'Make an account; its first password is shown once',
      tags, body: NewUser, response: { 201: FirstPassword, ...problemResponses(409) },
    },
  }, async (request, reply) => {
    const { endsAt, ...body } = request.body;
    const created = await transaction(deps.pool, async (tx) => {
      await requireUnit(tx, body.unitId);
      const user = await createUser(tx, { ...body, endsAt: endsAt ? new Date(endsAt) : null, mustChangePassword: true }, deps.now());
      await audit(tx, request.actor, request, { action: 'user.created', entity: 'user', entityId: user.id, details: { roles: body.roles } });
      return user;
    });
    return reply.code(201).send({ ...created, login: body.login });
  });
  app.patch('/api/users/:userId', {
    config, schema: {
      summary: 'Change roles, name or end of an account, disable or unlock it',
      tags, params, body: UserEdit, response: { 200: UserView, ...problemResponses(404, 409) },
    },
  }, async (request) => {
    const { version, endsAt, ...edit } = request.body;
    const given = { ...edit, ...(endsAt === undefined ? {} : { endsAt: endsAt === null ? null : new Date(endsAt) }) };
    return transaction(deps.pool, async (tx) => {
      await requireUnit(tx, given.unitId);
      const user = await changeUser(tx, request.params.userId, given, deps.now(), (current) => {
        if (current.version !== version) throw new AppError('stale_version', { current: viewUser(current) });
      });
      if (user.disabledAt || !permissionsOf(user.roles).has('seat.sign_in')) await signOutPerson(deps, tx, { userId: user.id, forcedBy: requireUser(request).userId });
      await audit(tx, request.actor, request, { action: 'user.changed', entity: 'user', entityId: user.id, details: given });
      return viewUser(user);
    });
  });
  app.post('/api/users/:userId/password-reset', {
    config, schema: {
      summary: 'Give a new first password, shown once',
      tags, params, response: { 200: FirstPassword, ...problemResponses(404) },
    },
  }, async (request) => transaction(deps.pool, async (tx) => {
    const reset = await resetPassword(tx, request.params.userId, deps.now());
    await audit(tx, request.actor, request, { action: 'password.reset', entity: 'user', entityId: reset.id });
    return reset;
  }));
}

async function requireUnit(tx: Tx, unitId: string | null | undefined): Promise<void> {
  if (unitId && (await findOpenUnits(tx, [unitId], null)).length === 0) throw new AppError('reference_unknown', { field: 'unitId' });
}
