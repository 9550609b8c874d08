import type { Tx } from '../db/query.ts';
import { checkAnswers, requireAll } from './answer-rules.ts';
import { changeSurvey } from './change-survey.ts';
import { findQuestions, insertAnswers, listAnswers } from './queries.ts';
import type { Survey } from './survey.ts';

type Given = { readonly values: Readonly<Record<string, string>>; readonly words: string | null; readonly by: 'web' | 'person'; readonly userId: string | null };

/**
 * Answers that somebody chose on a page or told a person: checked against the questions, kept, and with the last of them the survey is over.
 * @throws AppError for a value that the question does not have, and while questions are open.
 */
export async function takeAnswers(tx: Tx, one: Survey, { values, words, by, userId }: Given, at: Date): Promise<Survey> {
  const questions = await findQuestions(tx, one);
  checkAnswers(questions, values);
  await insertAnswers(tx, one.id, Object.entries(values).map(([code, value]) => ({ code, value, by, at, callId: one.callId, spokenFrom: null, spokenTo: null })));
  const asked = by === 'web' ? questions.filter((question) => question.kind !== 'voice') : questions;
  requireAll(asked, (await listAnswers(tx, one.id)).map((answer) => answer.code));
  return changeSurvey(tx, one, 'complete', at, { endedBy: by, words: words ?? one.words, userId });
}
