import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from '../phones/api-client.ts';
import { SetupError } from '../stack/settings.ts';
import { say } from './say.ts';
import { perform, until } from './stage.ts';

/*
 * A three-way call (三方通话) through the running stack: citizen and operator talk, the operator consults a unit while the citizen
 * hears music, joins all three and leaves; citizen and unit go on until the unit hangs up. Prints who hears whom.
 */
type Leg = { readonly id: string; readonly role: string; readonly state: string; readonly isHeld: boolean; readonly outcome: string | null };
type Talk = { readonly startedAt: string; readonly endedAt: string | null; readonly legIds: readonly string[] };
type CallView = { readonly state: string; readonly outcome: string | null; readonly caseNumber: string | null; readonly legs: readonly Leg[]; readonly talks: readonly Talk[] };

await perform(async ({ settings, api, seatPhone, play, dial }) => {
  const [, peerPort] = settings.trunkPeer.split(':');
  const unit = play({ scenario: 'seat-hangs-up', service: 'unit', remoteHost: settings.reach, remotePort: settings.ports.trunkSip, localPort: Number(peerPort), values: { RING_MS: 1_500, TALK_MS: 9_000 } });
  await unit.bound;
  await pause(200); // SIPp ends at once where it cannot have the port
  if (unit.child.exitCode !== null) throw new SetupError(`No phone can answer for the unit at ${settings.trunkPeer} (HOTLINE_TRUNK_PEER): the port is taken, or the address is another machine's.`);
  play({ ...seatPhone, scenario: 'seat-answers', values: { RING_MS: 1_000 } });
  const { callId } = await dial();
  const act = (action: string, body?: object) => api.post(`/api/calls/${callId}/actions/${action}`, body);
  await heard(api, callId, ['citizen', 'operator']);
  say('The operator consults 057188880001, a unit');
  await act('consult', { target: { number: '057188880001' } });
  await heard(api, callId, ['operator', 'unit']);
  say('The operator joins all three');
  await act('join');
  await heard(api, callId, ['citizen', 'operator', 'unit']);
  await pause(1_500);
  say('The operator leaves');
  await act('leave');
  await heard(api, callId, ['citizen', 'unit']);
  const call = await until(async () => {
    const now = await api.get<CallView>(`/api/calls/${callId}`);
    return now.state === 'ended' && now;
  }, 'the unit to hang up', 60);
  say('The unit hung up. Who heard whom:');
  for (const talk of call.talks) say(`  until ${talk.endedAt?.slice(11, 23) ?? 'now'}  ${rolesOf(call, talk.legIds).join(' ↔ ')}`, talk.startedAt);
  if (call.talks.length !== 4 || call.outcome !== 'answered' || !call.caseNumber) throw new SetupError(`The call did not go as planned: ${call.outcome ?? 'no outcome'}. GET /api/calls/${callId}/events tells its course.`);
  say(`Its case is ${call.caseNumber}; GET /api/cases/…/events has the same on its timeline.`);
});

/** Waits until just these hear each other, and says so; whoever is held is named, too. */
async function heard(api: ApiClient, callId: string, roles: readonly string[]): Promise<void> {
  const call = await until(async () => {
    const now = await api.get<CallView>(`/api/calls/${callId}`);
    if (now.state === 'ended') throw new SetupError(`The call ended too early: ${now.outcome ?? 'no outcome'}. GET /api/calls/${callId}/events tells its course.`);
    const talk = now.talks.find((one) => one.endedAt === null);
    return talk !== undefined && rolesOf(now, talk.legIds).join() === roles.join() && now;
  }, `${roles.join(', ')} to hear each other`, 40);
  const held = call.legs.filter((leg) => leg.state === 'up' && leg.isHeld).map((leg) => leg.role);
  say(`${roles.join(' ↔ ')} hear each other${held.length > 0 ? `; ${held.join(', ')} hears music` : ''}`);
}

function rolesOf(call: CallView, legIds: readonly string[]): string[] {
  return legIds.map((id) => call.legs.find((leg) => leg.id === id)?.role ?? 'unknown').sort();
}
