import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowedActions, campaignStates, campaignTransitions, nextState, type CampaignAction } from '../../src/campaigns/campaign-machine.ts';
import { meanOf, studentT, wilson } from '../../src/campaigns/interval-rules.ts';
import { expectedEnd, progressOf } from '../../src/campaigns/progress-rules.ts';
import { resultsOf, shareOf } from '../../src/campaigns/results-rules.ts';
import { countCells, drawSample, type Candidate } from '../../src/campaigns/sampling-rules.ts';
import { hangUpScript, beginScript, listenFor, pressScriptKey, keepScriptSilent, type ScriptStep } from '../../src/ivr/script-machine.ts';
import { partOfWav } from '../../src/recordings/stereo-wav.ts';
import { isFull, roomsOf, withinLines, type Cell } from '../../src/surveys/quota-rules.ts';
import { scriptOf } from '../../src/surveys/script-rules.ts';
import { linkPage } from '../../src/surveys/link-page-rules.ts';
import type { Question } from '../../src/surveys/survey.ts';
import { surveyStates } from '../../src/surveys/survey-machine.ts';

const candidate = fc.record({ caseId: fc.uuid(), number: fc.integer({ min: 0, max: 40 }).map(String), cell: fc.constantFrom('a', 'b', 'c') });
const candidates = fc.uniqueArray(candidate, { selector: (one) => one.caseId, maxLength: 120 });

describe('a sample', () => {
  it('has each number once, as many as there are or are wanted, out of those who match', () => {
    fc.assert(fc.property(candidates, fc.nat(60), fc.nat(), (all, size, seed) => {
      const drawn = drawSample(all, { size, seed });
      const numbers = new Set(all.map((one) => one.number));
      expect(drawn.length).toBe(Math.min(size, numbers.size));
      expect(new Set(drawn.map((one) => one.number)).size).toBe(drawn.length);
      for (const one of drawn) expect(all).toContain(one);
      expect(countCells(all).reduce((sum, { citizens }) => sum + citizens, 0)).toBe(numbers.size);
    }));
  });

  it('is the same for the same seed, in whatever order the cases come and however numbers are hashed', () => {
    fc.assert(fc.property(candidates, fc.nat(60), fc.nat(), fc.nat(), (all, size, seed, turn) => {
      const ids = (given: readonly Candidate[]) => drawSample(given, { size, seed }).map((one) => one.caseId);
      const turned = [...all.slice(turn % (all.length + 1)), ...all.slice(0, turn % (all.length + 1))].map((one) => ({ ...one, number: `other-${one.number}` }));
      expect(ids(turned)).toEqual(ids(all));
    }));
  });

  it('draws everybody about as often as anybody, over many seeds', () => {
    const all = Array.from({ length: 20 }, (_, index) => ({ caseId: `case-${String(index).padStart(2, '0')}`, number: String(index), cell: '' }));
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 4_000; seed += 1) for (const { number } of drawSample(all, { size: 5, seed })) counts.set(number, (counts.get(number) ?? 0) + 1);
    // 1,000 each are expected, with a standard deviation of 27.
    for (const { number } of all) expect(Math.abs((counts.get(number) ?? 0) - 1_000)).toBeLessThan(160);
  });
});

describe('quotas', () => {
  type Act = { readonly type: 'place' | 'answer' | 'fail' | 'link'; readonly free: number; readonly cell: number };
  const act: fc.Arbitrary<Act> = fc.record({ type: fc.constantFrom('place', 'answer', 'fail', 'link'), free: fc.nat(8), cell: fc.nat(2) });
  /** Three cells of one campaign, and people without end who are due. */
  const play = (acts: readonly Act[], most: readonly (number | null)[], maxLines: number, look: (cells: readonly Cell[], talked: number) => void) => {
    let cells: Cell[] = most.map((one, index) => ({ campaignId: 'c', cell: String(index), most: one, answered: 0, calling: 0, maxLines }));
    let talking = 0;
    const set = (index: number, more: Partial<Cell>) => { cells = cells.map((one, at) => (at === index ? { ...one, ...more } : one)); };
    for (const { type, free, cell } of acts) {
      const one = cells[cell];
      if (!one) continue;
      if (type === 'place') {
        const due = roomsOf(cells, free).flatMap((room) => Array.from({ length: room.room }, () => ({ campaignId: 'c', cell: room.cell }))).slice(0, free);
        const placed = withinLines(due, cells);
        for (const { cell: name } of placed) set(Number(name), { calling: (cells[Number(name)]?.calling ?? 0) + 1 });
      } else if (type === 'link') {
        if (isFull(one)) continue;
        talking = Math.max(talking, one.calling);
        set(cell, { answered: one.answered + 1 });
      } else if (one.calling > 0) set(cell, { calling: one.calling - 1, answered: one.answered + (type === 'answer' ? 1 : 0) });
      look(cells, talking);
    }
  };
  const most = fc.tuple(...[0, 1, 2].map(() => fc.option(fc.nat(6), { nil: null })));

  it('are never exceeded by calls, and by links no further than by those who talk already; the lines of the campaign never', () => {
    fc.assert(fc.property(fc.array(act, { maxLength: 80 }), most, fc.integer({ min: 1, max: 5 }), fc.boolean(), (acts, wanted, maxLines, hasLinks) => {
      play(acts.filter((one) => hasLinks || one.type !== 'link'), wanted, maxLines, (cells, talked) => {
        expect(cells.reduce((sum, one) => sum + one.calling, 0)).toBeLessThanOrEqual(maxLines);
        for (const one of cells) if (one.most !== null) {
          expect(one.answered).toBeLessThanOrEqual(one.most + talked);
          if (!hasLinks) expect(one.answered + one.calling).toBeLessThanOrEqual(one.most);
        }
      });
    }));
  });

  it('that are filled let nobody in, and others as many as lines are free', () => {
    const cell = (more: Partial<Cell>): Cell => ({ campaignId: 'c', cell: 'x', most: 3, answered: 0, calling: 0, maxLines: 10, ...more });
    expect(roomsOf([cell({ answered: 3 }), cell({ cell: 'y', answered: 1, calling: 1 }), cell({ cell: 'z', most: null })], 4).map((one) => [one.cell, one.room])).toEqual([['y', 1], ['z', 4]]);
    expect(roomsOf([cell({ maxLines: 2, calling: 2, most: null })], 4)).toEqual([]);
    expect([cell({ answered: 3 }), cell({ answered: 2, calling: 5 }), cell({ most: null, answered: 99 })].map(isFull)).toEqual([true, false, false]);
  });
});

