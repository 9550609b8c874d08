import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Call } from '../../src/calls/call.ts';
import type { CallEvent } from '../../src/calls/call-event.ts';
import { nextCall } from '../../src/calls/call-machine.ts';
import { leadOn } from '../../src/calls/menu/menu-machine.ts';
import { anyEvent, anyMoment, at, expectSound, facts, late, offered, type Step } from '../support/call-steps.ts';
import { anyKey, ivrFacts, press } from '../support/menus.ts';

const nobody = { start: '12345', queueId: '12345', path: [], hops: [], refusal: 'nobody_signed_in', priority: 0 } as const;

/** The call through the events, each with what the service would find for it. */
function lead(events: readonly (readonly [CallEvent, Date])[], { isLocked = false, isStaffed = true } = {}): Step[] {
  const steps: Step[] = [];
  let call: Call = offered;
  for (const [event, now] of events) {
    const told: CallEvent = event.type === 'playback_finished' && event.playbackId === 'now' ? { ...event, playbackId: call.playbackId ?? '' } : event;
    const decision = nextCall(call, told, { ...facts, entrance: isStaffed ? null : nobody, ivr: ivrFacts(call.menu, told, isLocked) }, now);
    if (!decision) continue;
    const ended = new Set(decision.legs.filter((leg) => leg.state === 'ended').map((leg) => leg.id));
    const after = { ...decision.call, version: call.version + 1, legs: decision.call.legs.filter((leg) => !ended.has(leg.id)) };
    steps.push({ before: call, event: told, decision: { ...decision, call: decision.call }, after });
    call = after;
  }
  return steps;
}

const heard: readonly [CallEvent, Date] = [{ type: 'playback_finished', playbackId: 'now' }, at];
const silence: readonly [CallEvent, Date] = [{ type: 'overdue' }, late];
const hungUp: readonly [CallEvent, Date] = [{ type: 'leg_ended', legId: 'citizen', cause: 16 }, at];
const keys = (digits: string) => [...digits].map((digit): readonly [CallEvent, Date] => [press(digit), at]);
const last = (...events: (readonly [CallEvent, Date])[]): Step => {
  const step = lead([heard, ...events]).at(-1);
  if (!step) throw new Error('nothing happened');
  return step;
};
const played = (step: Step) => step.decision.effects.flatMap((effect) => (effect.type === 'play' ? effect.prompts : []));

describe('a citizen in a menu, whatever is pressed, or nothing, in whatever order', () => {
  const anyStep = fc.tuple(fc.oneof({ weight: 3, arbitrary: anyKey }, { weight: 1, arbitrary: anyEvent }, { weight: 2, arbitrary: fc.constantFrom(heard[0], silence[0]) },
    { weight: 1, arbitrary: fc.constantFrom<CallEvent>({ type: 'leg_answered', legId: 'call-direct' }, { type: 'leg_ended', legId: 'call-direct', cause: 17 }) }), anyMoment);

  it('is always asked something by a deadline, is somewhere defined, and is hung up only when served', () => {
    fc.assert(fc.property(fc.array(anyStep, { maxLength: 40 }), fc.boolean(), fc.boolean(), (events, isLocked, isStaffed) => {
      for (const step of lead([heard, ...events], { isLocked, isStaffed })) {
        expectSound(step);
        const { before, after } = step;
        expect(after.state === 'menu').toBe(after.menu !== null);
        if (after.state === 'ended' || after.state === 'talking') continue;
        expect(after.legs.some((leg) => leg.id === 'citizen')).toBe(true);
        if (after.state === 'dismissing' && before.state === 'menu') expect(['informed', 'nobody_signed_in', 'callback_requested']).toContain(after.outcome);
        if (after.outcome === 'informed' && before.state === 'menu') expect(before.menu?.isServed || before.menu?.step === 'telling').toBe(true);
      }
    }), { numRuns: 3_000 });
  });

  it('reaches an operator, or the unit of `otherwise`, by doing nothing', () => {
    fc.assert(fc.property(fc.array(anyKey.map((event): readonly [CallEvent, Date] => [event, at]), { maxLength: 25 }), (pressed) => {
      const steps = lead([heard, ...pressed, ...Array.from({ length: 20 }, (_, index): readonly [CallEvent, Date] => [{ type: 'overdue' }, new Date((index + 2) * late.getTime())])]);
      expect(['waiting', 'transferring', 'dismissing', 'ended']).toContain(steps.map((step) => step.after.state).find((state) => state !== 'menu' && state !== 'greeting'));
    }), { numRuns: 1_000 });
  });

  it('has no digit written down but the key of an option', () => {
    fc.assert(fc.property(fc.array(anyKey.map((event): readonly [CallEvent, Date] => [event, at]), { maxLength: 30 }), (pressed) => {
      for (const { decision } of lead([heard, ...keys('2'), ...pressed])) {
        const { menuId: _, directoryCode: __, ...rest } = (decision.note ?? {}) as Record<string, unknown>;
        expect(JSON.stringify(rest)).not.toMatch(/\d{2,}/);
      }
    }), { numRuns: 500 });
  });
});

