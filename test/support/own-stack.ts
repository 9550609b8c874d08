import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { Part } from '../../scripts/stack/part.ts';
import { readSettings } from '../../scripts/stack/settings.ts';
import { startStack, type Server } from '../../scripts/stack/stack.ts';
import { testIdentityKeys } from './identity-key.ts';
import { holdPortBlock } from './port-block.ts';

/** Where a running hotline is to be found. */
export type Place = { readonly root: string; readonly dataDir: string; readonly env: Record<string, string>; /** Its phones have their ports from this one on. */ readonly firstPhone: number };

export type OwnStack = { readonly place: Place; readonly servers: Readonly<Record<string, Server>>; readonly stop: () => Promise<void> };

/** PostgreSQL, Valkey and Asterisk on ports of their own, in a throw-away folder; the service is the test's own affair. `isThrowAway`: rows need not survive. */
export async function startOwnServers(isThrowAway = true): Promise<OwnStack> {
  const dataDir = mkdtempSync(join(tmpdir(), 'hotline-test-'));
  chmodSync(dataDir, 0o711); // under root, PostgreSQL is another user
  const ports = await holdPortBlock();
  const settings = readSettings({ ...process.env, ...ports.settings, HOTLINE_DATA_DIR: dataDir, HOTLINE_TRUNK_PEER: `127.0.0.1:${ports.trunkPeer}` });
  const stack = await startStack({ ...settings, isThrowAway });
  // All tests come from one address, and one of them tries every route as everybody.
  const env = { ...stack.env, HOTLINE_LOG_LEVEL: 'info', HOTLINE_IDENTITY_KEYS: testIdentityKeys, HOTLINE_REQUESTS_PER_MINUTE: '100000', TEST_TRUNK_PEER_PORT: String(ports.trunkPeer), TEST_STAND_BY_PORT: String(ports.standBy) };
  const stop = async () => {
    await stack.stop();
    ports.release();
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { place: { root: stack.root, dataDir, env, firstPhone: ports.firstPhone }, servers: stack.servers, stop };
}

/** The schema and the accounts and seats of a first run. */
export function prepareDatabase({ env }: Place): void {
  const prepared = spawnSync(process.execPath, ['--import', 'tsx', 'src/setup.ts'], { env: { ...process.env, ...env }, encoding: 'utf8' });
  if (prepared.status !== 0) throw new Error(prepared.stderr);
}

/** A service for a stack's servers, not started yet: its settings are the stack's unless told. `modules` are loaded before it. */
export function serviceOn({ env, dataDir }: Place, { name = 'service', settings = {}, modules = [] }: { name?: string; settings?: Record<string, string>; modules?: string[] } = {}): Server {
  const own = { ...env, ...settings };
  const part = new Part({ name, command: process.execPath, args: ['tsx', ...modules].flatMap((module) => ['--import', module]).concat('src/main.ts'), env: own, dataDir });
  const health = `http://127.0.0.1:${own['HOTLINE_HTTP_PORT'] ?? ''}/health/ready`;
  return { part, start: () => part.start(async () => (await fetch(health).catch(() => null))?.ok ?? false) };
}

/** A whole hotline; its parts can be killed and started again. */
export async function startOwnStack(isThrowAway = true): Promise<OwnStack> {
  const { place, servers, stop } = await startOwnServers(isThrowAway);
  const service = serviceOn(place);
  try {
    prepareDatabase(place);
    await service.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    place, servers: { ...servers, service },
    stop: async () => {
      await service.part.stop();
      await stop();
    },
  };
}
