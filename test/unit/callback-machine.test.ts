import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Call } from '../../src/calls/call.ts';
import type { CallEvent } from '../../src/calls/call-event.ts';
import { nextCall } from '../../src/calls/call-machine.ts';
import { maxAttempts, requestCallback } from '../../src/calls/callback/callback-machine.ts';
import { openCallback } from '../../src/calls/callback/open-callback.ts';
import { anyMoment, at, expectSound, facts, late, offered, type Step } from '../support/call-steps.ts';

const waiting: Call = { ...offered, state: 'waiting', queuedAt: at, priority: 2, callerNumber: '13800001111', callerKind: 'mobile', playbackId: null, deadlineAt: null };
const told = nextCall(waiting, { type: 'callback_offered', playbackId: 'offer' }, facts, at)?.call ?? waiting;
const one: CallEvent = { type: 'digit', legId: 'citizen', digit: '1' };
const callback = openCallback(told, late);

/** What may happen next, by names instead of ids, for the ids of a callback's legs are made as it goes. */
type Happening = 'goes_on'
  | 'matched' | 'seat_answers' | 'citizen_rings' | 'citizen_answers' | 'prompt_ends' | 'overdue' | 'operator_hangs_up' | 'supervisor_cancels' | 'called_again'
  | 'vanished' | 'press 1' | 'press 5' | 'operator_presses 1' | `seat_ends ${number}` | `citizen_ends ${number}`;
const causes = [16, 17, 19, 20, 21] as const;
const common: readonly Happening[] = ['matched', 'seat_answers', 'citizen_rings', 'citizen_answers', 'prompt_ends', 'overdue', 'operator_hangs_up', 'press 1', 'press 5',
  'operator_presses 1', 'vanished', ...causes.map((cause) => `seat_ends ${cause}` as const), ...causes.map((cause) => `citizen_ends ${cause}` as const)];
const anyHappening: fc.Arbitrary<Happening> = fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...common) }, { weight: 3, arbitrary: fc.constant('goes_on' as const) });
/** What leads on, so that the later states are met often. */
const onward: Partial<Record<Call['state'], Happening>> = { waiting: 'matched', ringing: 'seat_answers', dialing_party: 'citizen_rings', confirming: 'overdue', dismissing: 'prompt_ends' };
let made = 0;

function toEvent(call: Call, what: Happening): CallEvent {
  const legId = (role: string): string => call.legs.find((leg) => leg.role === role)?.id ?? 'nobody';
  const [name = '', value] = what.split(' ');
  switch (name) {
    case 'matched': return { type: 'matched', legId: `seat-${made += 1}`, seatId: '8001', operatorId: 'u', ringTimeoutSec: 20 };
    case 'seat_answers': return { type: 'leg_answered', legId: legId('operator') };
    case 'citizen_rings': return { type: 'leg_ringing', legId: legId('citizen') };
    case 'citizen_answers': return { type: 'leg_answered', legId: legId('citizen') };
    case 'prompt_ends': return { type: 'playback_finished', playbackId: call.playbackId ?? 'none' };
    case 'operator_hangs_up': return { type: 'hang_up', by: 'operator', askerId: legId('operator') };
    case 'supervisor_cancels': return { type: 'callback_cancelled' };
    case 'called_again': return { type: 'callback_settled', byCallId: 'other' };
    case 'vanished': return { type: 'leg_ended', legId: legId('citizen'), cause: null };
    case 'press': return { type: 'digit', legId: legId('citizen'), digit: value ?? '' };
    case 'operator_presses': return { type: 'digit', legId: legId('operator'), digit: value ?? '' };
    case 'seat_ends': return { type: 'leg_ended', legId: legId('operator'), cause: Number(value) };
    case 'citizen_ends': return { type: 'leg_ended', legId: legId('citizen'), cause: Number(value) };
    default: return { type: 'overdue' };
  }
}

type Taken = Step & { readonly what: Happening };

