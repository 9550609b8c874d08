import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newPassword } from './auth/password.ts';
import type { Role } from './auth/permissions.ts';
import { loadConfig } from './config.ts';
import { migrate } from './db/migrate.ts';
import { createPool } from './db/pool.ts';
import { queryOne } from './db/query.ts';
import { transaction } from './db/transaction.ts';
import { createLogger } from './log.ts';
import { syncSpokenPrompts } from './prompts/spoken-prompts.ts';
import { insertSeat } from './seats/queries.ts';
import { seatEndpoint } from './seats/seat.ts';
import { seatDigest } from './seats/sip-digest.ts';
import { seedDemoCity } from './units/demo/seed-demo-city.ts';
import { createUser } from './users/create-user.ts';

/*
 * Before the service starts: the schema, and in an empty database the accounts and seats of a first run. Their
 * passwords are random and stand in first-run.json alone, which only its owner can read.
 */
const demoSeats = 10;
/** Who works for some of the invented city's units. */
const demoStaff = [['chengguan', '市城管局经办', 'C-D01', 'unit_handler'], ['donghu', '东湖区经办', 'Q01', 'unit_handler'], ['jinmai', '锦麦街道经办', 'Q01-S01', 'unit_handler'], ['shuiwu', '水务集团经办', 'C-U01', 'unit_handler'],
  ['donghu-head', '东湖区负责人', 'Q01', 'unit_head']] as const;
const config = loadConfig(process.env);
const log = createLogger('warn');
await migrate(config.DATABASE_URL, log);
const pool = createPool(config.DATABASE_URL, log, 2);
const file = join(config.HOTLINE_DATA_DIR, 'first-run.json');
await transaction(pool, async (tx) => {
  await tx.query('select pg_advisory_xact_lock(12346)');
  await syncSpokenPrompts(tx);
  if (await queryOne(tx, 'select 1 from users limit 1')) return;
  const at = new Date();
  const account = async (login: string, displayName: string, role: Role, unitId: string | null = null) => {
    const mustChangePassword = role === 'admin' || role === 'supervisor' || !config.HOTLINE_DEMO_OPERATORS;
    const { password } = await createUser(tx, { login, displayName, roles: [role], unitId, endsAt: null, mustChangePassword }, at);
    return { login, password };
  };
  const admin = await account('admin', '管理员', 'admin');
  const supervisor = await account('supervisor', '班长', 'supervisor');
  const operators = [];
  const seats = [];
  for (let index = 1; index <= demoSeats; index += 1) {
    operators.push(await account(`operator${index}`, `话务员${index}`, 'operator'));
    const id = String(8000 + index);
    const password = newPassword();
    await insertSeat(tx, { id, sipDigest: seatDigest(id, password), queueIds: ['12345'] }, at);
    seats.push({ seat: id, sipUser: seatEndpoint(id), sipPassword: password });
  }
  const desk = [await account('dispatcher', '派单员', 'dispatcher'), await account('callback', '回访员', 'callback'), await account('leader', '值班领导', 'leader')];
  const units = config.HOTLINE_DEMO_OPERATORS ? await seedDemoCity(tx, at) : new Map<string, string>();
  const unitStaff = [];
  for (const [login, displayName, code, role] of demoStaff) {
    const unitId = units.get(code);
    if (unitId !== undefined) unitStaff.push({ ...(await account(login, displayName, role, unitId)), unit: code });
  }
  // Written before the commit: accounts nobody knows the password of would be worse than a file without accounts.
  mkdirSync(config.HOTLINE_DATA_DIR, { recursive: true });
  writeFileSync(`${file}.part`, `${JSON.stringify({ admin, supervisor, operators, seats, desk, unitStaff }, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.part`, file);
});
await pool.end();
