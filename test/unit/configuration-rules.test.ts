import fc from 'fast-check';
import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { checkConfiguration, newFaults, usersOf, withRow } from '../../src/configuration/configuration-rules.ts';
import { defineKind, type Configuration } from '../../src/configuration/kind.ts';
import { findSpanFaults, isDay } from '../../src/configuration/kinds/hours-rules.ts';
import { findCycle } from '../../src/configuration/kinds/overflow-rules.ts';

const node = defineKind({
  name: 'node', path: 'nodes', source: '', keyField: 'id', keyPattern: '', body: Type.Object({ next: Type.Union([Type.String(), Type.Null()]) }),
  references: (item) => [{ field: 'next', kind: 'node', key: item.next }],
});
const ids = ['a', 'b', 'c', 'd', 'e'];
const graph = fc.uniqueArray(fc.record({ id: fc.constantFrom(...ids), next: fc.option(fc.constantFrom(...ids)), night: fc.option(fc.constantFrom(...ids)) }), { selector: (one) => one.id });
const toConfiguration = (nodes: readonly { id: string; next: string | null }[]): Configuration =>
  new Map([['node', new Map(nodes.map(({ id, next }) => [id, { version: 1, item: { next } }]))]]);

describe('the configuration as a whole', () => {
  it('is wrong exactly where a row names one that is not there', () => {
    fc.assert(fc.property(graph, (nodes) => {
      const faults = checkConfiguration([node], toConfiguration(nodes)).map((fault) => fault.path);
      const there = nodes.map((one) => one.id);
      expect(faults.sort()).toEqual(nodes.filter((one) => one.next !== null && !there.includes(one.next)).map((one) => `node/${one.id}/next`).sort());
    }));
  });

  it('names who uses a row: whoever would be wrong without it, but for itself', () => {
    fc.assert(fc.property(graph, fc.constantFrom(...ids), (nodes, key) => {
      const all = toConfiguration(nodes);
      const target = { kind: 'node', key };
      const without = withRow(all, target, null);
      const users = usersOf([node], all, target);
      expect(users.sort()).toEqual(checkConfiguration([node], without).filter((fault) => fault.message.includes(`node ${key} `)).map((fault) => `${fault.path.split('/').slice(0, 2).join(' ')} (next)`).sort());
      expect(all.get('node')?.size).toBe(nodes.length);
    }));
  });

  it('keeps what was wrong before apart from what a change makes wrong', () => {
    fc.assert(fc.property(graph, graph, (one, other) => {
      const [before, after] = [one, other].map((nodes) => checkConfiguration([node], toConfiguration(nodes)));
      const made = newFaults(before ?? [], after ?? []);
      for (const fault of after ?? []) expect(made.includes(fault)).toBe(!(before ?? []).some((known) => known.path === fault.path && known.message === fault.message));
    }));
  });
});

describe('queues that overflow', () => {
  it('in a circle are found from each queue of the circle, and from no other', () => {
    fc.assert(fc.property(graph, (nodes) => {
      const queues = new Map(nodes.map((one) => [one.id, { overflowQueueId: one.next, nightQueueId: one.night }]));
      const nextOf = (id: string): string[] => [queues.get(id)?.overflowQueueId, queues.get(id)?.nightQueueId].filter((next) => typeof next === 'string');
      for (const id of queues.keys()) {
        let reached = new Set(nextOf(id));
        for (let step = 0; step < ids.length; step += 1) reached = new Set([...reached, ...[...reached].flatMap(nextOf)]);
        const cycle = findCycle(queues, id);
        expect(cycle !== null).toBe(reached.has(id));
        if (cycle) expect([cycle[0], cycle.at(-1), cycle.slice(1).every((next, index) => nextOf(cycle[index] ?? '').includes(next))]).toEqual([id, id, true]);
      }
    }));
  });
});

describe('opening hours', () => {
  const time = (minutes: number): string => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  it('are sound exactly when each ends after it begins and no minute is in two', () => {
    const span = fc.record({ from: fc.integer({ min: 0, max: 1_439 }), to: fc.integer({ min: 0, max: 1_440 }) });
    fc.assert(fc.property(fc.array(span, { maxLength: 4 }), (spans) => {
      const minutes = spans.flatMap(({ from, to }) => Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at));
      const isSound = spans.every(({ from, to }) => from < to) && new Set(minutes).size === minutes.length;
      expect(findSpanFaults(spans.map(({ from, to }) => ({ from: time(from), to: time(to) }))).length === 0).toBe(isSound);
    }));
  });

  it('know the days of the calendar', () => {
    expect(['2027-02-17', '2028-02-29', '2027-12-31'].map(isDay)).toEqual([true, true, true]);
    expect(['2027-02-29', '2027-13-01', '2027-04-31', '2027-00-10'].map(isDay)).toEqual([false, false, false, false]);
  });
});
