import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ApiClient, readFirstRun, type FirstRun } from '../phones/api-client.ts';
import { startSipp, type Sipp, type SippOptions } from '../phones/sipp.ts';
import { fetchDebianPackages } from '../stack/debian-packages.ts';
import { readSettings, SetupError, type Settings } from '../stack/settings.ts';

/* What every demonstration stands on: the running hotline, a clock before every line, and an end that puts everything back. */
export type Stage = { readonly settings: Settings; /** Where the Debian programs lie. */ readonly root: string; readonly first: FirstRun; readonly api: ApiClient };

const halt = new AbortController();
const cleanUps: (() => unknown)[] = [];

/** Plays `main` and ends the program: with 0 only when it got to its end. */
export async function runDemo(main: (stage: Stage) => Promise<void>): Promise<never> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => halt.abort(new SetupError('The demonstration was stopped.')));
  try {
    await main(await openStage());
  } catch (error) {
    process.exitCode = 1;
    process.stderr.write(`${error instanceof SetupError ? error.message : `The demonstration failed: ${(error as Error).message}`}\n`);
  }
  for (const cleanUp of cleanUps.reverse()) await Promise.resolve(cleanUp()).catch((error: unknown) => process.stderr.write(`Not everything could be put back: ${String(error)}\n`));
  process.exit();
}

async function openStage(): Promise<Stage> {
  const settings = readSettings(process.env, halt.signal);
  if (!existsSync(join(settings.dataDir, 'first-run.json'))) {
    throw new SetupError(`No hotline was started with the data folder ${settings.dataDir}. Run \`npm start\` first, then this in a second terminal with the same HOTLINE_ settings.`);
  }
  const root = await fetchDebianPackages(settings);
  return { settings, root, first: readFirstRun(settings.dataDir), api: new ApiClient(`http://${settings.reach}:${settings.ports.http}`) };
}

/** At the end, in the reverse order, and also when the demonstration is stopped half-way. */
export function atEnd(cleanUp: () => unknown): void {
  cleanUps.push(cleanUp);
}

/** A phone that does not outlive the demonstration. */
export function play({ root }: Stage, options: SippOptions): Sipp {
  const phone = startSipp(root, options);
  atEnd(() => phone.stop());
  return phone;
}

export async function until<T>(ask: () => Promise<T | undefined | false>, what: string, limitSec = 20): Promise<T> {
  for (let waitedMs = 0; waitedMs < limitSec * 1_000; waitedMs += 100) {
    halt.signal.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await pause(100);
  }
  throw new SetupError(`Waited ${limitSec} s in vain for ${what}; log/service.log of the data folder may say why.`);
}

/** Time for people to talk; a stop does not wait for them. */
export async function rest(milliseconds: number): Promise<void> {
  await pause(milliseconds, undefined, { signal: halt.signal }).catch(() => halt.signal.throwIfAborted());
}

export function say(text: string, at = new Date().toISOString()): void {
  process.stdout.write(`${clock(at)}  ${text}\n`);
}

export function clock(at: string): string {
  return at.slice(11, 23);
}
