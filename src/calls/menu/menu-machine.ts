import type { DirectoryEntry } from '../../directory/queries.ts';
import * as ivr from '../../ivr/menu-machine.ts';
import type { Exit } from '../../ivr/menu.ts';
import { requestCallback } from '../callback/callback-machine.ts';
import { legOf, requireLeg, withLegs, withoutLeg, type Call } from '../call.ts';
import type { QueueFacts } from '../call-event.ts';
import type { Decision } from '../decision.ts';
import { enterQueue } from '../inbound/inbound-machine.ts';
import type { IvrFacts } from './ivr-facts.ts';
import { newLeg, type Leg } from '../leg.ts';
import { dialParty } from '../outbound/outbound-machine.ts';
import { arrange } from '../talking/place-rules.ts';
import { dismiss, endCall, inSec, promptDeadline, ringDeadline, stopPlayback } from '../lifecycle-machine.ts';
import { partyAnswered, partyTimeoutSec } from '../talking/talking-machine.ts';

const noMenus: IvrFacts = { menus: new Map(), community: { code: null, hasLonger: false }, caseCheck: null, entryMenuId: null, entries: new Map() };

function factsOf(facts: QueueFacts): IvrFacts {
  return facts.ivr ?? noMenus;
}

/** After the greeting, or at once: into the number's menu, or straight into its queue. */
export function leadOn(call: Call, facts: QueueFacts, now: Date): Decision {
  const { entryMenuId } = factsOf(facts);
  return entryMenuId === null ? enterQueue(call, facts, now) : carry(call, ivr.openMenu(entryMenuId, factsOf(facts)), facts, now) ?? enterQueue(call, facts, now);
}

/** A key of the citizen's phone. One that comes while the prompt plays ends the prompt. */
export function pressKey(call: Call, event: { readonly legId: string; readonly digit: string }, facts: QueueFacts, now: Date): Decision | null {
  if (call.state !== 'menu' || !call.menu || legOf(call, 'citizen')?.id !== event.legId) return null;
  return carry(call, ivr.pressKey(call.menu, event.digit, factsOf(facts)), facts, now);
}

/** The prompt is over: now the citizen has some time to choose. */
export function menuPromptOver(call: Call, facts: QueueFacts, now: Date): Decision | null {
  if (!call.menu) return null;
  const heard = { ...call, playbackId: null };
  const more = ivr.promptOver(call.menu, factsOf(facts));
  return more ? carry(heard, more, facts, now) : listen(heard, call.menu, facts, now);
}

export function menuSilence(call: Call, facts: QueueFacts, now: Date): Decision | null {
  return call.menu && carry(call, ivr.keepSilent(call.menu, factsOf(facts)), facts, now);
}

function listen(call: Call, menu: NonNullable<Call['menu']>, facts: QueueFacts, now: Date): Decision {
  const sec = factsOf(facts).menus.get(menu.menuId)?.timeoutSec ?? 0;
  return { call: { ...call, menu, playbackId: null, deadlineAt: inSec(sec, now) }, legs: [], changes: [], effects: stopPlayback(call), note: null };
}

/** What a step of the menu makes of the call. */
function carry(call: Call, step: ivr.MenuStep, facts: QueueFacts, now: Date): Decision | null {
  switch (step.type) {
    case 'ignore': return null;
    case 'gather': return listen(call, step.progress, facts, now);
    case 'ask': {
      // A call that begins in a menu has the same version at its first event: its first prompt is apart.
      const playbackId = `${call.id}-menu-${call.menu ? call.version : 0}`;
      return {
        call: { ...call, state: 'menu', menu: step.progress, language: step.language ?? call.language, playbackId, deadlineAt: promptDeadline(now) },
        legs: [],
        changes: step.toldCaseId === undefined ? [] : [{ type: 'progress_told', caseId: step.toldCaseId }],
        effects: [...stopPlayback(call), { type: 'play', channelId: requireLeg(call, 'citizen').id, playbackId, prompts: step.prompts }],
        note: step.note,
      };
    }
    case 'reach': return reachCitizen(call, step, now);
    case 'leave': {
      const decision = leave({ ...call, menu: null, playbackId: null }, step.exit, facts, now);
      const said = step.isOtherwise ? sayWhileWaiting(decision, ['menu-to-operator']) : decision;
      return { ...said, effects: [...stopPlayback(call), ...said.effects], note: step.note };
    }
  }
}

