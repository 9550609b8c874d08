import { beginScript, hangUpScript, isBegun, keepScriptSilent, listenFor, pressScriptKey, type ScriptStep } from '../../ivr/script-machine.ts';
import type { Script } from '../../ivr/script.ts';
import { legOf, requireLeg, withLegs, type Call, type EndedBy, type Outcome } from '../call.ts';
import type { QueueFacts } from '../call-event.ts';
import type { Decision } from '../decision.ts';
import type { Effect } from '../effect.ts';
import { enterQueue } from '../inbound/inbound-machine.ts';
import { endLeg, newLeg, type Leg } from '../leg.ts';
import { dialTimeoutSec } from '../outbound/outbound-machine.ts';
import { dismiss, endCall, hangUp, inSec, letAllGo, promptDeadline, ringDeadline, stopPlayback } from '../lifecycle-machine.ts';

/*
 * A citizen answers questions by keys; nobody else is on the call.
 *   dialing_party  we call the citizen                       answered: surveying; else ended
 *   surveying      a question plays, or its key is awaited   the last answer, a refusal, silence: dismissing; 0: waiting, for a person
 * After a talk (`purpose` rating) the citizen is there already, and the call counts as answered whatever comes.
 */

/** We call the citizen; there is no seat. */
export function dialCitizen(call: Call, script: Script, now: Date): Decision {
  const party = newLeg({ id: `${call.id}-party`, role: 'citizen', number: call.calledNumber }, now);
  return {
    call: { ...call, state: 'dialing_party', script: { script, step: -1, asked: 0, isConfirmed: false, answers: [], speaksSince: null, end: null }, ringingAt: now, deadlineAt: ringDeadline(dialTimeoutSec, now), legs: [party] },
    legs: [party],
    changes: [],
    effects: [{ type: 'dial_number', channelId: party.id, number: call.calledNumber, timeoutSec: dialTimeoutSec }],
  };
}

/** Whether the call is dialled to ask questions, without an operator. */
export function isSurvey(call: Call): boolean {
  return call.script !== null && call.state === 'dialing_party';
}

/** `call` has the citizen's leg up. */
export function citizenAnswered(call: Call, citizen: Leg, now: Date): Decision {
  const begun = carry({ ...call, answeredAt: now }, call.script && beginScript(call.script.script), now);
  return { ...(begun ?? { call, changes: [], effects: [] }), legs: [citizen] };
}

/** The talk is over and the citizen is still there: one question about it. Everybody else leaves. Null where nothing is asked. */
export function askForMark(call: Call, { facts, by, now }: { facts: QueueFacts; by: EndedBy; now: Date }): Decision | null {
  const citizen = legOf(call, 'citizen');
  if (!facts.rating || !citizen || call.direction !== 'inbound' || call.operatorId === null || call.abuseAt !== null) return null;
  const others = call.legs.filter((leg) => leg !== citizen);
  const alone = { ...citizen, isHeld: false, heldFor: null };
  const question = carry({ ...withLegs(call, [alone]), endedBy: by, playbackId: null }, beginScript(facts.rating), now);
  const quiet: Effect[] = citizen.isHeld ? [{ type: 'stop_music', channelId: citizen.id }] : [];
  return question && {
    ...question,
    legs: [alone, ...others.map((leg) => endLeg(leg, leg.outcome ?? 'cancelled', null, now))],
    changes: letAllGo(call, others, facts.wrapUpSec),
    effects: [...stopPlayback(call), ...others.map(hangUp), ...quiet, { type: 'destroy_bridge' }, ...question.effects],
  };
}

export function pressKey(call: Call, event: { readonly legId: string; readonly digit: string }, facts: QueueFacts, now: Date): Decision | null {
  if (!call.script || legOf(call, 'citizen')?.id !== event.legId) return null;
  return carry(call, pressScriptKey(call.script, event.digit, now), now, facts);
}

/** The question was heard: now there is some time to answer. */
export function questionHeard(call: Call, now: Date): Decision | null {
  if (!call.script) return null;
  const { progress, sec } = listenFor(call.script, now);
  return { call: { ...call, script: progress, playbackId: null, deadlineAt: inSec(sec, now) }, legs: [], changes: [], effects: [], note: null };
}

export function silence(call: Call, facts: QueueFacts, now: Date): Decision | null {
  return carry(call, call.script && keepScriptSilent(call.script, now), now, facts);
}

/** `call` is without the citizen's leg. Half the answers are kept, also one that was just being spoken. */
export function citizenLeft(before: Call, facts: QueueFacts, now: Date): Decision {
  const call = { ...before, script: before.script && hangUpScript(before.script, now) };
  return endCall(call, { outcome: outcomeOf(call), by: isRating(call) ? call.endedBy ?? 'citizen' : 'citizen' }, facts, now);
}

function isRating(call: Call): boolean {
  return call.script?.script.purpose === 'rating';
}

/** What a step of the script makes of the call. */
function carry(call: Call, step: ScriptStep | null, now: Date, facts?: QueueFacts): Decision | null {
  if (!step || step.type === 'ignore') return null;
  const citizen = requireLeg(call, 'citizen');
  if (step.type === 'ask') {
    const playbackId = `${call.id}-ask-${call.version}`;
    const isFirstWord = step.progress.isConfirmed && !call.script?.isConfirmed;
    return {
      call: { ...call, state: 'surveying', script: step.progress, playbackId, deadlineAt: promptDeadline(now) }, legs: [], changes: [],
      effects: [...stopPlayback(call), ...(isFirstWord && hasVoice(step.progress.script) ? [{ type: 'record', channelId: citizen.id } as const] : []), { type: 'play', channelId: citizen.id, playbackId, prompts: step.prompts }],
      note: step.note,
    };
  }
  const over = { ...call, script: step.progress };
  const left = step.end === 'person' && facts ? toPerson(over, facts, now) : dismissWith(over, citizen, now);
  return { ...left, effects: [...stopPlayback(call), ...left.effects], note: step.note };
}

function hasVoice(script: Script): boolean {
  return script.questions.some((question) => question.kind === 'voice');
}

/** Into the queue, before those who called for something new. */
function toPerson(call: Call, facts: QueueFacts, now: Date): Decision {
  const { personQueueId, personPriority } = call.script?.script ?? { personQueueId: null, personPriority: 0 };
  return enterQueue({ ...call, playbackId: null, queueId: personQueueId, priority: personPriority }, facts, now);
}

function dismissWith(call: Call, hearer: Leg, now: Date): Decision {
  const { script, end, answers } = call.script ?? { script: null, end: null, answers: [] };
  const isKind = end === 'done' || answers.length > 0 || isRating(call);
  const [mark] = isRating(call) ? answers : [];
  const last = dismiss(call, { hearer, outcome: outcomeOf(call), prompts: isKind ? script?.closing ?? [] : script?.refused ?? [] }, now);
  return mark?.value ? { ...last, changes: [{ type: 'call_rated', value: mark.value }] } : last;
}

function outcomeOf(call: Call): Outcome {
  if (isRating(call)) return 'answered';
  if (call.script?.end === 'done') return 'surveyed';
  if (call.script?.end === 'refused') return 'refused';
  return call.script && isBegun(call.script) ? 'broken_off' : 'not_confirmed';
}