describe('what a key does', () => {
  it('ends the prompt that plays, at the first key', () => {
    const step = last(...keys('2'));
    expect(step.decision.effects[0]).toMatchObject({ type: 'stop_playback', playbackId: step.before.playbackId });
    expect(played(step)).toEqual(['progress-prompt']);
  });

  it('never plays two prompts by one name, or the end of the first would be taken for that of the second', () => {
    const arrived = { ...offered, playbackId: null, deadlineAt: null };
    const first = leadOn(arrived, { ...facts, ivr: ivrFacts(null, null) }, at).call;
    const second = nextCall(first, press('9'), { ...facts, ivr: ivrFacts(first.menu, null) }, at)?.call;
    expect(new Set([first.playbackId, second?.playbackId]).size).toBe(2);
    const names = lead([heard, ...keys('99'), heard, silence]).map((step) => step.after.playbackId).filter((name) => name !== null);
    expect(new Set(names).size).toBe(names.length);
  });

  it('counts no key of another phone', () => {
    expect(lead([heard, [{ type: 'digit', legId: 'b', digit: '1' }, at]])).toHaveLength(1);
  });

  it('leads into the queue, with what the option asks of an operator', () => {
    expect(last(...keys('4')).after).toMatchObject({ state: 'waiting', queueId: 'english', language: 'en', skillCodes: ['english'], priority: 3 });
    expect(last(...keys('1')).after).toMatchObject({ state: 'waiting', queueId: '12345', language: 'zh', skillCodes: [] });
  });

  it('is asked again when it is wrong or none, three times at most; then an operator helps', () => {
    expect(played(last(...keys('9')))).toEqual(['menu-wrong-key', 'main-prompt']);
    expect(played(last(heard, silence))).toEqual(['main-prompt']);
    const given = last(...keys('9'), heard, silence, ...keys('9'));
    expect(given.after.state).toBe('waiting');
    expect(given.decision.note).toEqual({ menuId: 'main', why: 'wrong_key' });
    expect(played(given)).toEqual(['menu-to-operator']);
  });

  it('asks for a callback, and for an operator where the number cannot be called', () => {
    expect(last(...keys('8')).after.state).toBe('waiting');
    const [menu] = lead([heard]);
    const mobile: Call = { ...(menu?.after ?? offered), callerNumber: '13800001111', callerKind: 'mobile' };
    const asked = nextCall(mobile, press('8'), { ...facts, ivr: ivrFacts(mobile.menu, null) }, at);
    expect(asked?.call).toMatchObject({ state: 'dismissing', outcome: 'callback_requested', menu: null });
    expect(asked?.changes).toEqual([{ type: 'callback_requested' }]);
  });

  it('leads to an operator where the menu it names is gone', () => {
    expect(last(...keys('7')).after.state).toBe('waiting');
  });
});

describe('a community by its code', () => {
  it('is dialled as soon as the code is whole, with music meanwhile, and the talk is recorded', () => {
    const [dialled, talking, over] = lead([heard, ...keys('3101'), [{ type: 'leg_answered', legId: 'call-direct' }, at], [{ type: 'leg_ended', legId: 'call-direct', cause: 16 }, at]]).slice(-3);
    expect(dialled?.after).toMatchObject({ state: 'transferring', connectedAt: null, seatId: null });
    expect(dialled?.decision.effects).toEqual([expect.objectContaining({ type: 'start_music' }), expect.objectContaining({ type: 'dial_number', number: '057186710101' })]);
    expect(talking?.after).toMatchObject({ state: 'talking', connectedAt: at });
    expect(talking?.decision.effects.map((effect) => effect.type)).toEqual(['stop_music', 'bridge', 'bridge', 'record']);
    expect(over?.after).toMatchObject({ state: 'ended', outcome: 'answered', endedBy: 'unit' });
    expect(over?.decision.changes).toEqual([{ type: 'case_to_survey' }]);
  });

  it('is taken by # or by time when no longer code begins so, and asked again when there is none', () => {
    expect(played(last(...keys('310#')))).toEqual(['menu-wrong-key', 'community-prompt']);
    expect(last(...keys('3999')).after.menu).toMatchObject({ digits: '999', tries: 0 });
    expect(played(last(...keys('3999999')))).toEqual(['menu-wrong-key', 'community-prompt']);
    expect(played(last(...keys('3999'), silence))).toEqual(['menu-wrong-key', 'community-prompt']);
    expect(last(...keys('310*101')).after.state).toBe('transferring');
    expect(last(...keys('30')).after.state).toBe('waiting');
  });

  it('that is not there gives the citizen to an operator, who sees why', () => {
    const step = last(...keys('3101'), [{ type: 'leg_ended', legId: 'call-direct', cause: 17 }, at]);
    expect(step.after).toMatchObject({ state: 'waiting', queuedAt: at });
    expect(step.decision.changes).toEqual([{ type: 'unit_not_reached', directoryCode: 'community-101', outcome: 'busy' }]);
    expect(played(step)).toEqual(['community-not-reached', 'menu-to-operator']);
  });

  it('is given up by a citizen who hangs up while it rings: that case is called back', () => {
    const step = last(...keys('3101'), hungUp);
    expect(step.after).toMatchObject({ state: 'ended', outcome: 'abandoned_ringing' });
    expect(step.decision.changes).toEqual([{ type: 'case_abandoned' }]);
  });
});

