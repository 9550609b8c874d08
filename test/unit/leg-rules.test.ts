import { describe, expect, it } from 'vitest';
import { legOutcome, type Leg } from '../../src/calls/leg.ts';

const leg = (more: Partial<Leg>): Leg => ({ role: 'operator', state: 'dialing', ringingAt: null, ...more }) as Leg;

describe('what became of a leg', () => {
  it.each<[string, Leg, number | null, string]>([
    ['a seat that was never rung, for the service was gone', leg({}), null, 'cancelled'],
    ['a seat that rang, and nobody saw its end', leg({ ringingAt: new Date() }), null, 'cancelled'],
    ['a seat whose phone gave no sign', leg({}), 18, 'unreachable'],
    ['a seat that rang to the end', leg({ ringingAt: new Date() }), 19, 'no_answer'],
    ['a party whose end nobody saw', leg({ role: 'unit' }), null, 'unreachable'],
    ['a busy party', leg({ role: 'unit' }), 17, 'busy'],
  ])('%s', (_what, one, cause, outcome) => {
    expect(legOutcome(one, cause)).toBe(outcome);
  });
});
