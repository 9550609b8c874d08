import type { Question } from '../surveys/survey.ts';
import { meanOf, wilson, type Interval, type Mean } from './interval-rules.ts';

/** `count` of `of`, as a share 0–1 with its interval; both null of nothing. */
export type Share = { readonly count: number; readonly of: number; readonly share: number | null; readonly interval: Interval | null };
export type QuestionResult = {
  readonly code: string;
  readonly kind: Question['kind'];
  readonly textZh: string;
  /** Citizens who answered it. */
  readonly answered: number;
  readonly options: (Share & { readonly value: string; readonly textZh: string })[];
  /** Of a scale whose values are numbers. */
  readonly mean: Mean | null;
};
/** Answers to a question by their value; of what was said or written freely it is null. */
export type AnswerCount = { readonly code: string; readonly value: string | null; readonly count: number };

export function shareOf(count: number, of: number): Share {
  return { count, of, share: of === 0 ? null : count / of, interval: wilson(count, of) };
}

/** Each question as it was answered by those who answered all; the shares of a question add up to 1. */
export function resultsOf(questions: readonly Question[], counts: readonly AnswerCount[]): QuestionResult[] {
  return questions.map(({ code, kind, textZh, options }) => {
    const own = counts.filter((one) => one.code === code);
    const answered = own.reduce((sum, { count }) => sum + count, 0);
    const countOf = (value: string): number => own.find((one) => one.value === value)?.count ?? 0;
    const isNumeric = kind === 'scale' && options.every(({ value }) => /^\d+$/.test(value));
    return {
      code, kind, textZh, answered,
      options: options.map(({ value, textZh: label }) => ({ value, textZh: label, ...shareOf(countOf(value), answered) })),
      mean: isNumeric ? meanOf(options.map(({ value }) => ({ value: Number(value), count: countOf(value) }))) : null,
    };
  });
}