/** As `lead`, with the version that each saved step raises. */
function follow(call: Call, happenings: readonly (readonly [Happening, Date])[]): Taken[] {
  const steps: Taken[] = [];
  for (const [wanted, moment] of happenings) {
    const hasRung = call.state === 'dialing_party' && call.legs.some((leg) => leg.role === 'citizen' && leg.ringingAt);
    const what = wanted !== 'goes_on' ? wanted : hasRung ? 'citizen_answers' : onward[call.state] ?? 'overdue';
    const event = toEvent(call, what);
    // A deadline made late passes later.
    const now = what === 'overdue' && moment === late && call.deadlineAt ? call.deadlineAt : moment;
    const decision = nextCall(call, event, facts, now);
    if (!decision) continue;
    const ended = new Set(decision.legs.filter((leg) => leg.state === 'ended').map((leg) => leg.id));
    const after = { ...decision.call, version: decision.call.version + 1, legs: decision.call.legs.filter((leg) => !ended.has(leg.id)) };
    steps.push({ before: call, event, decision, after, what });
    call = after;
  }
  return steps;
}

const steadily = (...what: Happening[]) => follow(callback, what.map((name) => [name, late] as const));
const reached: readonly Happening[] = ['matched', 'seat_answers', 'citizen_rings', 'citizen_answers'];

describe('a waiting caller who is told of the callback', () => {
  it('asks for it by the key 1 only, once it was told', () => {
    expect(nextCall(waiting, one, facts, at)).toBeNull();
    expect(nextCall(told, { ...one, digit: '2' }, facts, at)).toBeNull();
    expect(nextCall(told, { ...one, legId: 'other' }, facts, at)).toBeNull();
    const asked = nextCall(told, one, facts, at);
    expect(asked?.call).toMatchObject({ state: 'dismissing', outcome: 'callback_requested' });
    expect(asked?.changes).toEqual([{ type: 'callback_requested' }]);
  });

  it('may ask while a seat rings: that seat is free again', () => {
    const ringing = nextCall(told, { type: 'matched', legId: 'a', seatId: '8001', operatorId: 'u', ringTimeoutSec: 20 }, facts, at)?.call;
    const asked = ringing && nextCall(ringing, one, facts, at);
    expect(asked?.call).toMatchObject({ state: 'dismissing', outcome: 'callback_requested', seatId: null, legs: [{ id: 'citizen' }] });
    expect(asked?.changes).toEqual([{ type: 'seat', seatId: '8001', event: { type: 'caller_left', callId: 'call' } }, { type: 'callback_requested' }]);
    expect(asked?.effects[0]).toEqual({ type: 'hang_up', channelId: 'a', cause: 'normal' });
  });

  it('ends the same way whether the message is heard or not', () => {
    const asked = nextCall(told, one, facts, at)?.call ?? told;
    for (const event of [{ type: 'playback_finished', playbackId: asked.playbackId ?? '' }, { type: 'leg_ended', legId: 'citizen', cause: 16 }] as const) {
      expect(nextCall(asked, event, facts, at)?.call).toMatchObject({ state: 'ended', outcome: 'callback_requested' });
    }
  });

  it.each([['withheld', null], ['short', '10086'], ['international', '0085212345678']])('is not told when the number is %s', (callerKind, callerNumber) => {
    const call = { ...waiting, callerKind, callerNumber };
    expect(nextCall(call, { type: 'callback_offered', playbackId: 'offer' }, facts, at)).toBeNull();
    expect(requestCallback(call, facts, at)).toBeNull();
  });

  it('is told once, never over another announcement, and again with each place that is told', () => {
    expect(nextCall(told, { type: 'callback_offered', playbackId: 'again' }, facts, late)).toBeNull();
    expect(nextCall({ ...waiting, playbackId: 'place' }, { type: 'callback_offered', playbackId: 'offer' }, facts, at)).toBeNull();
    const place = nextCall({ ...told, announceAt: at }, { type: 'announcement_due', playbackId: 'place', position: 1, wait: null, everySec: 30 }, facts, late);
    expect(place?.effects).toEqual([{ type: 'stop_playback', playbackId: 'offer' }, expect.objectContaining({ prompts: ['queue-position-next', 'callback-offer'] })]);
  });

  it('has no place yet in a menu: the place is the moment of asking', () => {
    const menu: Call = { ...waiting, state: 'menu', queuedAt: null, menu: { menuId: 'main', step: 'choose', digits: '', tries: 0, caseNumber: null, wrongCodes: 0, isServed: false } };
    const asked = requestCallback(menu, facts, late)?.call;
    expect(asked).toMatchObject({ state: 'dismissing', menu: null });
    expect(asked && openCallback(asked, late)).toMatchObject({ state: 'waiting', queuedAt: late, queueId: '12345' });
  });
});