describe('intervals', () => {
  it('of shares are Wilson’s. Source: R. G. Newcombe, Statistics in Medicine 17 (1998) 857–872, table I, method 3', () => {
    for (const [count, of, low, high] of [[81, 263, 0.2553, 0.3662], [15, 148, 0.0624, 0.1605], [0, 20, 0, 0.1611], [1, 29, 0.0061, 0.1718]] as const) {
      const interval = wilson(count, of);
      expect([interval?.low.toFixed(4), interval?.high.toFixed(4)]).toEqual([low.toFixed(4), high.toFixed(4)]);
    }
    expect(wilson(0, 0)).toBeNull();
  });

  it('hold the share, lie within 0 and 1, and mirror its opposite', () => {
    fc.assert(fc.property(fc.nat(500), fc.nat(500), (count, more) => {
      const of = count + more;
      const interval = wilson(count, of);
      if (!interval) return;
      expect(interval.low >= 0 && interval.low <= count / of && interval.high >= count / of && interval.high <= 1).toBe(true);
      expect(wilson(more, of)?.low).toBeCloseTo(1 - interval.high, 10);
    }));
  });

  it('of means are Student’s. Source: NIST/SEMATECH e-Handbook, 1.3.6.7.2', () => {
    for (const [degrees, value] of [[1, 12.706], [9, 2.262], [30, 2.042], [31, 2.04], [40, 2.021], [60, 2], [100, 1.984]] as const) expect(studentT(degrees).toFixed(3)).toBe(value.toFixed(3));
    // 1, 2, 3, 4, 5: mean 3, s² 2.5, t(4) 2.776.
    const mean = meanOf([1, 2, 3, 4, 5].map((value) => ({ value, count: 1 })));
    expect(mean).toMatchObject({ mean: 3, of: 5 });
    expect(mean?.sd).toBeCloseTo(Math.sqrt(2.5), 12);
    expect(mean?.high).toBeCloseTo(3 + 2.776 * Math.sqrt(0.5), 9);
    expect(meanOf([{ value: 4, count: 1 }])).toEqual({ mean: 4, sd: null, low: null, high: null, of: 1 });
    expect(meanOf([])).toBeNull();
  });
});

const option = (key: string, value: string) => ({ key, value, textZh: value });
const questions: Question[] = [
  { code: 'known', kind: 'choice', textZh: '是否知道？', prompts: ['survey-solved'], options: [option('1', 'yes'), option('2', 'no')] },
  { code: 'mark', kind: 'scale', textZh: '打几分？', prompts: ['survey-satisfied'], options: [0, 5, 9].map((one) => option(String(one), String(one))) },
  { code: 'opinion', kind: 'voice', textZh: '您的意见？', prompts: ['campaign-voice'], maxSec: 20, options: [] },
];

