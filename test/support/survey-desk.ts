import type pg from 'pg';
import type { Press } from '../../scripts/phones/presses.ts';
import { query } from '../../src/db/query.ts';
import { caseDesk } from './case-desk.ts';
import { until } from './until.ts';

export type SurveyRow = { id: string; state: string; tries: number; nextTryAt: Date | null; callId: string | null; assignedTo: string | null; endedBy: string | null; settledAt: Date | null; words: string | null };
/** Keys, one every so often; `!` in front of one means late, after its prompt, and BYE hangs up. */
export const keys = (text: string, everyMs = 700): Press[] => text.split(' ').map((key) => (key.startsWith('!') ? { key: key.slice(1), afterMs: 18_000 } : { key, afterMs: everyMs }));

/** Cases whose result was accepted, and the surveys about them. */
export async function surveyDesk(pool: pg.Pool, origin: string) {
  const desk = await caseDesk(pool, origin);
  return {
    ...desk,
    /** A case of the citizen with that number, up to the accepted result. */
    accepted: async (phone: string, fields: object = {}): Promise<string> => {
      const id = await desk.saved(fields, phone);
      await desk.done(desk.people.dispatcher, id, 'dispatch', { leadUnitId: desk.units.roads });
      await desk.done(desk.people.roads, id, 'sign');
      await desk.done(desk.people.roads, id, 'hand-in', { outcome: 'solved', publicReply: '坑已填平' });
      await desk.done(desk.people.dispatcher, id, 'accept-feedback');
      return id;
    },
    surveyOf: (caseId: string, test: (one: SurveyRow) => boolean = () => true): Promise<SurveyRow> => until(async () =>
      (await query<SurveyRow>(pool, 'select * from surveys where case_id = $1 order by round desc limit 1', [caseId])).find(test), `the survey of ${caseId}`),
    answersOf: async (surveyId: string): Promise<Record<string, string | null>> =>
      Object.fromEntries((await query<{ code: string; value: string | null }>(pool, 'select code, value from survey_answers where survey_id = $1', [surveyId])).map(({ code, value }) => [code, value])),
    triesOf: (surveyId: string) => query<{ by: string; outcome: string | null }>(pool, 'select by, outcome from survey_tries where survey_id = $1 order by no', [surveyId]),
    /** Its next call is due now. */
    now: (surveyId: string) => pool.query(`update surveys set next_try_at = now() where id = $1`, [surveyId]),
  };
}
