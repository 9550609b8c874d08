import type { Outcome } from '../calls/call.ts';
import { openQuestions } from './answer-rules.ts';
import type { Answer, Question, Survey, SurveyRules } from './survey.ts';
import { nextTry } from './try-rules.ts';

type Given = Pick<Answer, 'code' | 'value'>;

/** Unsolved or unhappy: the case goes back once (DOMAIN: Survey). Who says that nobody called, but is content, is content. */
export function isContent(answers: readonly Given[]): boolean {
  const of = (code: string) => answers.find((answer) => answer.code === code)?.value;
  return of('solved') !== 'no' && of('satisfied') !== 'dissatisfied';
}

/** How a call of ours went, as its rows tell. */
export type CallEnd = {
  readonly outcome: Outcome;
  readonly endedAt: Date;
  /** Somebody of us spoke with the citizen, who asked for a person. */
  readonly operatorId: string | null;
  readonly isConnected: boolean;
  /** Something was heard of the citizen's phone, or why there was nothing. */
  readonly wasTried: boolean;
};

export type Next =
  | { readonly action: 'complete' | 'refuse' }
  | { readonly action: 'try_again'; readonly at: Date; readonly isCounted: boolean }
  | { readonly action: 'send_link'; readonly expiresAt: Date }
  | { readonly action: 'give_to_person'; readonly assignedTo: string | null };

/** A loss of our own is tried again so soon, milliseconds. */
const ownLossMs = 5 * 60_000;
const dayMs = 86_400_000;

/** What comes after a call: on other days and at other hours, three times at most; then a link, where the phone can read one; then a person. */
export function afterCall(survey: Pick<Survey, 'id' | 'tries'>, end: CallEnd, { questions, answers, rules, canRead }: {
  readonly questions: readonly Question[]; readonly answers: readonly Given[]; readonly rules: SurveyRules; readonly canRead: boolean;
}): Next {
  if (openQuestions(questions, answers.map((answer) => answer.code)).length === 0) return { action: 'complete' };
  if (end.outcome === 'refused') return { action: 'refuse' };
  if (end.isConnected) return { action: 'give_to_person', assignedTo: end.operatorId };
  if (!end.wasTried) return { action: 'try_again', at: new Date(end.endedAt.getTime() + ownLossMs), isCounted: false };
  const again = survey.tries + 1 < rules.maxTries ? nextTry(rules.windows, end.endedAt, `${survey.id} ${survey.tries}`) : null;
  // Who asked for a person and did not wait is not asked by the machine once more.
  const isImpatient = end.outcome.startsWith('abandoned') || end.outcome === 'queue_full' || end.outcome === 'closed' || end.outcome === 'nobody_signed_in';
  if (isImpatient) return { action: 'give_to_person', assignedTo: null };
  return again ? { action: 'try_again', at: again, isCounted: true } : withoutCalls(end.endedAt, rules, canRead);
}

/** No call can reach the citizen any more, or none may. */
export function withoutCalls(at: Date, { linkDays }: Pick<SurveyRules, 'linkDays'>, canRead: boolean): Next {
  return canRead && linkDays > 0 ? { action: 'send_link', expiresAt: new Date(at.getTime() + linkDays * dayMs) } : { action: 'give_to_person', assignedTo: null };
}

const labels: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  contacted: { no: '承办单位未联系' }, solved: { no: '问题未解决' }, satisfied: { dissatisfied: '不满意' },
};

/** Why the case goes back, in words for the unit, with the citizen's own. */
export function reworkReason(answers: readonly Given[], words: string | null): string {
  const said = Object.entries(labels).flatMap(([code, values]) => values[answers.find((answer) => answer.code === code)?.value ?? ''] ?? []);
  return `市民回访：${said.join('，')}。${words === null ? '' : `市民原话：${words}`}`;
}
