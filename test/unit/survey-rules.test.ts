import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chinaTime } from '../../src/calendar/opening-rules.ts';
import { beginScript, keepScriptSilent, listenFor, pressScriptKey, type ScriptStep } from '../../src/ivr/script-machine.ts';
import type { Question } from '../../src/surveys/survey.ts';
import { freeLines } from '../../src/surveys/pace-rules.ts';
import { scriptOf } from '../../src/surveys/script-rules.ts';
import { nextState, surveyStates, surveyTransitions, isOver, type SurveyAction } from '../../src/surveys/survey-machine.ts';
import { nextDecentMoment, nextTry } from '../../src/surveys/try-rules.ts';
import { afterCall, isContent, reworkReason, type CallEnd } from '../../src/surveys/verdict-rules.ts';
import { linkPage } from '../../src/surveys/link-page-rules.ts';

const windows = [{ from: '09:00', to: '12:00' }, { from: '14:00', to: '20:00' }];
const china = (text: string) => new Date(`${text}+08:00`);
const moment = fc.integer({ min: china('2026-01-01T00:00').getTime(), max: china('2027-01-01T00:00').getTime() }).map((ms) => new Date(ms));
const isDecent = (at: Date) => { const { minute } = chinaTime(at); return (minute >= 540 && minute < 720) || (minute >= 840 && minute < 1_200); };
const partOf = (at: Date) => { const { minute } = chinaTime(at); return minute < 720 ? 0 : minute < 1_020 ? 1 : 2; };
const option = (key: string, value: string) => ({ key, value, textZh: value });
const questions: Question[] = [
  { code: 'contacted', kind: 'choice', textZh: '?', prompts: ['survey-contacted'], options: [option('1', 'yes'), option('2', 'no')] },
  { code: 'solved', kind: 'choice', textZh: '?', prompts: ['survey-solved'], options: [option('1', 'yes'), option('2', 'no')] },
  { code: 'satisfied', kind: 'scale', textZh: '?', prompts: ['survey-satisfied'], options: [option('1', 'satisfied'), option('2', 'basically_satisfied'), option('3', 'dissatisfied'), option('4', 'no_opinion')] },
];
const rules = { windows, maxLines: 10, trunkLines: 120, reservedLines: 30, maxTries: 3, linkDays: 3, queueId: '12345', personPriority: 5 };
const matter = { isConfidential: false, type: 'help', openedAt: china('2026-11-12T08:00') };
const script = scriptOf({ questions, isCampaign: false, queueId: '12345', personPriority: 5 }, matter, []);

describe('when citizens are called', () => {
  it('is at decent hours only, at once within them, and the next time on another day in another part of it', () => {
    fc.assert(fc.property(moment, fc.string(), (at, seed) => {
      const first = nextDecentMoment(windows, at);
      expect(first && isDecent(first) && first >= at).toBe(true);
      if (isDecent(at)) expect(first).toBe(at);
      if (!first) return;
      const second = nextTry(windows, first, seed);
      expect(second && isDecent(second)).toBe(true);
      expect(second && chinaTime(second).day > chinaTime(first).day).toBe(true);
      expect(second && partOf(second)).toBe((partOf(first) + 1) % 3);
    }));
    expect(nextDecentMoment([], new Date())).toBeNull();
  });

  it('leaves the lines that are for callers, and takes no more than allowed', () => {
    fc.assert(fc.property(fc.nat(200), fc.nat(200), (live, surveys) => {
      const free = freeLines(rules, { live: live + surveys, surveys });
      expect(free).toBeGreaterThanOrEqual(0);
      if (free > 0) expect([surveys + free <= rules.maxLines, live + surveys + free <= rules.trunkLines - rules.reservedLines]).toEqual([true, true]);
    }));
  });
});

