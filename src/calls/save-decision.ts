import type { Deps } from '../deps.ts';
import { AppError, assertNever } from '../errors.ts';
import { write, type Tx } from '../db/query.ts';
import { atOnce, notify, sendAlong, takeBackNotice } from '../db/transaction.ts';
import { publish } from '../events/publish.ts';
import { resolveHelps } from '../alerts/resolve-helps.ts';
import { abandonCase } from '../cases/abandon-case.ts';
import { askToSealCall } from '../cases/identity/ask-to-seal.ts';
import { assignOwner, assignOwnerless } from '../cases/assign-owner.ts';
import { noteMaskedByCode } from '../cases/note-masked-call.ts';
import { informCase, noteProgressTold } from '../cases/note-progress.ts';
import { noteUnitNotReached, surveyCase } from '../cases/survey-case.ts';
import { insertCallbackEvent } from '../cases/insert-callback-event.ts';
import { tagLeaderAnswered } from '../cases/queries.ts';
import { findQueue, findSeatWrapUpSec, servesQueue, type Queue } from '../routing/queries.ts';
import { isLeaderOnDuty } from '../leaders/queries.ts';
import { applySeatEvent, matchChannel } from '../seats/apply-seat-event.ts';
import type { Seat } from '../seats/seat.ts';
import type { SeatEvent } from '../seats/seat-machine.ts';
import type { Call } from './call.ts';
import type { CallEvent, Party, QueueFacts } from './call-event.ts';
import { isMissed } from './callback/callback-machine.ts';
import { hasCallback, isCalledBack, isOnTheLine, lockCallback, lockNumber } from './callback/callback-queries.ts';
import { nextCall } from './call-machine.ts';
import type { Decision } from './decision.ts';
import type { Effect, SideChange } from './effect.ts';
import { saveListen } from './supervision/save-listen.ts';
import { resumeWithoutOperator, savePause } from './recording/save-pause.ts';
import { factsOf, findEntrance } from './waiting/find-entrance.ts';
import { findMenuFacts } from './menu/menu-facts.ts';
import { openCallback, openMissed } from './callback/open-callback.ts';
import { insertRating } from './surveying/survey-queries.ts';
import { saveTalk } from './talking/save-talk.ts';
import { insertCall, insertCallEvent, lockCall, saveCall, saveLeg, surveyChannel } from './queries.ts';

/**
 * Decides on an event of a call whose row the caller has locked, and saves it. The effects are carried out after the commit.
 * `read`: what the caller has read along with the call.
 */
export async function decideAndSave(deps: Deps, tx: Tx, call: Call, event: CallEvent, read: Read = {}): Promise<Decision | null> {
  const at = ('at' in event ? event.at : undefined) ?? deps.now();
  const facts = await findFacts(deps, tx, call, event, read.queue);
  const first = nextCall(call, event, facts, at);
  // On its way into a queue: whether that one takes the call, or which other, counts then.
  const isEntering = first?.call.state === 'waiting' && call.queuedAt === null;
  const decided = isEntering ? nextCall(call, event, { ...facts, ...await findEntrance(deps, tx, first.call) }, at) : first;
  if (!decided) return null;
  const decision = call.queuedAt === null ? await takeCallbackPlace(deps, tx, decided, at) : decided;
  // Keys may be a secret: what they chose is the decision's to say.
  const { type, ...told } = event.type === 'digit' ? { type: event.type } : event;
  const data = 'party' in told ? { ...told, party: withoutSecret(told.party) } : told;
  return saveDecision(deps, tx, { before: call, decision, event: { type, at, data }, seat: read.seat });
}

/** A number that was dialled freely may be a citizen's; one of the directory is no secret. Its leg has it, for those who may see it. */
function withoutSecret(party: Party): Party {
  return party.directoryCode === null ? { ...party, number: null } : party;
}

/**
 * Whoever is to be called back and calls again takes the place that is kept: the callback is settled in the same transaction.
 * `decided` brings a call into its queue, or anywhere else. Locked in the order new call, callback, seat.
 */
export async function takeCallbackPlace(deps: Deps, tx: Tx, decided: Decision, at: Date): Promise<Decision> {
  const { callerNumber, direction, queuedAt, priority, id: byCallId } = decided.call;
  if (direction !== 'inbound' || !callerNumber || !queuedAt) return decided;
  const callbackId = await lockCallback(tx, callerNumber);
  const before = callbackId === undefined ? undefined : await lockCall(tx, callbackId);
  const event = { type: 'callback_settled', byCallId } as const;
  const settled = before && nextCall(before, event, await findFacts(deps, tx, before, event), at);
  if (!before?.queuedAt || !settled) return decided;
  const { effects } = await saveDecision(deps, tx, { before, decision: settled, event: { type: event.type, at, data: { byCallId } } });
  const call = { ...decided.call, queuedAt: before.queuedAt, priority: Math.max(priority, before.priority) };
  return { ...decided, call, effects: [...effects, ...decided.effects] };
}

/** The queue where the call stands; a seat, its row locked. */
type Read = { readonly queue?: Queue | undefined; readonly seat?: Seat | undefined };

