import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { pressSteps, type Press } from './presses.ts';
import { debianProgram } from '../stack/debian-program.ts';

export type SippOptions = {
  /** Name of a scenario in this folder. */
  readonly scenario: string;
  /** Called number or user. */
  readonly service: string;
  /** 127.0.0.1 unless told. */
  readonly remoteHost?: string;
  readonly remotePort: number;
  readonly localPort: number;
  readonly user?: string;
  readonly password?: string;
  /** Words of the scenario and what stands for them: CALLER, NUMBER, RING_MS, TALK_MS, LINE_MS, EXPIRES, STATUS, SIPFRAG. */
  readonly values?: Readonly<Record<string, string | number>>;
  readonly calls?: number;
  /** Calls begun a second; 10 unless told. */
  readonly rate?: number;
  /** Calls under way at once; no limit unless told. */
  readonly atOnce?: number;
  /** Ends by itself after so long, seconds; 1200 unless told. */
  readonly timeoutSec?: number;
  /** Where it sends from; 127.0.0.1 unless told. */
  readonly localHost?: string;
  /** Where it wants its audio: a port that somebody else listens on. */
  readonly mediaPort?: number;
  /** What `phone-keys` presses. */
  readonly presses?: readonly Press[];
  /** What the citizens of `phones-poll` press, by the names that stand there. */
  readonly pressesOf?: Readonly<Record<string, readonly Press[]>>;
  /** What a phone that speaks says, A-law at 8 kHz. */
  readonly speech?: Buffer;
  /** One line a call, taken in turn: what stands for [field0], [field1] of a crowd's scenario, with `;` between them. */
  readonly rows?: readonly string[];
};

export type Sipp = {
  /** SIPp's exit code; 0 when every step went as the scenario says. */
  readonly done: Promise<number>;
  /** What the scenario logged, a line each; complete when the phone has ended. */
  readonly log: Promise<string[]>;
  /** The phone can be called now, or has ended. */
  readonly bound: Promise<void>;
  /** Ends its call as a person would, with a BYE. Source: SIPp's documentation, "q" pressed twice, which SIGUSR1 stands for. */
  hangUp(): void;
  stop(): void;
  readonly child: ChildProcess;
};

/** One SIPp with one scenario. */
export function startSipp(root: string, options: SippOptions): Sipp {
  const folder = mkdtempSync(join(tmpdir(), 'sipp-'));
  let scenario = readFileSync(fileURLToPath(new URL(`${options.scenario}.xml`, import.meta.url)), 'utf8');
  const values = { CALLER: '13800001111', RING_MS: 300, TALK_MS: 2_000, EXPIRES: 120, LINE_MS: 1_000, SIPFRAG: '200', ...options.values };
  for (const [name, value] of Object.entries(values)) scenario = scenario.replaceAll(name, String(value));
  if (options.presses) scenario = scenario.replace('<!--PRESSES-->', pressSteps(options.presses));
  for (const [name, presses] of Object.entries(options.pressesOf ?? {})) scenario = scenario.replace(`<!--PRESSES ${name}-->`, pressSteps(presses));
  if (options.mediaPort !== undefined) scenario = scenario.replaceAll('[media_port]', String(options.mediaPort));
  writeFileSync(join(folder, 'scenario.xml'), scenario);
  if (options.speech) writeFileSync(join(folder, 'speech.al'), options.speech);
  if (options.rows) writeFileSync(join(folder, 'rows.csv'), ['SEQUENTIAL', ...options.rows, ''].join('\n'));
  const program = debianProgram(root, 'usr/bin/sipp');
  const child = spawn(program.command, [...program.args, `${options.remoteHost ?? '127.0.0.1'}:${options.remotePort}`, '-sf', join(folder, 'scenario.xml'),
    '-s', options.service, '-i', options.localHost ?? '127.0.0.1', '-p', String(options.localPort),
    '-m', String(options.calls ?? 1), '-nostdin', '-aa', '-mp', String(options.localPort + 2), '-timeout', `${options.timeoutSec ?? 1_200}s`,
    ...(options.rate === undefined ? [] : ['-r', String(options.rate), '-l', String(options.atOnce ?? options.calls ?? 1)]),
    ...(options.rows ? ['-inf', join(folder, 'rows.csv')] : []), '-trace_logs', '-log_file', join(folder, 'log'),
    ...(options.user ? ['-au', options.user, '-ap', options.password ?? ''] : [])], { cwd: folder, stdio: 'ignore', env: { ...process.env, TERM: 'xterm' } });
  const ended = new Promise<{ code: number; log: string[] }>((resolve) => child.once('close', (code) => {
    const log = join(folder, 'log');
    const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : [];
    rmSync(folder, { recursive: true, force: true });
    resolve({ code: code ?? -1, log: lines });
  }));
  return { done: ended.then(({ code }) => code), log: ended.then(({ log }) => log), child, bound: waitForPort(child, options.localPort), hangUp: () => {
    child.kill('SIGUSR1');
    // Until it is gone: of two signals that come before a busy SIPp runs again it sees one.
    const again = setInterval(() => child.kill('SIGUSR1'), 200);
    child.once('exit', () => clearInterval(again));
  }, stop: () => { child.kill('SIGKILL'); } };
}

/** Source: proc_net_udp(5), the local address as hexadecimal address:port. */
async function waitForPort(child: ChildProcess, port: number): Promise<void> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  while (child.exitCode === null && child.signalCode === null) {
    if (readFileSync('/proc/net/udp', 'utf8').split('\n').some((line) => line.slice(0, 22).includes(suffix))) return;
    await pause(20);
  }
}