describe('a script', () => {
  const play = (keys: readonly (string | null)[]) => {
    let step: ScriptStep = beginScript(script);
    let now = china('2026-11-20T10:00').getTime();
    const heard: string[][] = [];
    for (const key of keys) {
      if (step.type === 'leave') break;
      if (step.type === 'ask') heard.push([...step.prompts]);
      const { progress } = step as Extract<ScriptStep, { type: 'ask' }>;
      now += 2_000;
      const after = key === null ? keepScriptSilent(listenFor(progress, new Date(now)).progress, new Date(now)) : pressScriptKey(progress, key, new Date(now));
      step = after.type === 'ignore' ? step : after;
    }
    if (step.type === 'ask') heard.push([...step.prompts]);
    return { step, heard: heard.flat() };
  };

  it('tells nothing of the matter before the 1, asks three times at most, and always ends', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom(...'0123456789*#', null), { maxLength: 60 }), (keys) => {
      const { step, heard } = play(keys);
      if (!keys.includes('1')) expect(heard.some((prompt) => prompt.startsWith('survey-matter'))).toBe(false);
      const asked = keys.filter((key) => key !== '*').length;
      if (asked >= 12) expect(step.type).toBe('leave');
      if (step.type === 'leave' && step.end === 'done') expect(step.progress.answers.map((answer) => answer.code)).toEqual(['contacted', 'solved', 'satisfied']);
    }));
  });

  it('takes each of its keys', () => {
    expect(play(['1', '1', '2', '3']).step).toMatchObject({ type: 'leave', end: 'done', progress: { answers: [{ value: 'yes' }, { value: 'no' }, { value: 'dissatisfied' }] } });
    expect(play(['9']).step).toMatchObject({ end: 'refused' });
    expect(play(['1', '0']).step).toMatchObject({ end: 'person' });
    expect(play([null, null, null]).step).toMatchObject({ end: 'silent' });
    expect(play(['1']).heard).toEqual(['survey-opening', 'survey-matter-before', 'number-10', 'number-1', 'date-month', 'number-10', 'number-2', 'date-day', 'survey-matter-help', 'survey-contacted']);
    expect(scriptOf({ questions, isCampaign: false, queueId: null, personPriority: 0 }, { ...matter, isConfidential: true }, ['contacted'])).toMatchObject({ opening: { matter: [] }, questions: [{ code: 'solved' }, { code: 'satisfied' }] });
  });
});

describe('what comes after a call', () => {
  const end = (more: Partial<CallEnd> = {}): CallEnd => ({ outcome: 'no_answer', endedAt: china('2026-11-20T10:00'), operatorId: null, isConnected: false, wasTried: true, ...more });
  const next = (tries: number, call: CallEnd, answers: { code: string; value: string }[] = [], canRead = true) => afterCall({ id: 'one', tries }, call, { questions, answers, rules, canRead });
  const all = questions.map(({ code, options: [first] }) => ({ code, value: first?.value ?? '' }));

  it('is another day, three times, then a link, then a person', () => {
    expect([0, 1, 2].map((tries) => next(tries, end()).action)).toEqual(['try_again', 'try_again', 'send_link']);
    expect(next(2, end(), [], false)).toEqual({ action: 'give_to_person', assignedTo: null });
    expect(next(0, end({ outcome: 'unreachable', wasTried: false }))).toMatchObject({ action: 'try_again', isCounted: false });
    expect(next(0, end({ outcome: 'refused' })).action).toBe('refuse');
    expect(next(2, end({ outcome: 'broken_off' }), all).action).toBe('complete');
    expect(next(0, end({ outcome: 'answered', isConnected: true, operatorId: 'me' }))).toEqual({ action: 'give_to_person', assignedTo: 'me' });
    expect(next(0, end({ outcome: 'abandoned_queue' }))).toEqual({ action: 'give_to_person', assignedTo: null });
  });

  it('judges by what was said of solution and satisfaction', () => {
    expect(isContent(all)).toBe(true);
    expect(isContent([{ code: 'solved', value: 'no' }])).toBe(false);
    expect(isContent([{ code: 'satisfied', value: 'dissatisfied' }])).toBe(false);
    expect(reworkReason([{ code: 'solved', value: 'no' }], '还是很吵')).toBe('市民回访：问题未解决。市民原话：还是很吵');
  });

  it('follows a table in which every way ends', () => {
    for (const state of surveyStates) {
      const ways = (Object.keys(surveyTransitions) as SurveyAction[]).filter((action) => nextState(state, action));
      expect(ways.length > 0).toBe(!isOver(state));
    }
  });
});

describe('a link', () => {
  it('leads to a page without a script, in which nothing of ours is markup', () => {
    const html = linkPage({ language: 'zh', questions: [{ ...(questions[0] as Question), textZh: '<b>&"' }], answered: [], matter: null, isCampaign: false });
    expect(html).toContain('&lt;b&gt;&amp;&quot;');
    expect(html).not.toMatch(/<script|<b>/);
  });

  it('is there in English, each text that has no English one in Chinese', () => {
    const [first] = questions as [Question];
    const asked = { questions: [{ ...first, textEn: 'Contacted?', options: [{ ...option('1', 'yes'), textZh: '已联系', textEn: 'Yes' }, { ...option('2', 'no'), textZh: '未联系' }] }], answered: [], isCampaign: false,
      matter: { openedAt: new Date('2026-03-04T17:00:00Z'), nameZh: '道路', nameEn: 'Roads' } };
    const [zh, en] = [linkPage({ ...asked, language: 'zh' }), linkPage({ ...asked, language: 'en' })];
    // The day is that of the clock in China.
    expect(zh).toContain('您于2026年3月5日反映的“道路”已有办理结果');
    expect(en).toContain('(Roads) that you reported on 2026-03-05');
    expect([/lang="en"/, /Contacted\?/, /> Yes</, /> 未联系</, /href="\?lang=zh"/].filter((one) => !one.test(en))).toEqual([]);
    expect(zh).toMatch(/href="\?lang=en"/);
    expect(linkPage({ ...asked, language: 'en', matter: null })).not.toContain('Roads');
  });
});
