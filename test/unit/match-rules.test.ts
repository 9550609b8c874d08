import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canServe, planMatches, type FreeSeat, type Strategy, type WaitingCall } from '../../src/calls/waiting/match-rules.ts';
import { meetsDemand, skillScore } from '../../src/routing/skill-rules.ts';

const strategies: readonly Strategy[] = ['longest_idle', 'fewest_calls', 'round_robin', 'skill_first', 'last_operator_first'];
const queueId = fc.constantFrom<string>('a', 'b', 'c');
const skillCode = fc.constantFrom('english', 'tax');
const operatorId = fc.integer({ min: 0, max: 9 }).map(String);
/** A queue has one strategy, whichever caller asks. */
const queueStrategies = fc.record({ a: fc.constantFrom(...strategies), b: fc.constantFrom(...strategies), c: fc.constantFrom(...strategies) });
const calls = fc.tuple(queueStrategies, fc.array(fc.record({
  queueId, lastOperatorId: fc.option(operatorId), demand: fc.array(fc.record({ skillCode, minLevel: fc.integer({ min: 1, max: 5 }) }), { maxLength: 2 }),
}), { maxLength: 8 })).map(([queues, rows]) => rows.map((row, index): WaitingCall =>
  ({ ...row, id: `call-${index}`, strategy: queues[row.queueId as keyof typeof queues] })));
const seats = fc.uniqueArray(fc.record({
  id: fc.integer({ min: 100, max: 130 }).map(String), operatorId, queueIds: fc.uniqueArray(queueId, { minLength: 1 }),
  skills: fc.array(fc.record({ skillCode, level: fc.integer({ min: 1, max: 5 }) }), { maxLength: 2 }),
  idleSince: fc.integer({ min: 0, max: 3 }).map((second) => new Date(second * 1000)), answeredToday: fc.integer({ min: 0, max: 3 }),
  leadsQueueIds: fc.oneof(fc.constant([]), fc.uniqueArray(queueId)),
}), { selector: (seat) => seat.id, maxLength: 8 });
const turns = fc.array(fc.tuple(queueId, fc.integer({ min: 100, max: 130 }).map(String))).map((pairs) => new Map(pairs));

/** What each strategy looks at, in its order: the seat with the lowest numbers is the right one. Written apart from the rules. */
/** A leader on their day goes before all of that. */
function key(call: WaitingCall, seat: FreeSeat, lastSeatId: string | undefined): (number | string)[] {
  return [seat.leadsQueueIds.includes(call.queueId) ? 0 : 1, ...strategyKey(call, seat, lastSeatId)];
}

function strategyKey(call: WaitingCall, seat: FreeSeat, lastSeatId: string | undefined): (number | string)[] {
  const idle = [seat.idleSince.getTime(), seat.id];
  if (call.strategy === 'longest_idle') return idle;
  if (call.strategy === 'fewest_calls') return [seat.answeredToday, ...idle];
  if (call.strategy === 'skill_first') return [100 - skillScore(seat.skills, call.demand), ...idle];
  if (call.strategy === 'last_operator_first') return [seat.operatorId === call.lastOperatorId ? 0 : 1, ...idle];
  return [lastSeatId !== undefined && seat.id > lastSeatId ? 0 : 1, seat.id];
}

function isBefore(one: readonly (number | string)[], other: readonly (number | string)[]): boolean {
  const index = one.findIndex((value, place) => value !== other[place]);
  return index >= 0 && (one[index] ?? 0) < (other[index] ?? 0);
}

describe('the plan of who gets which seat', () => {
  it('gives no seat and no call twice, and no seat that lacks the queue or a skill', () => {
    fc.assert(fc.property(calls, seats, turns, (waiting, free, last) => {
      const plan = planMatches(waiting, free, last);
      expect(new Set(plan.map((match) => match.seatId)).size).toBe(plan.length);
      expect(new Set(plan.map((match) => match.callId)).size).toBe(plan.length);
      for (const match of plan) {
        const [call, seat] = [waiting.find((one) => one.id === match.callId), free.find((one) => one.id === match.seatId)];
        expect(call && seat && seat.queueIds.includes(call.queueId) && call.demand.every((wish) =>
          seat.skills.some((skill) => skill.skillCode === wish.skillCode && skill.level >= wish.minLevel))).toBe(true);
      }
    }), { numRuns: 2_000 });
  });

  it('passes no caller over for a later one, and gives each the best of the seats left, by the strategy of its queue', () => {
    fc.assert(fc.property(calls, seats, turns, (waiting, free, last) => {
      const plan = new Map(planMatches(waiting, free, last).map((match) => [match.callId, match.seatId]));
      const left = new Map(free.map((seat) => [seat.id, seat]));
      const turnOf = new Map(last);
      for (const call of waiting) {
        const got = left.get(plan.get(call.id) ?? '');
        const possible = [...left.values()].filter((seat) => canServe(seat, call));
        if (!got) {
          expect(possible).toEqual([]);
          continue;
        }
        const lastSeatId = turnOf.get(call.queueId);
        for (const other of possible) expect(isBefore(key(call, other, lastSeatId), key(call, got, lastSeatId))).toBe(false);
        left.delete(got.id);
        turnOf.set(call.queueId, got.id);
      }
    }), { numRuns: 2_000 });
  });

  it('goes round the seats of a queue, and begins again behind the last', () => {
    const seat = (id: string): FreeSeat => ({ id, operatorId: id, queueIds: ['a'], skills: [], idleSince: new Date(0), answeredToday: 0, leadsQueueIds: [] });
    const waiting = ['1', '2', '3'].map((id): WaitingCall => ({ id, queueId: 'a', strategy: 'round_robin', demand: [], lastOperatorId: null }));
    expect(planMatches(waiting, ['101', '102', '103'].map(seat), new Map([['a', '101']])).map((match) => match.seatId)).toEqual(['102', '103', '101']);
  });
});

describe('skills', () => {
  it('are met at the level asked for or above, all of them', () => {
    const demand = [{ skillCode: 'english', minLevel: 3 }, { skillCode: 'tax', minLevel: 1 }];
    expect(meetsDemand([{ skillCode: 'english', level: 3 }, { skillCode: 'tax', level: 5 }], demand)).toBe(true);
    expect(meetsDemand([{ skillCode: 'english', level: 2 }, { skillCode: 'tax', level: 5 }], demand)).toBe(false);
    expect(meetsDemand([{ skillCode: 'english', level: 5 }], demand)).toBe(false);
    expect(meetsDemand([], [])).toBe(true);
  });
});