describe('the progress of a case by number and code', () => {
  const number = keys('220261124000001');
  it('is told for the right code, then the options; who hangs up then was served', () => {
    const told = last(...number, ...keys('#123456'));
    expect(told.decision.changes).toEqual([{ type: 'progress_told', caseId: 'other' }]);
    expect(played(told)).toEqual(['progress-received']);
    const options = last(...number, ...keys('123456#'), heard);
    expect(played(options)).toEqual(['told']);
    const ended = last(...number, ...keys('123456'), heard, hungUp);
    expect(ended.after).toMatchObject({ state: 'ended', outcome: 'informed' });
    expect(ended.decision.changes).toEqual([{ type: 'case_informed' }]);
  });

  it('is not told, and the caller who hangs up is called back, before the code is right', () => {
    expect(last(...number, ...keys('12345'), hungUp).decision.changes).toEqual([{ type: 'case_abandoned' }]);
    expect(last(...number, ...keys('123456'), hungUp).after.outcome).toBe('abandoned_menu');
  });

  it('allows three wrong codes a call, whatever menus lie between, and none when too many came of late', () => {
    const wrong = keys('202611240000016543210'.slice(0, 20));
    expect(played(last(...keys('2'), ...wrong))).toEqual(['progress-wrong', 'progress-prompt']);
    const third = last(...keys('2'), ...wrong, ...wrong, ...wrong);
    expect(third.after.state).toBe('waiting');
    expect(third.decision.note).toEqual({ menuId: 'progress', code: 'wrong' });
    const locked = lead([heard, ...number, ...keys('123456')], { isLocked: true }).at(-1);
    expect(locked?.after.state).toBe('waiting');
    expect(locked?.decision.changes).toEqual([]);
  });

  it('ends with a last word when the caller says so', () => {
    const step = last(...number, ...keys('1234569'));
    expect(step.after).toMatchObject({ state: 'dismissing', outcome: 'informed' });
    expect(played(step)).toEqual(['goodbye']);
  });
});

describe('a unit that wants to speak with the citizen of its case', () => {
  const number = keys('020261124000001');
  const dialled = () => last(...number, ...keys('654321'));
  const then = (event: CallEvent) => {
    const { after } = dialled();
    const decision = nextCall(after, event, facts, at);
    if (!decision) throw new Error('nothing happened');
    return decision;
  };

  it('hears ringing while the citizen is dialled, and takes the operator’s place in a call about that case', () => {
    const { after, decision } = dialled();
    expect(after).toMatchObject({ state: 'dialing_party', direction: 'outbound', caseId: 'other', calledNumber: '13800005555', menu: null, queueId: null, seatId: null, operatorId: null });
    expect(after.legs.map(({ id, role, number: dialledNumber }) => [id, role, role === 'citizen' ? dialledNumber : null])).toEqual([['citizen', 'operator', null], ['call-party', 'citizen', '13800005555']]);
    expect(decision.changes).toEqual([{ type: 'masked_by_code', ownCaseId: 'case', unitId: 'unit' }]);
    expect(decision.effects.map((effect) => effect.type)).toEqual(['start_ringing', 'dial_number']);
    expect(decision.note).toEqual({ menuId: 'masked', code: 'reach' });
  });

  it('talks and is recorded; nobody is called back, whoever hangs up or is not there', () => {
    const talk = then({ type: 'leg_answered', legId: 'call-party' });
    expect(talk.call.state).toBe('talking');
    expect(talk.effects).toEqual(expect.arrayContaining([{ type: 'bridge', channelIds: ['call-party', 'citizen'] }, { type: 'record', channelId: 'call-party' }]));
    expect(talk.changes).toEqual([]);
    const busy = then({ type: 'leg_ended', legId: 'call-party', cause: 17 });
    expect([busy.call.state, busy.call.outcome, busy.changes]).toEqual(['dismissing', 'busy', []]);
    const gone = then({ type: 'leg_ended', legId: 'citizen', cause: 16 });
    expect([gone.call.state, gone.call.outcome, gone.changes]).toEqual(['ended', 'cancelled', []]);
  });

  it('is told when it is a bad time, and asked again; wrong codes are limited as those of citizens', () => {
    const busy = last(...number, ...keys('111111'));
    expect(played(busy)).toEqual(['dial-busy', 'masked-prompt']);
    const again = keys('20261124000001111111');
    expect(last(...number, ...keys('111111'), ...again, ...again).after.state).toBe('waiting');
    const wrong = keys('20261124000001000000');
    expect(last(...keys('0'), ...wrong, ...wrong, ...wrong).after.state).toBe('waiting');
    expect(lead([heard, ...number, ...keys('654321')], { isLocked: true }).at(-1)?.after.state).toBe('waiting');
  });
});
