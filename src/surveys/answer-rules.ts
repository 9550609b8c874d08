import { AppError } from '../errors.ts';
import type { Question } from './survey.ts';

/** Answers that somebody chose or said, by the code of the question. @throws AppError for one that the question does not have. */
export function checkAnswers(questions: readonly Question[], values: Readonly<Record<string, string>>): void {
  for (const [code, value] of Object.entries(values)) {
    const question = questions.find((asked) => asked.code === code);
    const isKnown = question && (question.kind === 'voice' ? value.trim() !== '' : question.options.some((option) => option.value === value));
    if (!isKnown) throw new AppError('reference_unknown', { field: `answers/${code}` });
  }
}

/** Not every question needs one: 不评价 is an answer too. */
export function openQuestions(questions: readonly Question[], answered: readonly string[]): Question[] {
  return questions.filter((question) => !answered.includes(question.code));
}

/** @throws AppError while questions are open. */
export function requireAll(questions: readonly Question[], answered: readonly string[]): void {
  const fields = openQuestions(questions, answered).map((question) => question.code);
  if (fields.length > 0) throw new AppError('fields_missing', { fields });
}
