import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import type { TestProject } from 'vitest/node';
import { Part } from '../../scripts/stack/part.ts';
import { readSettings } from '../../scripts/stack/settings.ts';
import { startStack } from '../../scripts/stack/stack.ts';

declare module 'vitest' {
  interface ProvidedContext {
    root: string;
    dataDir: string;
    env: Record<string, string>;
  }
}

/** A stack of its own on free ports, in a throw-away folder, with the service on it: one for all files of a tier. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'hotline-test-'));
  chmodSync(dataDir, 0o711); // under root, PostgreSQL is another user
  const ports = await freePorts(8);
  const names = ['HTTP', 'POSTGRES', 'REDIS', 'ARI', 'AMI', 'TRUNK_SIP', 'SEAT_SIP'];
  const env = Object.fromEntries(names.map((name, index) => [`HOTLINE_${name}_PORT`, String(ports[index])]));
  const stack = await startStack({ ...readSettings({ ...process.env, ...env, HOTLINE_DATA_DIR: dataDir, HOTLINE_TRUNK_PEER: `127.0.0.1:${String(ports[7])}` }), isThrowAway: true });
  const serviceEnv = { ...stack.env, HOTLINE_LOG_LEVEL: 'info', TEST_TRUNK_PEER_PORT: String(ports[7]) };
  const prepared = spawnSync(process.execPath, ['--import', 'tsx', 'src/setup.ts'], { env: { ...process.env, ...serviceEnv }, encoding: 'utf8' });
  if (prepared.status !== 0) throw new Error(prepared.stderr);
  const service = new Part({ name: 'service', command: process.execPath, args: ['--import', 'tsx', 'src/main.ts'], env: serviceEnv, dataDir });
  const health = `http://127.0.0.1:${String(ports[0])}/health/ready`;
  await service.start(async () => (await fetch(health).catch(() => null))?.ok ?? false);
  project.provide('root', stack.root);
  project.provide('dataDir', dataDir);
  project.provide('env', serviceEnv);
  return async () => {
    await service.stop();
    await stack.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
}

/** Ports nobody listens on now, all held until the last is found, so that no two are the same. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => new Promise<ReturnType<typeof createServer>>((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => resolve(server));
  })));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
