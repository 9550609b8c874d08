import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ApiClient, readFirstRun, type FirstRun } from './phones/api-client.ts';
import { startSipp, type Sipp } from './phones/sipp.ts';
import { fetchDebianPackages } from './stack/debian-packages.ts';
import { freeUdpPort } from './stack/ports.ts';
import { readSettings, SetupError } from './stack/settings.ts';

/*
 * One real call through the running stack: a SIPp seat registers and signs in, a SIPp citizen dials 12345,
 * they talk, the seat hangs up. Prints the timeline as it happens, and leaves the seat as it was found: signed out.
 */
type Seat = FirstRun['seats'][number];
type SeatView = { readonly id: string; readonly state: string; readonly isRegistered: boolean };
type CallView = { readonly id: string; readonly callerNumber: string | null; readonly caseNumber: string | null; readonly outcome: string | null };
type EventView = { readonly id: number; readonly at: string; readonly type: string; readonly fromState: string | null; readonly toState: string };

const halt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => halt.abort(new SetupError('The demo call was stopped.')));
const cleanUps: (() => unknown)[] = [];

async function main(): Promise<void> {
  const settings = readSettings(process.env, halt.signal);
  if (!existsSync(join(settings.dataDir, 'first-run.json'))) {
    throw new SetupError(`No hotline was started with the data folder ${settings.dataDir}. Run \`npm start\` first, then this in a second terminal with the same HOTLINE_ settings.`);
  }
  const root = await fetchDebianPackages(settings);
  const first = readFirstRun(settings.dataDir);
  const api = new ApiClient(`http://${settings.reach}:${settings.ports.http}`);
  const seat = await takeSeat(api, first);

  const phone = { service: seat.sipUser, user: seat.sipUser, password: seat.sipPassword, remoteHost: settings.reach, remotePort: settings.ports.seatSip, localPort: await freeUdpPort() };
  const register = (expires: number): Promise<number> => startSipp(root, { ...phone, scenario: 'seat-register', values: { EXPIRES: expires } }).done;
  cleanUps.push(() => register(0));
  if ((await register(180)) !== 0) throw new SetupError(`The phone of seat ${seat.seat} could not register at ${settings.reach}:${settings.ports.seatSip}; log/asterisk.log of the data folder may say why.`);
  say(`Seat ${seat.seat} registered by SIP`);
  await until(async () => (await api.get<SeatView>(`/api/seats/${seat.seat}`)).isRegistered, `seat ${seat.seat} to be seen registered`);
  const answering = play(startSipp(root, { ...phone, scenario: 'seat-hangs-up', values: { RING_MS: 1_500, TALK_MS: 5_000 } }));
  await api.post(`/api/seats/${seat.seat}/actions/ready`);
  say(`Seat ${seat.seat} is ready`);

  const caller = `1380000${String(randomInt(1_000, 10_000))}`;
  const known = new Set((await listCalls(api)).map((call) => call.id));
  const citizen = play(startSipp(root, { scenario: 'citizen-waits', service: '12345', remoteHost: settings.reach, remotePort: settings.ports.trunkSip, localPort: await freeUdpPort(), values: { CALLER: caller } }));
  say(`A citizen dials 12345 from ${caller}`);
  const callId = await until(async () => (await listCalls(api)).find((call) => !known.has(call.id) && call.callerNumber?.endsWith(caller.slice(-4)))?.id, 'the call to be seen');
  cleanUps.push(async () => {
    if ((await api.send('POST', `/api/calls/${callId}/hang-up`)).ok) await pause(500); // stopped half-way
  });
  const call = await followCall(api, callId);
  await Promise.race([Promise.all([citizen.done, answering.done]), pause(3_000)]);
  if (call.outcome !== 'answered' || !call.caseNumber) throw new SetupError(`The call was not answered: ${call.outcome ?? 'no outcome'}. GET /api/calls/${callId}/events tells its course.`);
  say(`The call was answered. Its case is ${call.caseNumber}: GET /api/cases shows it.`);
}

