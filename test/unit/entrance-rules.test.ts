import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findRoute, type QueueCondition, type Route, type Start } from '../../src/routing/entrance-rules.ts';
import { entryPriority } from '../../src/routing/priority-rules.ts';

const ids = ['a', 'b', 'c', 'd'];
const anyId = fc.constantFrom(...ids);
const condition = fc.record<QueueCondition>({
  isOpen: fc.boolean(), isServed: fc.boolean(), waiting: fc.integer({ min: 0, max: 3 }), maxWaiting: fc.integer({ min: 0, max: 3 }),
  overflowWaiting: fc.option(fc.integer({ min: 1, max: 3 })), overflowQueueId: fc.option(anyId), nightQueueId: fc.option(anyId),
});
const city = fc.tuple(condition, condition, condition, condition).map((all) => new Map(ids.map((id, index) => [id, all[index] as QueueCondition])));
const start = fc.record<Start>({ queueId: anyId, path: fc.uniqueArray(anyId), leaving: fc.constantFrom(null, 'waited_long', 'nobody_signed_in') });

/** As the service does: whatever must be known is looked up when it is asked for. */
function route(from: Start, all: ReadonlyMap<string, QueueCondition>): { route: Route; asked: string[] } {
  const known = new Map<string, QueueCondition>();
  for (;;) {
    const found = findRoute(from, known);
    if (!('needs' in found)) return { route: found, asked: [...known.keys()] };
    expect(known.has(found.needs)).toBe(false);
    known.set(found.needs, all.get(found.needs) as QueueCondition);
  }
}
const takes = (queue: QueueCondition | undefined): boolean => queue !== undefined && queue.isOpen && queue.isServed && queue.waiting < queue.maxWaiting;
const open: QueueCondition = { isOpen: true, isServed: true, waiting: 0, maxWaiting: 10, overflowWaiting: null, overflowQueueId: null, nightQueueId: null };

describe('the way of a caller through the queues', () => {
  it('is a chain without a circle, and goes back to no queue that had the caller before', () => {
    fc.assert(fc.property(start, city, (from, all) => {
      const { hops, queueId } = route(from, all).route;
      const way = [from.queueId, ...hops.map((hop) => hop.to)];
      expect(hops.map((hop) => hop.from)).toEqual(way.slice(0, -1));
      expect(queueId).toBe(way.at(-1));
      expect(new Set(way).size).toBe(way.length);
      expect(way.slice(1).some((id) => from.path.includes(id))).toBe(false);
    }), { numRuns: 2_000 });
  });

  it.each([null, 'waited_long', 'nobody_signed_in'] as const)('leads to night duty when the queue is closed, for newcomers and for those who wait in it (%s)', (leaving) => {
    const all = new Map([['a', { ...open, isOpen: false, isServed: false, overflowQueueId: 'c', nightQueueId: 'b' }], ['b', open], ['c', open], ['d', open]]);
    expect(route({ queueId: 'a', path: [], leaving }, all).route).toMatchObject({ queueId: 'b', refusal: null });
  });

  it('ends in a queue that takes callers, and refuses only when none that it passed does', () => {
    fc.assert(fc.property(start, city, (from, all) => {
      const { route: found, asked } = route(from, all);
      const others = asked.filter((id) => id !== from.queueId || from.leaving === null);
      if (found.refusal) {
        expect(others.filter((id) => takes(all.get(id)))).toEqual([]);
        expect(from.leaving).not.toBe('waited_long');
      } else if (found.queueId !== from.queueId || from.leaving === null) {
        expect(takes(all.get(found.queueId))).toBe(true);
      } else {
        expect(from.leaving).toBe('waited_long');
      }
    }), { numRuns: 2_000 });
  });

  const from = (queueId: string, more: Partial<Start> = {}): Start => ({ queueId, path: [], leaving: null, ...more });
  const queues = (all: Record<string, Partial<QueueCondition>>) => new Map(Object.entries(all).map(([id, one]) => [id, { ...open, ...one }]));

  it('stays in the first queue when it takes the caller, and looks at no other', () => {
    expect(route(from('a'), queues({ a: { overflowQueueId: 'b' }, b: {} }))).toEqual({ route: { queueId: 'a', hops: [], refusal: null }, asked: ['a'] });
  });

  it('goes to night duty when closed, and is told why night duty does not take it', () => {
    const night = queues({ a: { isOpen: false, nightQueueId: 'b' }, b: { waiting: 10 } });
    expect(route(from('a'), night).route).toEqual({ queueId: 'b', hops: [{ from: 'a', to: 'b', reason: 'closed' }], refusal: 'queue_full' });
    expect(route(from('a'), queues({ a: { isOpen: false } })).route.refusal).toBe('closed');
  });

  it('waits in the long queue when the overflow queue is not there for anybody', () => {
    const long = queues({ a: { waiting: 5, overflowWaiting: 3, overflowQueueId: 'b' }, b: { isServed: false } });
    expect(route(from('a'), long).route).toEqual({ queueId: 'a', hops: [], refusal: null });
  });

  it('goes on after a long wait, and stays where it is when there is nowhere to go', () => {
    const all = queues({ a: { overflowQueueId: 'b' }, b: { overflowQueueId: 'a' } });
    expect(route(from('a', { leaving: 'waited_long' }), all).route).toMatchObject({ queueId: 'b', hops: [{ reason: 'waited_long' }] });
    expect(route(from('b', { leaving: 'waited_long', path: ['a'] }), all).route).toEqual({ queueId: 'b', hops: [], refusal: null });
    expect(route(from('b', { leaving: 'nobody_signed_in', path: ['a'] }), all).route).toMatchObject({ refusal: 'nobody_signed_in' });
  });
});

describe('the priority of a caller', () => {
  const claim = { numberPriority: 0, isUrgent: false, isRepeat: false };
  it('is that of the number, raised for urgent callers and for those who called in vain', () => {
    expect(entryPriority(claim)).toBe(0);
    expect(entryPriority({ ...claim, isRepeat: true })).toBe(2);
    expect(entryPriority({ ...claim, isUrgent: true })).toBe(7);
    expect(entryPriority({ ...claim, numberPriority: 9, isUrgent: true })).toBe(9);
  });
  it('never falls by a claim, stays within 0 and 9, and puts no repeat caller before an urgent one', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 9 }), fc.boolean(), fc.boolean(), (numberPriority, isUrgent, isRepeat) => {
      const priority = entryPriority({ numberPriority, isUrgent, isRepeat });
      expect(priority).toBeGreaterThanOrEqual(numberPriority);
      expect(priority).toBeLessThanOrEqual(9);
      if (numberPriority < 7 && !isUrgent) expect(priority).toBeLessThan(7);
    }));
  });
});
