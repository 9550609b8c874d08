import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from '../phones/api-client.ts';
import type { Sipp } from '../phones/sipp.ts';
import { freeUdpPort } from '../stack/ports.ts';
import { atEnd, play, say, until, type Stage } from './stage.ts';

type CallView = { readonly id: string; readonly callerNumber: string | null };

/** A citizen dials 12345 and stays until the hotline hangs up; the call is known to the service when this resolves. */
export async function dialIn(stage: Stage): Promise<{ readonly callId: string; readonly phone: Sipp }> {
  const { settings, api } = stage;
  const caller = `1380000${String(randomInt(1_000, 10_000))}`;
  const known = new Set((await listCalls(api)).map((call) => call.id));
  const phone = play(stage, { scenario: 'citizen-waits', service: '12345', remoteHost: settings.reach, remotePort: settings.ports.trunkSip, localPort: await freeUdpPort(), values: { CALLER: caller } });
  say(`A citizen dials 12345 from ${caller}`);
  const callId = await until(async () => (await listCalls(api)).find((call) => !known.has(call.id) && call.callerNumber?.endsWith(caller.slice(-4)))?.id, 'the call to be seen');
  atEnd(async () => {
    if ((await api.send('POST', `/api/calls/${callId}/hang-up`)).ok) await pause(500); // stopped half-way
  });
  return { callId, phone };
}

/** Every phone got its end of the call; one that did not is not waited for. */
export async function untilPhonesAreDown(...phones: Sipp[]): Promise<void> {
  await Promise.race([Promise.all(phones.map((phone) => phone.done)), pause(3_000)]);
}

async function listCalls(api: ApiClient): Promise<CallView[]> {
  return (await api.get<{ items: CallView[] }>('/api/calls?limit=50')).items;
}