describe('results', () => {
  it('count each question by those who answered it, and give a mean where the marks are numbers', () => {
    const [known, mark, opinion] = resultsOf(questions, [{ code: 'known', value: 'yes', count: 3 }, { code: 'known', value: 'no', count: 1 }, { code: 'mark', value: '0', count: 1 }, { code: 'mark', value: '9', count: 3 }, { code: 'opinion', value: null, count: 2 }]);
    expect(known).toMatchObject({ answered: 4, options: [{ value: 'yes', count: 3, of: 4, share: 0.75 }, { value: 'no', count: 1, of: 4, share: 0.25 }], mean: null });
    expect(mark).toMatchObject({ options: [{ count: 1 }, { count: 0, share: 0 }, { count: 3 }], mean: { mean: 6.75, of: 4 } });
    expect(opinion).toMatchObject({ answered: 2, options: [], mean: null });
    expect(shareOf(0, 0)).toEqual({ count: 0, of: 0, share: null, interval: null });
  });

  it('of progress add up to those who were drawn', () => {
    const progress = progressOf(surveyStates.map((state, index) => ({ state, count: 2 ** index })));
    const { sampled, ...places } = progress;
    expect(Object.values(places).reduce((sum, one) => sum + one, 0)).toBe(sampled);
    expect(progress).toMatchObject({ calling: 2, answered: 16, refused: 32, unreachable: 64, quotaFull: 128, withdrawn: 256, open: 1 + 4 + 8 });
  });

  it('expect an end only where it is no guess', () => {
    const at = new Date('2026-11-20T02:00:00Z');
    const inMin = (min: number) => new Date(at.getTime() + min * 60_000);
    const pace = { isCalling: true, decentUntil: inMin(120), since: inMin(-30), endedSince: 30, left: 60, lastDueAt: at };
    expect(expectedEnd(pace, at)).toEqual(inMin(60));
    expect(expectedEnd({ ...pace, lastDueAt: inMin(90) }, at)).toEqual(inMin(90));
    for (const doubt of [{ isCalling: false }, { decentUntil: null }, { endedSince: 9 }, { left: 0 }, { left: 300 }, { lastDueAt: inMin(1_440) }, { lastDueAt: null }]) expect(expectedEnd({ ...pace, ...doubt }, at)).toBeNull();
  });
});

describe('a campaign', () => {
  it('follows a table in which every way ends', () => {
    for (const state of campaignStates) {
      const ways = (Object.keys(campaignTransitions) as CampaignAction[]).filter((action) => nextState(state, action));
      expect(ways.length > 0).toBe(state !== 'ended');
    }
    expect(allowedActions('running')).toEqual(['pause', 'stop']);
    expect(allowedActions('draft')).toEqual(['start', 'stop']);
  });

  const script = scriptOf({ questions, isCampaign: true, queueId: '12345', personPriority: 5 }, { isConfidential: false, type: 'help', openedAt: new Date('2026-11-12') }, []);
  const at = (sec: number) => new Date(Date.parse('2026-11-20T02:00:00Z') + sec * 1_000);
  const onward = (step: ScriptStep) => { if (step.type === 'ignore') throw new Error('a key was ignored'); return step; };
  const asked = () => {
    const begun = onward(beginScript(script)).progress;
    return ['1', '2', '0'].reduce((progress, key, index) => onward(pressScriptKey(progress, key, at(2 * index))).progress, begun);
  };

  it('takes 0 and 9 as marks, leads to no seat, and lets people speak until #, the time is over, or they hang up', () => {
    expect(script).toMatchObject({ personQueueId: null, opening: { matter: [] } });
    const progress = asked();
    expect(progress.answers.map((answer) => [answer.code, answer.value])).toEqual([['known', 'no'], ['mark', '0']]);
    const heard = listenFor(progress, at(10));
    expect(heard.sec).toBe(20);
    const spoken = { code: 'opinion', value: null, from: at(10).toISOString() };
    expect(pressScriptKey(heard.progress, '5', at(12))).toEqual({ type: 'ignore' });
    expect(pressScriptKey(heard.progress, '#', at(15))).toMatchObject({ type: 'leave', end: 'done', progress: { answers: [{}, {}, { ...spoken, to: at(15).toISOString() }] } });
    expect(keepScriptSilent(heard.progress, at(30))).toMatchObject({ type: 'leave', end: 'done' });
    expect(hangUpScript(heard.progress, at(14))).toMatchObject({ end: 'done', answers: [{}, {}, { ...spoken, to: at(14).toISOString() }] });
    expect(hangUpScript(heard.progress, at(10.5))).toBe(heard.progress);
    expect(hangUpScript(progress, at(14))).toBe(progress);
  });

  it('has a page with buttons and boxes, and asks there for nothing that was answered by phone', () => {
    const html = linkPage({ language: 'zh', questions, answered: ['known'], matter: null, isCampaign: true });
    expect([/name="mark"/, /<textarea name="opinion"/, /民意调查/].every((one) => one.test(html))).toBe(true);
    expect(html).not.toMatch(/name="known"|name="words"/);
  });
});

describe('a part of a recording', () => {
  it('lies within the recording, whole frames, and no longer than asked', () => {
    fc.assert(fc.property(fc.nat(5_000), fc.integer({ min: -2_000, max: 8_000 }), fc.nat(8_000), (lengthMs, fromMs, forMs) => {
      const bytes = 58 + lengthMs * 16;
      const { start, end, frames } = partOfWav(bytes, fromMs, fromMs + forMs);
      expect(end + 1 - start).toBe(frames * 2);
      expect(start >= 58 && end < bytes).toBe(true);
      expect(frames).toBe(Math.max(0, Math.min(lengthMs, fromMs + forMs) - Math.min(lengthMs, Math.max(0, fromMs))) * 8);
    }));
  });
});
