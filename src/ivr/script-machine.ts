import { confirmKey, endOfVoiceKey, personKey, refuseKey, repeatKey, type Script, type ScriptAnswer, type ScriptEnd, type ScriptProgress, type ScriptQuestion } from './script.ts';

type Onward =
  | { readonly type: 'ask'; readonly progress: ScriptProgress; readonly prompts: readonly string[]; readonly note: object }
  | { readonly type: 'leave'; readonly progress: ScriptProgress; readonly end: ScriptEnd; readonly note: object };
/** What a key, or silence, leads to. `note` is what is written down of it. */
export type ScriptStep = { readonly type: 'ignore' } | Onward;

/** How often a question is asked before it is given up; a voicemail listens to all of it, and who has just talked to us waits for nothing. */
const tries = { survey: 3, campaign: 3, rating: 2 };
/** How long a key may be thought about after the prompt, seconds; how long somebody may speak where the question does not say. */
const keySec = 7;
const voiceSec = 30;
/** Who hangs up sooner after the prompt has said nothing, milliseconds. */
const leastVoiceMs = 1_000;
/** A key that comes so soon after an answer is the same finger, milliseconds. */
const bounceMs = 400;

/** The first step of a script, past the questions that were answered in an earlier call. */
export function beginScript(script: Script): ScriptStep {
  const progress: ScriptProgress = { script, step: -1, asked: 0, isConfirmed: script.opening === null, answers: [], speaksSince: null, end: null };
  return script.opening ? ask(progress, 'opening') : next(progress, []);
}

export function pressScriptKey(progress: ScriptProgress, key: string, now: Date): ScriptStep {
  const question = progress.script.questions[progress.step];
  if (isBounce(progress, now)) return { type: 'ignore' };
  // Who rates an operator has no other keys than the marks.
  if (progress.script.purpose !== 'rating' && question?.keys[key] === undefined) {
    if (key === repeatKey) return ask({ ...progress, asked: Math.max(0, progress.asked - 1) }, 'repeat');
    if (key === personKey && progress.script.personQueueId !== null) return leave(progress, 'person');
    if (key === refuseKey && !question) return leave(progress, 'refused');
  }
  if (!question) return key === confirmKey ? next({ ...progress, isConfirmed: true }, progress.script.opening?.matter ?? []) : again(progress, 'wrong_key');
  if (question.kind === 'voice') return key === endOfVoiceKey ? spoken(progress, question, now) : { type: 'ignore' };
  const value = question.keys[key];
  return value === undefined ? again(progress, 'wrong_key') : next(answered(progress, { code: question.code, value, at: now.toISOString() }), []);
}

/** The prompt is over: how long what comes now may take, seconds. */
export function listenFor(progress: ScriptProgress, now: Date): { readonly progress: ScriptProgress; readonly sec: number } {
  const question = progress.script.questions[progress.step];
  return question?.kind === 'voice' ? { progress: { ...progress, speaksSince: now.toISOString() }, sec: question.maxSec ?? voiceSec } : { progress, sec: keySec };
}

/** The time to answer is over: a voice is what was said until now. */
export function keepScriptSilent(progress: ScriptProgress, now: Date): ScriptStep {
  const question = progress.script.questions[progress.step];
  return question?.kind === 'voice' ? spoken(progress, question, now) : again(progress, 'silence');
}

/** Somebody hangs up, and many do instead of pressing the last key: what was being said counts. */
export function hangUpScript(progress: ScriptProgress, now: Date): ScriptProgress {
  const question = progress.script.questions[progress.step];
  return question?.kind === 'voice' && progress.speaksSince !== null && now.getTime() - Date.parse(progress.speaksSince) >= leastVoiceMs ? spoken(progress, question, now).progress : progress;
}

/** Whether something was said that is worth keeping: somebody confirmed, or answered. */
export function isBegun({ isConfirmed, script, answers }: ScriptProgress): boolean {
  return (isConfirmed && script.opening !== null) || answers.length > 0;
}

function isBounce({ answers }: ScriptProgress, now: Date): boolean {
  const last = answers.at(-1);
  return last !== undefined && now.getTime() - Date.parse(last.at) < bounceMs;
}

function answered(progress: ScriptProgress, answer: ScriptAnswer): ScriptProgress {
  return { ...progress, answers: [...progress.answers, answer], speaksSince: null };
}

function spoken(progress: ScriptProgress, { code }: ScriptQuestion, now: Date): Onward {
  const to = now.toISOString();
  return next(answered(progress, { code, value: null, at: to, from: progress.speaksSince ?? to, to }), []);
}

/** On to the next question; `before` is heard first. */
function next(progress: ScriptProgress, before: readonly string[]): Onward {
  const after = { ...progress, step: progress.step + 1, asked: 0 };
  return after.step < after.script.questions.length ? ask(after, 'next', before) : leave({ ...after, step: progress.step }, 'done');
}

function ask(progress: ScriptProgress, why: string, before: readonly string[] = []): Onward {
  const { script, step } = progress;
  const question = script.questions[step];
  const prompts = [...before, ...(question?.prompts ?? script.opening?.prompts ?? [])];
  return { type: 'ask', progress: { ...progress, asked: progress.asked + 1, speaksSince: null }, prompts, note: { why, question: question?.code ?? 'opening', answers: progress.answers.length } };
}

/** A question that is not answered is given up, and the rest with it: nobody is there any more. */
function again(progress: ScriptProgress, why: 'wrong_key' | 'silence'): ScriptStep {
  return progress.asked >= tries[progress.script.purpose] ? leave(progress, 'silent') : ask(progress, why, why === 'wrong_key' ? ['menu-wrong-key'] : []);
}

function leave(progress: ScriptProgress, end: ScriptEnd): Onward {
  return { type: 'leave', progress: { ...progress, end }, end, note: { end, answers: progress.answers.length } };
}
