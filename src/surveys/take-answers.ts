import type { Tx } from '../db/query.ts';
import { AppError } from '../errors.ts';
import { changeSurvey } from './change-survey.ts';
import { findQuestions, insertAnswers, listAnswers } from './queries.ts';
import type { Survey } from './survey.ts';
import { isComplete } from './verdict-rules.ts';

type Given = { readonly values: Readonly<Record<string, string>>; readonly words: string | null; readonly by: 'web' | 'person'; readonly userId: string | null };

/**
 * Answers that somebody chose on a page or told a person: checked against the questions, kept, and with the last of them the survey is over.
 * @throws AppError for a value that the question does not have, and while questions are open.
 */
export async function takeAnswers(tx: Tx, one: Survey, { values, words, by, userId }: Given, at: Date): Promise<Survey> {
  const questions = await findQuestions(tx, one);
  const answers = Object.entries(values).map(([code, value]) => {
    const question = questions.find((asked) => asked.code === code);
    const isKnown = question && (question.kind === 'voice' ? value.trim() !== '' : question.options.some((option) => option.value === value));
    if (!isKnown) throw new AppError('reference_unknown', { field: `answers/${code}` });
    return { code, value, by, at, callId: one.callId, spokenFrom: null, spokenTo: null } as const;
  });
  await insertAnswers(tx, one.id, answers);
  const all = await listAnswers(tx, one.id);
  if (!isComplete(by === 'web' ? questions.filter((question) => question.kind !== 'voice') : questions, all)) {
    throw new AppError('fields_missing', { fields: questions.map((question) => question.code).filter((code) => !all.some((answer) => answer.code === code)) });
  }
  return changeSurvey(tx, one, 'complete', at, { endedBy: by, words: words ?? one.words, userId });
}
