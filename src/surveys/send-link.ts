import type { Tx } from '../db/query.ts';
import { changeSurvey } from './change-survey.ts';
import type { Survey } from './survey.ts';

export async function sendLink(tx: Tx, one: Survey, _expiresAt: Date, at: Date): Promise<void> {
  await changeSurvey(tx, one, 'give_to_person', at, { tries: one.tries });
}
