import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import { execute, type Tx } from '../db/query.ts';
import { publish } from '../events/publish.ts';
import { abandonCase } from '../cases/abandon-case.ts';
import { assignOwner } from '../cases/assign-owner.ts';
import { findQueue, findSeatWrapUpSec, servesQueue } from '../routing/queries.ts';
import { applySeatEvent, matchChannel } from '../seats/apply-seat-event.ts';
import { countSignedIn } from '../seats/queries.ts';
import type { SeatEvent } from '../seats/seat-machine.ts';
import type { Call } from './call.ts';
import type { CallEvent, Party, QueueFacts } from './call-event.ts';
import { nextCall } from './call-machine.ts';
import type { Decision } from './decision.ts';
import type { Effect, SideChange } from './effect.ts';
import { saveTalk } from './save-talk.ts';
import { countWaiting, insertCallEvent, saveCall, saveLeg } from './queries.ts';

/** Decides on an event of a call whose row the caller has locked, and saves it. The effects are carried out after the commit. */
export async function decideAndSave(deps: Deps, tx: Tx, call: Call, event: CallEvent): Promise<Decision | null> {
  const at = deps.now();
  const decision = nextCall(call, event, await findFacts(tx, call, event), at);
  if (!decision) return null;
  const { type, ...told } = event;
  const data = 'party' in told ? { ...told, party: withoutSecret(told.party) } : told;
  return saveDecision(deps, tx, { before: call, decision, event: { type, at, data } });
}

/** A number that was dialled freely may be a citizen's; one of the directory is no secret. Its leg has it, for those who may see it. */
function withoutSecret(party: Party): Party {
  return party.directoryCode === null ? { ...party, number: null } : party;
}

type Saved = { readonly before: Call | null; readonly decision: Decision; readonly event: { readonly type: string; readonly at: Date; readonly data: object } };

/** Everything a decision changes, in the caller's transaction. Gives the decision back with the alarms its changes ask for. */
export async function saveDecision(deps: Deps, tx: Tx, { before, decision, event }: Saved): Promise<Decision> {
  const call = { ...decision.call, version: decision.call.version + (before ? 1 : 0) };
  if (before) await saveCall(tx, call);
  for (const leg of decision.legs) await saveLeg(tx, call.id, leg);
  await insertCallEvent(tx, { callId: call.id, at: event.at, type: event.type, from: before?.state ?? null, to: call.state, data: event.data });
  const alarms: Effect[] = [];
  for (const change of decision.changes) alarms.push(...await saveSideChange(deps, tx, call, change, event.at));
  // Behind the seats: the case's timeline locks the case.
  await saveTalk(tx, before, call, event.at);
  if (call.state === 'waiting' && before?.state !== 'waiting') await execute(tx, 'select pg_notify($1, $2)', [matchChannel, call.queueId]);
  // Another's seat rings for it: the queue's match, or a seat that is consulted. The own phone of a call out is no news.
  const rung = before && decision.legs.find((leg) => leg.role === 'operator' && leg.state === 'dialing' && !before.legs.some((one) => one.id === leg.id));
  await publish(tx, { type: rung ? 'call.ringing' : 'call.changed', callId: call.id, seatId: rung?.seatId ?? call.seatId ?? undefined });
  deps.log.info({ callId: call.id, caseId: call.caseId, seatId: call.seatId, from: before?.state, to: call.state, event: event.type, outcome: call.outcome },
    before?.state === call.state ? 'A call went on' : 'A call changed its state');
  return { ...decision, effects: [...decision.effects, ...alarms] };
}

async function saveSideChange(deps: Deps, tx: Tx, call: Call, change: SideChange, at: Date): Promise<Effect[]> {
  if (change.type === 'seat') {
    const seat = await applySeatEvent(deps, tx, change.seatId, await ownWrapUp(tx, call, change), at);
    // A seat that took another call meanwhile must not ring for this one.
    if (!seat && change.event.type === 'reserve') throw new AppError('seat_not_ready', { seatId: change.seatId });
    return seat?.wrapUpUntil ? [{ type: 'wake_wrap_up', seatId: seat.id, at: seat.wrapUpUntil }] : [];
  }
  if (!call.caseId) return [];
  if (change.type === 'case_owned') await assignOwner(tx, { caseId: call.caseId, userId: change.operatorId, at });
  else await abandonCase(tx, { caseId: call.caseId, at });
  return [];
}

/** A seat that was consulted, or took the call over, wraps up as its own queues say, unless it serves the call's. */
async function ownWrapUp(tx: Tx, call: Call, { seatId, event }: SideChange & { type: 'seat' }): Promise<SeatEvent> {
  if (event.type !== 'release' || (call.queueId && (await servesQueue(tx, seatId, call.queueId)))) return event;
  return { ...event, wrapUpSec: await findSeatWrapUpSec(tx, seatId) };
}

async function findFacts(tx: Tx, call: Call, event: CallEvent): Promise<QueueFacts> {
  const queue = call.queueId ? await findQueue(tx, call.queueId) : undefined;
  if (!queue) {
    // A call out stands in no queue; its wrap-up is that of the seat's own queues.
    const wrapUpSec = call.seatId ? await findSeatWrapUpSec(tx, call.seatId) : 0;
    return { waiting: 0, signedIn: 0, maxWaiting: 0, wrapUpSec, announceEverySec: 0, musicClass: 'default' };
  }
  const enters = call.state === 'greeting' && (event.type === 'playback_finished' || event.type === 'overdue');
  return {
    ...queue,
    waiting: enters ? await countWaiting(tx, queue.id) : 0,
    signedIn: enters ? await countSignedIn(tx, queue.id) : 0,
  };
}
