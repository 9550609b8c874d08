import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fetchDebianPackages } from './stack/debian-packages.ts';
import { readSettings } from './stack/settings.ts';
import { startSipp } from './phones/sipp.ts';
import { ApiClient, readFirstRun } from './phones/api-client.ts';

/*
 * One real call through the running stack: a SIPp seat registers and signs in, a SIPp citizen dials 12345,
 * they talk, the citizen hangs up. Prints the timeline as it happens.
 */
const settings = readSettings(process.env);
if (!existsSync(join(settings.dataDir, 'first-run.json'))) {
  process.stderr.write('The hotline was never started here. Run `npm start` first, then this in a second terminal.\n');
  process.exit(1);
}
const root = await fetchDebianPackages(settings);
const first = readFirstRun(settings.dataDir);
const api = new ApiClient(`http://${settings.listen}:${settings.ports.http}`);
const account = first.operators[0];
const seat = first.seats[0];
if (!account || !seat) throw new Error('first-run.json names no operator or seat');
await api.logIn(account.login, account.password);

const seatPort = 25_062;
const registered = await startSipp(root, { scenario: 'seat-register', service: seat.sipUser, user: seat.sipUser, password: seat.sipPassword, remotePort: settings.ports.seatSip, localPort: seatPort }).done;
if (registered !== 0) throw new Error('The seat could not register; is the stack running?');
say(`Seat ${seat.seat} registered`);
await api.post(`/api/seats/${seat.seat}/actions/sign_in`);
await api.post(`/api/seats/${seat.seat}/actions/ready`);
say(`${account.login} signed in at seat ${seat.seat}, ready`);
const phone = startSipp(root, { scenario: 'seat-answers', service: seat.sipUser, remotePort: settings.ports.seatSip, localPort: seatPort, values: { RING_MS: 1_500 } });
const known = new Set((await api.get<{ items: { id: string }[] }>('/api/calls?limit=50')).items.map((call) => call.id));
const citizen = startSipp(root, { scenario: 'citizen-hangs-up', service: '12345', remotePort: settings.ports.trunkSip, localPort: 25_080, values: { TALK_MS: 22_000 } });
say('A citizen dials 12345');
const callId = await findNewCall();
await followCall(callId);
await Promise.all([citizen.done, phone.done]);
const call = await api.get<{ caseNumber: string; outcome: string }>(`/api/calls/${callId}`);
say(`The call is over: ${call.outcome}. Its case is ${call.caseNumber}: GET /api/cases shows it.`);
await api.post(`/api/seats/${seat.seat}/actions/sign_out`);

async function findNewCall(): Promise<string> {
  for (;;) {
    const fresh = (await api.get<{ items: { id: string }[] }>('/api/calls?limit=50')).items.find((one) => !known.has(one.id));
    if (fresh) return fresh.id;
    await pause(50);
  }
}

async function followCall(id: string): Promise<void> {
  let seen = 0;
  for (;;) {
    for (const event of (await api.get<{ items: { id: number; at: string; type: string; fromState: string | null; toState: string }[] }>(`/api/calls/${id}/events`)).items.filter((one) => one.id > seen)) {
      seen = event.id;
      say(`${event.type.padEnd(18)} ${event.fromState ?? '–'} → ${event.toState}`, event.at);
      if (event.toState === 'ended') return;
    }
    await pause(100);
  }
}

function say(text: string, at = new Date().toISOString()): void {
  process.stdout.write(`${at.slice(11, 23)}  ${text}\n`);
}
