import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isAlive, markOf, type ProcessMark } from './processes.ts';
import { SetupError } from './settings.ts';

export type PartOptions = { name: string; command: string; args: string[]; env?: Record<string, string>; dataDir: string; uid?: number | undefined; gid?: number | undefined; cwd?: string };

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
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async start(isReady: () => Promise<boolean>, onExit: () => void = () => undefined): Promise<void> {
    const { name, command, args, env, dataDir, uid, gid, cwd } = this.#options;
    await stopLeftover(this.#pidFile);
    const logFile = join(dataDir, 'log', `${name}.log`);
    mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 });
    rotate(logFile);
    const log = createWriteStream(logFile, { flags: 'a' });
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env: { ...process.env, ...env }, ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }), ...(cwd ? { cwd } : {}) });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    this.#child = child;
    let startError: Error | undefined;
    child.on('error', (error) => { startError = error; });
    child.on('exit', onExit);
    if (child.pid) writeFileSync(this.#pidFile, JSON.stringify(markOf(child.pid)));
    for (let waited = 0; waited < 600; waited += 1) {
      if (startError) throw new SetupError(`${name} could not be started: ${startError.message}`);
      if (!this.isRunning) throw new SetupError(`${name} ended while it started; the reason is at the end of ${logFile}`);
      if (await isReady()) return;
      await delay(100);
    }
    throw new SetupError(`${name} did not become ready within a minute; see ${logFile}`);
  }

  /** Ends the program: politely, then by force after `graceMs`. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', graceMs = 10_000): Promise<void> {
    const child = this.#child;
    if (child && this.isRunning) {
      child.kill(signal);
      const isOver = await Promise.race([new Promise((resolve) => child.once('exit', () => resolve(true))), delay(graceMs).then(() => false)]);
      if (!isOver) { child.kill('SIGKILL'); await new Promise((resolve) => child.once('exit', resolve)); }
    }
    rmSync(this.#pidFile, { force: true });
  }

  get #pidFile(): string {
    return join(this.#options.dataDir, `${this.#options.name}.pid`);
  }
}

/** Everything a killed `npm start` of this data folder left running; the service first, the database last. */
export async function stopLeftovers(dataDir: string): Promise<void> {
  const order = ['service.pid', 'asterisk.pid', 'redis.pid', 'postgres.pid'];
  for (const name of readdirSync(dataDir).filter((file) => order.includes(file)).sort((a, b) => order.indexOf(a) - order.indexOf(b))) await stopLeftover(join(dataDir, name));
}

/** Ends what a killed `npm start` left behind: the same number, started at the same moment, hence the same program. */
async function stopLeftover(pidFile: string): Promise<void> {
  if (!existsSync(pidFile)) return;
  const left = JSON.parse(readFileSync(pidFile, 'utf8')) as ProcessMark;
  for (let waited = 0; waited < 100 && isAlive(left); waited += 1) {
    process.kill(left.pid, waited < 60 ? 'SIGTERM' : 'SIGKILL');
    await delay(100);
  }
  rmSync(pidFile, { force: true });
}

/** A log beyond this many bytes becomes the previous one at the next start. */
const longestLog = 10 << 20;

function rotate(logFile: string): void {
  if (existsSync(logFile) && statSync(logFile).size > longestLog) renameSync(logFile, `${logFile}.1`);
}

export async function delay(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