/** Signs an operator of the first run in at a seat where nobody sits and no phone is registered. */
async function takeSeat(api: ApiClient, { operators, seats }: FirstRun): Promise<Seat> {
  const refusals: string[] = [];
  for (const { login, password } of operators) {
    const answer = await api.send('POST', '/api/auth/login', { login, password }).catch((cause: unknown) => {
      throw new SetupError(`No hotline answers at ${api.origin}. Run \`npm start\` first; if it has settings of its own, give this command the same.`, { cause });
    });
    if (!answer.ok) {
      refusals.push(`${login}: ${await refusal(answer)}`);
      continue;
    }
    api.keepSession(answer);
    const shown = await api.send('GET', '/api/seats?limit=100');
    if (!shown.ok) { // a password that must be changed first
      refusals.push(`${login}: ${await refusal(shown)}`);
      continue;
    }
    const views = ((await shown.json()) as { items: SeatView[] }).items;
    const free = seats.find((seat) => views.some((view) => view.id === seat.seat && view.state === 'signed_out' && !view.isRegistered));
    if (!free) throw new SetupError('Every seat of first-run.json is taken. Sign an operator out, or end a softphone.');
    const signedIn = await api.send('POST', `/api/seats/${free.seat}/actions/sign_in`);
    if (signedIn.ok) {
      cleanUps.push(() => api.send('POST', `/api/seats/${free.seat}/actions/sign_out`));
      say(`${login} signed in at seat ${free.seat}`);
      return free;
    }
    refusals.push(`${login}: ${await refusal(signedIn)}`);
  }
  throw new SetupError(`No operator of first-run.json can take a seat (${refusals.join('; ')}). Give one the password that stands there, or sign one out.`);
}

async function refusal(answer: Response): Promise<string> {
  return ((await answer.json()) as { title?: string }).title ?? String(answer.status);
}

async function listCalls(api: ApiClient): Promise<CallView[]> {
  return (await api.get<{ items: CallView[] }>('/api/calls?limit=50')).items;
}

async function followCall(api: ApiClient, callId: string): Promise<CallView> {
  const seen = new Set<number>();
  const isOver = async (): Promise<boolean> => {
    const events = (await api.get<{ items: EventView[] }>(`/api/calls/${callId}/events`)).items.filter((event) => !seen.has(event.id));
    for (const event of events) {
      say(`${event.type.padEnd(18)} ${event.fromState ?? '–'} → ${event.toState}`, event.at);
      if (seen.size === 0) say(`Case ${(await api.get<CallView>(`/api/calls/${callId}`)).caseNumber ?? 'none yet'}`);
      seen.add(event.id);
    }
    return events.some((event) => event.toState === 'ended');
  };
  await until(isOver, 'the call to end', 120);
  return api.get<CallView>(`/api/calls/${callId}`);
}

function play(phone: Sipp): Sipp {
  cleanUps.push(() => phone.stop());
  return phone;
}

async function until<T>(ask: () => Promise<T | undefined | false>, what: string, limitSec = 20): Promise<T> {
  for (let waitedMs = 0; waitedMs < limitSec * 1_000; waitedMs += 100) {
    halt.signal.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await pause(100);
  }
  throw new SetupError(`Waited ${limitSec} s in vain for ${what}; log/service.log of the data folder may say why.`);
}

function say(text: string, at = new Date().toISOString()): void {
  process.stdout.write(`${at.slice(11, 23)}  ${text}\n`);
}

try {
  await main();
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(`${error instanceof SetupError ? error.message : `The demo call failed: ${(error as Error).message}`}\n`);
}
for (const cleanUp of cleanUps.reverse()) await Promise.resolve(cleanUp()).catch((error: unknown) => process.stderr.write(`Not everything could be put back: ${String(error)}\n`));
process.exit();