describe('a callback, whatever happens in whatever order', () => {
  it('waits in its caller’s place, with the case', () => {
    expect(callback).toMatchObject({ direction: 'outbound', state: 'waiting', callbackOf: 'call', calledNumber: '13800001111', callerNumber: null,
      queuedAt: at, priority: 2, queueId: '12345', caseId: 'case', legs: [] });
  });

  it('keeps its place, puts nobody through who did not press 1, leaves no leg and no seat, and ends within its tries', () => {
    const anyEnd = fc.constantFrom<Happening>('supervisor_cancels', 'called_again');
    const anything = fc.array(fc.tuple(fc.oneof({ weight: 150, arbitrary: anyHappening }, { weight: 1, arbitrary: anyEnd }), anyMoment), { minLength: 20, maxLength: 60 });
    let [talks, ends, triedOut] = [0, 0, 0];
    fc.assert(fc.property(anything, (happenings) => {
      for (const step of follow(callback, happenings)) {
        const { before, after, what, decision } = step;
        expectSound(step);
        expect(after).toMatchObject({ queuedAt: at, priority: 2, queueId: '12345', callbackOf: 'call', caseId: 'case' });
        expect(after.attempts).toBeLessThanOrEqual(maxAttempts);
        if (before.connectedAt === null && after.connectedAt !== null) {
          talks += 1;
          expect([before.state, what]).toEqual(['confirming', 'press 1']);
        }
        if (after.connectedAt !== null) continue;
        const has = (role: string) => after.legs.some((leg) => leg.role === role);
        if (after.state === 'waiting') expect(after).toMatchObject({ legs: [], seatId: null, announceAt: null, outcome: null });
        if (['ringing', 'dialing_party', 'confirming', 'dismissing'].includes(after.state)) expect(has('operator')).toBe(true);
        expect(has('citizen')).toBe(after.state === 'dialing_party' || after.state === 'confirming');
        if (after.attempts > before.attempts) expect(after.state === 'ended' || after.retryAt !== null).toBe(true);
        if (after.state !== 'ended' || before.state === 'ended') continue;
        ends += 1;
        if (after.attempts === maxAttempts) triedOut += 1;
        else expect(['supervisor_cancels', 'called_again']).toContain(what);
        expect(decision.changes.some((change) => change.type === 'case_abandoned')).toBe(after.outcome !== 'settled');
      }
    }), { numRuns: 1_000 });
    // The events above do reach what they are about.
    expect([talks > 10, ends > 10, triedOut > 10]).toEqual([true, true, true]);
  });

  it('counts no try when the seat does not take it', () => {
    expect(steadily('matched', 'seat_ends 21').at(-1)?.after).toMatchObject({ state: 'waiting', attempts: 0, retryAt: null });
    expect(steadily('matched', 'operator_hangs_up').at(-1)?.decision.changes).toEqual([{ type: 'seat', seatId: '8001', event: { type: 'ring_failed', callId: callback.id, reason: 'declined' } }]);
  });

  it.each([[17, 'busy', 'dial-busy'], [19, 'no_answer', 'dial-no-answer'], [20, 'unreachable', 'dial-unreachable'], [21, 'rejected', 'dial-rejected']] as const)(
    'tells the operator why nobody is there (%i) and waits five minutes for the next try', (cause, outcome, prompt) => {
      const steps = steadily('matched', 'seat_answers', 'citizen_rings', `citizen_ends ${cause}`, 'prompt_ends');
      const [told, over] = steps.slice(-2);
      expect(told?.after).toMatchObject({ state: 'dismissing', outcome, attempts: 1 });
      expect(told?.decision.effects).toContainEqual(expect.objectContaining({ type: 'play', prompts: [prompt] }));
      expect(over?.after).toMatchObject({ state: 'waiting', outcome: null, attempts: 1, retryAt: new Date(late.getTime() + 300_000) });
      expect(over?.decision.changes).toEqual([{ type: 'seat', seatId: '8001', event: { type: 'release', callId: callback.id, wrapUpSec: 30 } }]);
    });

  it('is no try when the operator gives up before the citizen’s phone rings, and one after', () => {
    expect(steadily('matched', 'seat_answers', 'operator_hangs_up').at(-1)?.after).toMatchObject({ state: 'waiting', attempts: 0, retryAt: null });
    for (const how of ['operator_hangs_up', 'seat_ends 16'] as const) {
      const steps = steadily('matched', 'seat_answers', 'citizen_rings', how);
      expect(steps.at(-1)?.after).toMatchObject({ state: 'waiting', attempts: 1, legs: [] });
      expect(steps.at(-1)?.decision.effects).toContainEqual({ type: 'hang_up', channelId: steps.at(-1)?.before.legs.find((leg) => leg.role === 'citizen')?.id, cause: 'normal' });
    }
  });

  it('is no try when the citizen’s channel was lost with the service', () => {
    expect(steadily('matched', 'seat_answers', 'vanished', 'prompt_ends').at(-1)?.after).toMatchObject({ state: 'waiting', attempts: 0, retryAt: null });
  });

  it('asks three times for the key; a wrong one changes nothing', () => {
    const asking = steadily(...reached, 'press 5', 'prompt_ends', 'overdue', 'prompt_ends', 'overdue', 'prompt_ends');
    expect(asking.map((step) => step.what)).not.toContain('press 5');
    expect(asking.at(-1)?.after).toMatchObject({ state: 'confirming', asked: 3 });
    const gone = follow(asking.at(-1)?.after ?? callback, [['overdue', late]])[0];
    expect(gone?.after).toMatchObject({ state: 'dismissing', outcome: 'not_confirmed', attempts: 1 });
    expect(gone?.decision.effects[0]).toMatchObject({ type: 'hang_up' });
  });

  it('talks after 1: one bridge, one recording, and the operator owns the case', () => {
    const talk = steadily(...reached, 'press 5', 'press 1').at(-1);
    expect(talk?.after).toMatchObject({ state: 'talking', deadlineAt: null, operatorId: 'u' });
    expect(talk?.decision.effects.map((effect) => effect.type)).toEqual(['stop_playback', 'stop_ringing', 'bridge', 'record']);
    expect(talk?.decision.changes).toEqual([{ type: 'case_owned', operatorId: 'u' }]);
  });

  it('ends with the last outcome when the third try failed too', () => {
    const failing: Happening[] = [...reached.slice(0, 3), 'citizen_ends 17', 'prompt_ends'];
    const last = steadily(...failing, ...failing, ...failing).at(-1);
    expect(last?.after).toMatchObject({ state: 'ended', outcome: 'busy', endedBy: 'system', attempts: 3 });
    expect(last?.decision.changes).toContainEqual({ type: 'case_abandoned' });
  });

  it('is settled by another call of the citizen until the two talk; the operator is free for that one at once', () => {
    const settled = steadily(...reached, 'called_again').at(-1);
    expect(settled?.after).toMatchObject({ state: 'ended', outcome: 'settled', endedBy: 'citizen', legs: [] });
    expect(settled?.decision.changes).toEqual([{ type: 'seat', seatId: '8001', event: { type: 'release', callId: callback.id, wrapUpSec: 0 } }]);
    expect(steadily(...reached, 'press 1', 'called_again').at(-1)?.what).toBe('press 1');
  });

  it('waits like a caller when the citizen is transferred and nobody takes the transfer', () => {
    const talking = steadily(...reached, 'press 1').at(-1)?.after ?? callback;
    const party = { role: 'unit', seatId: null, operatorId: null, number: '119', directoryCode: '119' } as const;
    const moved = nextCall(talking, { type: 'transfer', legId: 'unit', party }, facts, late)?.call;
    const back = moved && nextCall({ ...moved, legs: moved.legs.filter((leg) => leg.state !== 'ended') }, { type: 'leg_ended', legId: 'unit', cause: 17 }, facts, late)?.call;
    expect(back).toMatchObject({ state: 'waiting', queuedAt: at, legs: [{ role: 'citizen' }] });
    const rung = back && nextCall(back, { type: 'matched', legId: 'b', seatId: '8002', operatorId: 'v', ringTimeoutSec: 20 }, facts, late)?.call;
    expect(rung && nextCall(rung, { type: 'leg_answered', legId: 'b' }, facts, late)?.call).toMatchObject({ state: 'talking' });
    const legId = rung?.legs.find((leg) => leg.role === 'citizen')?.id ?? '';
    expect(rung && nextCall(rung, { type: 'leg_ended', legId, cause: 16 }, facts, late)?.call).toMatchObject({ state: 'ended', outcome: 'answered' });
  });
});
