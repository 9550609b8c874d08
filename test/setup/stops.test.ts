import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAlive, type ProcessMark } from '../../scripts/stack/processes.ts';
import { tcpListeners } from '../support/listeners.ts';
import { holdPortBlock } from '../support/port-block.ts';
import { until } from '../support/until.ts';

describe('npm start', () => {
  let dataDir = '';
  let env: NodeJS.ProcessEnv = {};
  beforeAll(async () => {
    // Else `npm start` would install them anew under this very test.
    expect(readFileSync('node_modules/.hotline-stamp', 'utf8'), 'packages installed by `npm start` or `npm test`').toBe(createHash('sha256').update(readFileSync('package-lock.json')).digest('hex'));
    dataDir = mkdtempSync(join(tmpdir(), 'hotline-stops-'));
    chmodSync(dataDir, 0o711); // under root, PostgreSQL is another user
    env = { ...process.env, ...(await holdPortBlock()).settings, HOTLINE_DATA_DIR: dataDir };
  });
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  /** As from a terminal: npm, in a process group of its own. */
  const start = () => {
    const npm = spawn('npm', ['start'], { env, detached: true });
    let text = '';
    for (const stream of [npm.stdout, npm.stderr]) stream.on('data', (chunk: Buffer) => { text += chunk.toString(); });
    return { npm, says: (words: string) => until(async () => text.includes(words), `"${words}" in ${text}`), end: new Promise((resolve) => npm.once('close', resolve)) };
  };
  const parts = (): ProcessMark[] => readdirSync(dataDir).filter((name) => name.endsWith('.pid')).map((name) => JSON.parse(readFileSync(join(dataDir, name), 'utf8')) as ProcessMark);
  const starter = () => (JSON.parse(readFileSync(join(dataDir, 'lock.json'), 'utf8')) as ProcessMark).pid;
  const expectGone = async (marks: ProcessMark[]): Promise<void> => {
    expect(marks.length).toBeGreaterThan(0);
    await until(async () => !marks.some(isAlive) && !existsSync(join(dataDir, 'lock.json')), 'nothing is left running');
    expect(parts()).toEqual([]);
  };
  const toGroup = (npm: ChildProcess, signal: NodeJS.Signals) => process.kill(-(npm.pid ?? NaN), signal);

  it('stopped while it starts leaves nothing behind', async () => {
    const { npm, says, end } = start();
    await says('Starting PostgreSQL');
    await until(async () => parts().length > 0, 'the first part is there');
    const marks = parts();
    toGroup(npm, 'SIGINT');
    expect(await end).not.toBe(0);
    await expectGone(marks);
  });

  it('listens on 127.0.0.1 alone, and stops everything at one Ctrl-C, which npm passes on once more', async () => {
    const { npm, says, end } = start();
    await says('The hotline is ready');
    const marks = parts();
    expect(marks).toHaveLength(4);
    const addresses = tcpListeners(marks.map((mark) => mark.pid));
    expect(addresses.length).toBeGreaterThanOrEqual(6);
    expect(new Set(addresses)).toEqual(new Set(['0100007F']));
    toGroup(npm, 'SIGINT');
    await end;
    await expectGone(marks);
  });

  it('goes on over one that was killed, and stops when npm is ended or killed', async () => {
    const killed = start();
    await killed.says('The hotline is ready');
    const marks = parts();
    process.kill(starter(), 'SIGKILL');
    await killed.end;
    expect(marks.every(isAlive)).toBe(true);
    const next = start();
    await next.says('The hotline is ready');
    expect(marks.some(isAlive)).toBe(false);
    const nextMarks = parts();
    next.npm.kill('SIGKILL');
    await expectGone(nextMarks);
    const last = start();
    await last.says('The hotline is ready');
    const lastMarks = parts();
    last.npm.kill('SIGTERM');
    expect(await last.end).toBe(0);
    await expectGone(lastMarks);
  });
});
