import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isAlive, markOf, type ProcessMark } from './processes.ts';
import { ProgramError } from './settings.ts';

export type PartOptions = {
  readonly name: string;
  readonly command: string;
  readonly args: string[];
  readonly env?: Record<string, string>;
  readonly dataDir: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly cwd?: string;
  /** Asks it to end; SIGTERM unless told. */
  readonly stopSignal?: NodeJS.Signals;
  /** Aborted: nothing is started any more, and what is starting is given up. */
  readonly signal?: AbortSignal;
};
type PidFile = ProcessMark & { readonly stopSignal: NodeJS.Signals };

const running = new Set<ChildProcess>();
const readyMs = 5 * 60_000;

/** At once and by force, for an end that leaves no time: a second Ctrl-C, a defect. */
export function killAllParts(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** One program of the stack as a child process; its number is kept in a file so that a later start finds what a killed one left. */
export class Part {
  readonly #options: PartOptions;
  #child: ChildProcess | null = null;

  constructor(options: PartOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get isRunning(): boolean {
    return this.#child !== null && running.has(this.#child);
  }

  /** Returns once it is ready; what did not become ready is ended. */
  async start(isReady: () => Promise<boolean>, onExit: () => void = () => undefined): Promise<void> {
    try {
      await stopLeftover(this.#pidFile);
      this.#options.signal?.throwIfAborted();
      this.#spawn(onExit);
      await this.#becomeReady(isReady);
    } catch (error) {
      await this.stop(2_000);
      throw error;
    }
  }

  #spawn(onExit: () => void): void {
    const { name, command, args, env, uid, gid, cwd, stopSignal = 'SIGTERM' } = this.#options;
    mkdirSync(dirname(this.#logFile), { recursive: true, mode: 0o700 });
    rotate(this.#logFile);
    // The file itself and no pipe through us: neither a full disk nor our own end may stop what writes there.
    const log = openSync(this.#logFile, 'a', 0o600);
    const child = spawn(command, args, { stdio: ['ignore', log, log], detached: true, env: { ...process.env, ...env }, ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }), ...(cwd ? { cwd } : {}) });
    closeSync(log);
    this.#child = child;
    running.add(child);
    child.once('error', (error) => {
      writeFileSync(this.#logFile, `${name} could not be started: ${error.message}\n`, { flag: 'a' });
      running.delete(child);
    });
    child.once('exit', () => { running.delete(child); onExit(); });
    if (child.pid) writeFileSync(this.#pidFile, JSON.stringify({ ...markOf(child.pid), stopSignal } satisfies PidFile));
  }

  async #becomeReady(isReady: () => Promise<boolean>): Promise<void> {
    const { name, signal } = this.#options;
    // Long enough for a machine that has much else to do; whoever starts it sees how far it is, and what ended says so at once.
    for (const end = Date.now() + readyMs; Date.now() < end; ) {
      if (!this.isRunning) throw new ProgramError(`${name} ended while it started: ${lastLine(this.#logFile)} (the end of ${this.#logFile})`);
      if (await isReady()) return;
      signal?.throwIfAborted();
      await delay(100);
    }
    throw new ProgramError(`${name} did not become ready within ${readyMs / 60_000} minutes; see ${this.#logFile}`);
  }

  /** Ends the program: politely, then by force after `graceMs`. */
  async stop(graceMs = 10_000): Promise<void> {
    const child = this.#child;
    if (child && this.isRunning) {
      const exited = new Promise((resolve) => child.once('exit', () => resolve(true)));
      child.kill(this.#options.stopSignal ?? 'SIGTERM');
      const isOver = await Promise.race([exited, delay(graceMs).then(() => false)]);
      if (!isOver) { child.kill('SIGKILL'); await exited; }
    }
    rmSync(this.#pidFile, { force: true });
  }

  get #pidFile(): string {
    return join(this.#options.dataDir, `${this.#options.name}.pid`);
  }

  get #logFile(): string {
    return join(this.#options.dataDir, 'log', `${this.#options.name}.log`);
  }
}

/** Everything a killed `npm start` of this data folder left running; the service first, the database last. */
export async function stopLeftovers(dataDir: string): Promise<void> {
  const order = ['service.pid', 'asterisk.pid', 'redis.pid', 'postgres.pid'];
  for (const name of readdirSync(dataDir).filter((file) => order.includes(file)).sort((a, b) => order.indexOf(a) - order.indexOf(b))) await stopLeftover(join(dataDir, name));
}

/** Ends what a killed `npm start` left behind: the same number, started at the same moment, hence the same program. */
async function stopLeftover(pidFile: string): Promise<void> {
  const left = readPidFile(pidFile);
  for (let waited = 0; left && waited < 100 && isAlive(left); waited += 1) {
    process.kill(left.pid, waited < 60 ? left.stopSignal : 'SIGKILL');
    await delay(100);
  }
  rmSync(pidFile, { force: true });
}

function readPidFile(pidFile: string): PidFile | undefined {
  if (!existsSync(pidFile)) return undefined;
  try {
    return { stopSignal: 'SIGTERM', ...(JSON.parse(readFileSync(pidFile, 'utf8')) as ProcessMark) };
  } catch {
    return undefined; // cut off by a kill or a full disk
  }
}

/** A log beyond this many bytes becomes the previous one at the next start. */
const longestLog = 10 << 20;

function rotate(logFile: string): void {
  if (existsSync(logFile) && statSync(logFile).size > longestLog) renameSync(logFile, `${logFile}.1`);
}

function lastLine(logFile: string): string {
  return readFileSync(logFile, 'utf8').trim().split('\n').pop() ?? '';
}

export async function delay(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