type Saved = { readonly before: Call | null; readonly decision: Decision; readonly event: { readonly type: string; readonly at: Date; readonly data: object };
  readonly seat?: Seat | undefined };

/** Everything a decision changes, in the caller's transaction. Gives the decision back with the alarms its changes ask for. */
export async function saveDecision(deps: Deps, tx: Tx, { before, decision, event, seat }: Saved): Promise<Decision> {
  const call = { ...decision.call, version: decision.call.version + (before ? 1 : 0) };
  const said = decision.note !== null && insertCallEvent({ callId: call.id, at: event.at, type: event.type, from: before?.state ?? null, to: call.state, data: { ...event.data, ...decision.note } });
  sendAlong(tx, write(tx, before ? saveCall(call) : undefined, ...decision.legs.map((leg) => saveLeg(call.id, leg)), said || undefined));
  if (call.state === 'ended' && call.caseId) sendAlong(tx, write(tx, askToSealCall(call.id, call.caseId)));
  if (!said) return decision;
  if (call.surveyId !== null && call.state === 'ended') await notify(tx, surveyChannel, call.id);
  // Another's seat rings for it: the queue's match, or a seat that is consulted. The own phone of a call out is no news.
  const rung = before && decision.legs.find((leg) => leg.role === 'operator' && leg.state === 'dialing' && !before.legs.some((one) => one.id === leg.id));
  if (call.state === 'waiting' && before?.state !== 'waiting') await notify(tx, matchChannel, call.id);
  // Who came in this transaction and has a seat already needs none.
  if (before?.state === 'waiting' && call.state !== 'waiting') takeBackNotice(tx, matchChannel, call.id);
  await publish(tx, { type: rung ? 'call.ringing' : 'call.changed', callId: call.id, seatId: rung?.seatId ?? call.seatId ?? undefined });
  const alarms = await saveSideChanges(deps, tx, { before, call, changes: decision.changes, at: event.at, seat });
  // Behind the seats: the case's timeline locks the case.
  await atOnce(
    saveTalk(tx, before, call, event.at), saveListen(tx, before, call, event.at),
    call.state === 'ended' && before && before.state !== 'ended' ? resolveHelps(tx, { callId: call.id }, event.at) : undefined,
  );
  deps.log.info({ callId: call.id, caseId: call.caseId, seatId: call.seatId, from: before?.state, to: call.state, event: event.type, outcome: call.outcome },
    before?.state === call.state ? 'A call went on' : 'A call changed its state');
  return { ...decision, effects: [...decision.effects, ...alarms] };
}

/** Whoever speaks with the citizen owns the case; a leader on their day is a mark on it. */
async function ownCase(tx: Tx, call: Call, own: { caseId: string; userId: string; at: Date }): Promise<void> {
  // Who calls a citizen about a colleague's case does not take it over.
  const isOwnCallOut = call.direction === 'outbound' && call.callbackOf === null;
  await (isOwnCallOut ? assignOwnerless(tx, own) : assignOwner(tx, own));
  const { seatId, queueId } = call;
  if (await isLeaderOnDuty(tx, { operatorId: own.userId, seatId, queueId, at: own.at })) await tagLeaderAnswered(tx, own.caseId);
}

type Changes = { readonly before: Call | null; readonly call: Call; readonly changes: readonly SideChange[]; readonly at: Date; readonly seat: Seat | undefined };

/** One after the other, in the order of the locks. */
async function saveSideChanges(deps: Deps, tx: Tx, { before, call, changes, at, seat }: Changes): Promise<Effect[]> {
  const alarms = await resumeWithoutOperator(tx, before, call, at);
  // As it was read it is good for one change.
  const first = changes.find((change) => change.type === 'seat' && change.seatId === seat?.id);
  for (const change of changes) alarms.push(...await saveSideChange(deps, tx, call, change, at, change === first ? seat : undefined));
  return alarms;
}

async function saveSideChange(deps: Deps, tx: Tx, call: Call, change: SideChange, at: Date, held: Seat | undefined): Promise<Effect[]> {
  if (change.type === 'seat') {
    const seat = await applySeatEvent(deps, tx, change.seatId, await ownWrapUp(tx, call, change), at, held);
    // A seat that took another call meanwhile must not ring for this one.
    if (!seat && change.event.type === 'reserve') throw new AppError('seat_not_ready', { seatId: change.seatId });
    if (!seat && change.event.type === 'supervise') throw new AppError('seat_busy', { seatId: change.seatId });
    return seat?.wrapUpUntil ? [{ type: 'wake_wrap_up', seatId: seat.id, at: seat.wrapUpUntil }] : [];
  }
  if (change.type === 'recording_paused' || change.type === 'recording_resumed') {
    await savePause(tx, call.id, change, at);
    return [];
  }
  if (change.type === 'call_rated') {
    await write(tx, insertRating(call, change.value, at));
    return [];
  }
  if (change.type === 'queue_passed_on') {
    await write(tx, insertCallEvent({ callId: call.id, at, type: 'queue_passed_on', from: call.state, to: call.state, data: change.hop }));
    return [];
  }
  if (!call.caseId) return [];
  await changeCase(deps, tx, call, change, { caseId: call.caseId, at });
  return [];
}

