import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ApiClient, readFirstRun, type FirstRun } from '../phones/api-client.ts';
import { startSipp, type Sipp, type SippOptions } from '../phones/sipp.ts';
import { fetchDebianPackages } from '../stack/debian-packages.ts';
import { freeUdpPort } from '../stack/ports.ts';
import { readSettings, SetupError, type Settings } from '../stack/settings.ts';
import { say } from './say.ts';
import { takeSeat } from './take-seat.ts';

/** What a demonstration needs of the running stack: a way to its API, phones around it, and to put everything back. */
export type Stage = {
  readonly settings: Settings;
  readonly api: ApiClient;
  readonly seat: FirstRun['seats'][number];
  /** Where the seat's phone is to be reached; for the scenario that it plays next. */
  readonly seatPhone: Omit<SippOptions, 'scenario'>;
  readonly play: (options: SippOptions) => Sipp;
  /** A citizen dials 12345; resolves with the call when the hotline has it. */
  readonly dial: () => Promise<{ readonly callId: string; readonly citizen: Sipp }>;
  /** Undone at the end, the last one first. */
  readonly onEnd: (cleanUp: () => unknown) => void;
};

const halt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => halt.abort(new SetupError('The demonstration was stopped.')));

/** An operator of the first run at a free seat whose phone is registered; not ready yet. */
async function setStage(onEnd: Stage['onEnd']): Promise<Stage> {
  const settings = readSettings(process.env, halt.signal);
  if (!existsSync(join(settings.dataDir, 'first-run.json'))) {
    throw new SetupError(`No hotline was started with the data folder ${settings.dataDir}. Run \`npm start\` first, then this in a second terminal with the same HOTLINE_ settings.`);
  }
  const root = await fetchDebianPackages(settings);
  const api = new ApiClient(`http://${settings.reach}:${settings.ports.http}`);
  const seat = await takeSeat(api, readFirstRun(settings.dataDir), onEnd);
  const seatPhone = { service: seat.sipUser, user: seat.sipUser, password: seat.sipPassword, remoteHost: settings.reach, remotePort: settings.ports.seatSip, localPort: await freeUdpPort() };
  const register = (expires: number): Promise<number> => startSipp(root, { ...seatPhone, scenario: 'seat-register', values: { EXPIRES: expires } }).done;
  onEnd(() => register(0));
  if ((await register(180)) !== 0) {
    throw new SetupError(`The phone of seat ${seat.seat} could not register at ${settings.reach}:${settings.ports.seatSip}; log/asterisk.log of the data folder may say why.`);
  }
  say(`Seat ${seat.seat} registered by SIP`);
  await until(async () => (await api.get<{ isRegistered: boolean }>(`/api/seats/${seat.seat}`)).isRegistered, `seat ${seat.seat} to be seen registered`);

  function play(options: SippOptions): Sipp {
    const phone = startSipp(root, options);
    onEnd(() => phone.stop());
    return phone;
  }
  async function dial(): Promise<{ callId: string; citizen: Sipp }> {
    await api.post(`/api/seats/${seat.seat}/actions/ready`);
    say(`Seat ${seat.seat} is ready`);
    const caller = `1380000${String(randomInt(1_000, 10_000))}`;
    const known = new Set((await listCalls(api)).map((call) => call.id));
    const citizen = play({ scenario: 'citizen-waits', service: '12345', remoteHost: settings.reach, remotePort: settings.ports.trunkSip, localPort: await freeUdpPort(), values: { CALLER: caller } });
    say(`A citizen dials 12345 from ${caller}`);
    const callId = await until(async () => (await listCalls(api)).find((call) => !known.has(call.id) && call.callerNumber?.endsWith(caller.slice(-4)))?.id, 'the call to be seen');
    onEnd(async () => {
      if ((await api.send('POST', `/api/calls/${callId}/hang-up`)).ok) await pause(500); // stopped half-way
    });
    return { callId, citizen };
  }
  return { settings, api, seat, seatPhone, play, dial, onEnd };
}

async function listCalls(api: ApiClient): Promise<{ readonly id: string; readonly callerNumber: string | null }[]> {
  return (await api.get<{ items: { id: string; callerNumber: string | null }[] }>('/api/calls?limit=50')).items;
}

/** Asks again and again; gives up after `limitSec`, and when the demonstration is stopped. */
export async function until<T>(ask: () => Promise<T | undefined | false>, what: string, limitSec = 20): Promise<T> {
  for (let waitedMs = 0; waitedMs < limitSec * 1_000; waitedMs += 100) {
    halt.signal.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await pause(100);
  }
  throw new SetupError(`Waited ${limitSec} s in vain for ${what}; log/service.log of the data folder may say why.`);
}

/** Plays, puts everything back whatever happened, and ends the process: 0 only when all went as told. */
export async function perform(play: (stage: Stage) => Promise<void>): Promise<void> {
  const cleanUps: (() => unknown)[] = [];
  try {
    await play(await setStage((cleanUp) => cleanUps.push(cleanUp)));
  } catch (error) {
    process.exitCode = 1;
    process.stderr.write(`${error instanceof SetupError ? error.message : `The demonstration failed: ${(error as Error).message}`}\n`);
  }
  for (const cleanUp of cleanUps.reverse()) await Promise.resolve(cleanUp()).catch((error: unknown) => process.stderr.write(`Not everything could be put back: ${String(error)}\n`));
  process.exit();
}
