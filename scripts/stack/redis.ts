import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { debianProgram } from './debian-program.ts';
import { Part } from './part.ts';
import { answersTcp } from './ports.ts';
import type { Settings } from './settings.ts';

/** Valkey for BullMQ: nothing in it may be evicted, and nothing in it may not be lost. */
export async function startRedis(settings: Settings, root: string): Promise<{ part: Part; url: string; start: () => Promise<void> }> {
  const dir = join(settings.dataDir, 'redis');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const program = debianProgram(root, 'usr/bin/valkey-server');
  const { redis: port } = settings.ports;
  const part = new Part({ name: 'redis', dataDir: settings.dataDir, signal: settings.signal, command: program.command,
    args: [...program.args, '--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--appendonly', 'yes', '--maxmemory-policy', 'noeviction'] });
  const start = (): Promise<void> => part.start(() => answersTcp(port));
  await start();
  return { part, url: `redis://127.0.0.1:${port}`, start };
}