/** A seat that was consulted, or took the call over, wraps up as its own queues say, unless it serves the call's. */
async function ownWrapUp(tx: Tx, call: Call, { seatId, event }: SideChange & { type: 'seat' }): Promise<SeatEvent> {
  if (event.type !== 'release' || (call.queueId && (await servesQueue(tx, seatId, call.queueId)))) return event;
  return { ...event, wrapUpSec: await findSeatWrapUpSec(tx, seatId) };
}

type CaseChange = Exclude<SideChange, { type: 'seat' | 'queue_passed_on' | 'call_rated' | 'recording_paused' | 'recording_resumed' }>;

async function changeCase(deps: Deps, tx: Tx, call: Call, change: CaseChange, of: { caseId: string; at: Date }): Promise<void> {
  const { id: callId } = call;
  switch (change.type) {
    case 'case_owned': return ownCase(tx, call, { ...of, userId: change.operatorId });
    case 'case_abandoned': return (await isCalledBack(tx, { id: callId, caseId: of.caseId })) || (await callMissedBack(deps, tx, call, of.at)) ? undefined : abandonCase(tx, of);
    case 'case_informed': return (await isCalledBack(tx, { id: callId, caseId: of.caseId })) ? undefined : informCase(tx, of);
    case 'case_to_survey': return surveyCase(tx, of);
    case 'progress_told': return noteProgressTold(tx, { callId, at: of.at, caseId: change.caseId, ownCaseId: of.caseId });
    case 'masked_by_code': return noteMaskedByCode(tx, { ...of, callId, ownCaseId: change.ownCaseId, unitId: change.unitId });
    case 'unit_not_reached': return noteUnitNotReached(tx, { ...of, directoryCode: change.directoryCode, outcome: change.outcome });
    case 'callback_requested': return saveCallback(deps, tx, call, of.at);
    case 'callback_tried': return insertCallbackEvent(tx, { ...of, type: change.type, data: { callId, attempt: call.attempts, outcome: change.outcome } });
    default: return assertNever(change);
  }
}

/** A number that is called back already needs no second callback; the case of this call then goes to those who call back by hand. */
async function saveCallback(deps: Deps, tx: Tx, asked: Call, at: Date): Promise<void> {
  if (!asked.callerNumber) return;
  await lockNumber(tx, asked.callerNumber);
  if (!(await hasCallback(tx, asked.callerNumber))) await insertCallback(deps, tx, openCallback(asked, at), { type: 'callback_requested', at });
}

/** True when whoever hung up before anybody answered is called back by itself. Who is on the line in another call needs it no more, or gets it from that one. */
async function callMissedBack(deps: Deps, tx: Tx, missed: Call, at: Date): Promise<boolean> {
  const afterSec = isMissed(missed) && missed.queueId !== null ? (await findQueue(tx, missed.queueId))?.missedCallbackAfterSec ?? null : null;
  if (afterSec === null || !missed.callerNumber) return false;
  await lockNumber(tx, missed.callerNumber);
  if ((await hasCallback(tx, missed.callerNumber)) || (await isOnTheLine(tx, missed.callerNumber, missed.id))) return false;
  await insertCallback(deps, tx, openMissed(missed, afterSec, at), { type: 'callback_missed', at });
  return true;
}

async function insertCallback(deps: Deps, tx: Tx, call: Call, { type, at }: { type: 'callback_requested' | 'callback_missed'; at: Date }): Promise<void> {
  await write(tx, insertCall(call));
  await saveDecision(deps, tx, { before: null, decision: { call, legs: [], changes: [], effects: [] }, event: { type: 'callback_opened', at, data: { callbackOf: call.callbackOf } } });
  if (call.caseId) await insertCallbackEvent(tx, { caseId: call.caseId, at, type, data: { callId: call.id } });
}

async function findFacts(deps: Deps, tx: Tx, call: Call, event: CallEvent, queue?: Queue): Promise<QueueFacts> {
  const [facts, menu] = await atOnce(findQueueFacts(deps, tx, call, event, queue), findMenuFacts(deps, tx, call, event));
  return { ...facts, ...menu };
}

async function findQueueFacts(deps: Deps, tx: Tx, call: Call, event: CallEvent, known?: Queue): Promise<QueueFacts> {
  if (call.queueId !== null && call.state === 'waiting' && event.type === 'overflow_due') return findEntrance(deps, tx, call, { leaving: event.reason });
  const queue = known ?? (call.queueId === null ? undefined : await findQueue(tx, call.queueId));
  if (queue) return factsOf(queue, call.queuePath);
  // A call out stands in no queue; its wrap-up is that of the seat's own queues.
  const wrapUpSec = call.seatId ? await findSeatWrapUpSec(tx, call.seatId) : 0;
  return { wrapUpSec, announceEverySec: 0, musicClass: 'default', overflowAfterSec: null, entrance: null };
}
