import { describe, expect, it } from 'vitest';
import { judge, readPhones, type Evidence, type Row } from '../faults/support/invariants.ts';

const fault = 100_000;
const at = (sec: number): Date => new Date(fault + sec * 1_000);
const line = (what: string, sec: number, caller: string, seat = '') => ({ what, atMs: fault + sec * 1_000, caller, seat });

const row = (caller: string, more: Partial<Row> = {}): Row => ({
  id: `call-${caller}`, callerNumber: caller, state: 'ended', outcome: 'answered', offeredAt: at(-5), queuedAt: at(-5), connectedAt: at(-3), endedAt: at(4), caseState: 'draft', callbackReason: null,
  partsSec: 9, totalSec: 9, isMatched: true, ...more,
});
/** Two citizens: 1 talks when the fault strikes, 2 calls after it; both are served. */
const good: Evidence = {
  atMs: fault, healedMs: fault + 2_000, endsCalls: false, left: [],
  before: [{ callerNumber: '1', state: 'talking', queuedAt: at(-5) }],
  rows: [row('1'), row('2', { offeredAt: at(1), queuedAt: at(1), connectedAt: at(6), endedAt: at(8), totalSec: 7, partsSec: 7 })],
  ...readPhones([{ isPatient: true, log: [line('invite', -5, '1'), line('over', 4, '1'), line('invite', 1, '2'), line('over', 8, '2')] }],
    [line('invite', -4, '1', 'seat-1'), line('answer', -3, '1', 'seat-1'), line('bye', 4, '1', 'seat-1'), line('invite', 5, '2', 'seat-1'), line('answer', 6, '2', 'seat-1'), line('bye', 8, '2', 'seat-1')]),
};
const change = (caller: string, more: Partial<Row>): Evidence => ({ ...good, rows: good.rows.map((one) => (one.callerNumber === caller ? { ...one, ...more } : one)) });
const waited = (caller: string, queuedAt: Date) => ({ callerNumber: caller, state: 'waiting', queuedAt });

describe('what must hold after a fault', () => {
  it('holds when everybody was served', () => {
    expect(judge(good)).toEqual({ live: 1, lost: 0, missing: 0, ringsSec: 5, servedSec: 5, violations: [] });
  });

  it.each<[string, Evidence, string]>([
    ['a call without a row', { ...good, rows: good.rows.slice(1) }, 'no call'],
    ['a row without a case', change('1', { caseState: null }), 'no case'],
    ['two rows of one call', { ...good, rows: [...good.rows, row('1', { id: 'again' })] }, 'has 2 calls'],
    ['a talk that was cut', { ...good, rings: good.rings.map((ring) => (ring.caller === '1' ? { ...ring, byeMs: null, toldMs: fault } : ring)) }, 'was lost'],
    ['a talk that was cut and begun anew', { ...good, rings: [{ ...good.rings[0]!, byeMs: null, toldMs: fault + 1_000 }, ...good.rings.map((ring) => (ring.caller === '1' ? { ...ring, rungMs: fault + 2_000, answeredMs: fault + 2_500 } : ring))] }, 'were cut off'],
    ['a caller whom no seat rang for', { ...good, rings: good.rings.filter((ring) => ring.caller !== '1') }, 'was lost'],
    ['no seat that rings again', { ...good, rings: good.rings.filter((ring) => ring.caller !== '2') }, 'no seat rang'],
    ['a call that never ends', change('1', { state: 'talking' }), 'never ended'],
    ['an answered call that says it was not', change('1', { outcome: 'abandoned_queue' }), 'outcome abandoned_queue'],
    ['a beginning that is not true', change('1', { offeredAt: at(-20) }), 'came at'],
    ['an end that is not true', change('1', { endedAt: at(60) }), 'ended at'],
    ['durations that do not add up', change('1', { partsSec: 5 }), 'parts of 5 s'],
    ['a place that was lost', { ...change('1', { queuedAt: at(1) }), before: [waited('1', at(-5))] }, 'lost the place'],
    ['somebody who was overtaken', { ...good, before: [waited('2', at(-6)), waited('1', at(-5))] }, '2 was overtaken'],
    ['a seat with two calls at once', { ...good, rings: good.rings.map((ring) => (ring.caller === '2' ? { ...ring, rungMs: fault + 3_000 } : ring)) }, 'while it had 1'],
    ['a channel that stays', { ...good, left: ['the channel PJSIP/trunk-1'] }, 'is left behind'],
  ])('is broken by %s', (_, evidence, what) => {
    expect(judge(evidence).violations.join('\n')).toContain(what);
  });

  it('asks nothing of an Asterisk that died but new calls, and that the rows end', () => {
    const rings = good.rings.map((ring) => (ring.caller === '1' ? { ...ring, byeMs: null } : ring));
    expect(judge({ ...good, rings, endsCalls: true }).violations).toEqual([]);
  });

  it('who gave up is to be called back', () => {
    const impatient = good.citizens.map((one) => (one.caller === '1' ? { ...one, isPatient: false } : one));
    const gaveUp = { ...change('1', { outcome: 'abandoned_queue', connectedAt: null }), citizens: impatient, rings: good.rings.filter((ring) => ring.caller !== '1') };
    expect(judge(gaveUp).violations.join()).toContain('without a callback');
    expect(judge({ ...gaveUp, rows: gaveUp.rows.map((one) => ({ ...one, callbackReason: 'abandoned' })) }).violations).toEqual([]);
  });
});