/** From here on it is a masked call like one that the unit's people began on their screen: the phone that called takes the operator's place, and the citizen is dialled. */
function reachCitizen(call: Call, { caseId, unitId, number, note }: ivr.MenuStep & { type: 'reach' }, now: Date): Decision {
  const phone: Leg = { ...requireLeg(call, 'citizen'), role: 'operator' };
  const dialled = dialParty({ ...withLegs(call, [phone]), direction: 'outbound', calledNumber: number, caseId, queueId: null, menu: null, playbackId: null, language: 'zh' }, now);
  const changes = call.caseId === null ? [] : [{ type: 'masked_by_code', ownCaseId: call.caseId, unitId } as const];
  return { ...dialled, changes, effects: [...stopPlayback(call), ...dialled.effects], note };
}

function leave(call: Call, exit: Exit, facts: QueueFacts, now: Date): Decision {
  switch (exit.type) {
    case 'directory': {
      const entry = factsOf(facts).entries.get(exit.code);
      return entry ? dialUnit(call, entry, facts, now) : enterQueue(call, facts, now);
    }
    case 'callback': return requestCallback(call, facts, now) ?? enterQueue(call, facts, now);
    case 'end': return dismiss(call, { hearer: requireLeg(call, 'citizen'), outcome: 'informed', prompts: ['goodbye'] }, now);
    case 'queue': return enterQueue({
      ...call, queueId: exit.queueId ?? call.queueId, language: exit.language ?? call.language,
      skillCodes: [...new Set([...call.skillCodes, ...(exit.skillCodes ?? [])])], priority: Math.max(call.priority, exit.priority ?? 0),
    }, facts, now);
  }
}

/** A few words before the music goes on; a caller who was not let into the queue hears its last message instead. */
function sayWhileWaiting(decision: Decision, prompts: readonly string[]): Decision {
  const { call } = decision;
  const citizen = legOf(call, 'citizen');
  if (call.state !== 'waiting' || !citizen || call.playbackId) return decision;
  const playbackId = `${call.id}-word-${call.version}`;
  return { ...decision, call: { ...call, playbackId }, effects: [...decision.effects, { type: 'play', channelId: citizen.id, playbackId, prompts }] };
}

/** Straight to the phone of a directory entry, without an operator; the citizen hears music meanwhile. */
function dialUnit(call: Call, entry: DirectoryEntry, facts: QueueFacts, now: Date): Decision {
  const unit = newLeg({ id: `${call.id}-direct`, role: 'unit', number: entry.number, directoryCode: entry.code }, now);
  const citizen = { ...requireLeg(call, 'citizen'), isHeld: true };
  const after: Call = { ...withLegs(call, [citizen, unit]), state: 'transferring', ringingAt: now, deadlineAt: ringDeadline(partyTimeoutSec, now) };
  return {
    call: after,
    legs: [citizen, unit],
    changes: [],
    effects: [...arrange(call, after, facts.musicClass), { type: 'dial_number', channelId: unit.id, number: entry.number, timeoutSec: partyTimeoutSec }],
  };
}

/** Whether the call goes straight to a unit, and nobody spoke with the citizen yet. */
export function isDirect(call: Call): boolean {
  return call.state === 'transferring' && call.connectedAt === null;
}

/** The unit is there: one recording, as of every talk. */
export function unitAnswered(before: Call, call: Call, unit: Leg, moment: { facts: QueueFacts; now: Date }): Decision {
  const talk = partyAnswered(before, { ...call, connectedAt: moment.now }, unit, moment.facts);
  return { ...talk, effects: [...talk.effects, { type: 'record', channelId: requireLeg(call, 'citizen').id }] };
}

/** Before they talked, `leg` (as it ended) is gone: the citizen gave up, or the unit is not there and an operator helps instead. */
export function directLeft(before: Call, leg: Leg, { facts, now }: { facts: QueueFacts; now: Date }): Decision {
  const call = withoutLeg(before, leg.id);
  const citizen = legOf(call, 'citizen');
  if (!citizen) return endCall(call, { outcome: 'abandoned_ringing', by: 'citizen' }, facts, now);
  const waiting: Leg = { ...citizen, isHeld: false };
  const queued = sayWhileWaiting(enterQueue({ ...withLegs(call, [waiting]), ringingAt: null }, facts, now), ['community-not-reached', 'menu-to-operator']);
  return {
    ...queued,
    legs: [waiting, ...queued.legs],
    changes: [...queued.changes, { type: 'unit_not_reached', directoryCode: leg.directoryCode, outcome: leg.outcome ?? 'unreachable' }],
    effects: [{ type: 'stop_music', channelId: citizen.id }, ...queued.effects],
  };
}
