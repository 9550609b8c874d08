import type pg from 'pg';
import { v7 as uuid } from 'uuid';
import { openCase } from '../../src/cases/open-case.ts';
import { query } from '../../src/db/query.ts';
import { transaction } from '../../src/db/transaction.ts';
import { ask, enter, type Answer, type Person } from './people.ts';
import { until } from './until.ts';

export type Shown = { id: string; state: string; endedWhy: string | null; population: number | null; expectedEnd: string | null; progress: Record<string, number>; cells: { cell: string; drawn: number; answered: number; most: number | null; isFull: boolean }[] };
type Closed = { readonly phone: string; readonly district: string; readonly isConfidential?: boolean; readonly closedAt?: Date; readonly leadUnitId?: string };

const option = (key: string, value: string, textZh: string) => ({ key, value, textZh });
/** A choice, a scale with 0 and 9, and a voice. */
const questions = [
  { code: 'known', kind: 'choice', textZh: '您是否知道12345热线？', prompts: ['survey-solved'], options: [option('1', 'yes', '知道'), option('2', 'no', '不知道')] },
  { code: 'mark', kind: 'scale', textZh: '您给热线打几分？', prompts: ['survey-satisfied'], options: [1, 2, 0, 9].map((mark) => option(String(mark), String(mark), `${mark}分`)) },
  { code: 'opinion', kind: 'voice', textZh: '您还有什么意见？', prompts: ['campaign-voice'], maxSec: 5, options: [] },
];

/** Closed cases of two districts that nobody else uses, a questionnaire, and who runs campaigns. */
export async function pollDesk(pool: pg.Pool, origin: string, name: string) {
  const [east, west] = [`${name}-east`, `${name}-west`];
  await pool.query('insert into districts (code, name_zh, name_en) values ($1, $1, $1), ($2, $2, $2)', [east, west]);
  const people = { supervisor: await enter(pool, ['supervisor']), leader: await enter(pool, ['leader']), operator: await enter(pool, ['operator']), quality: await enter(pool, ['quality']), admin: await enter(pool, ['admin']) };
  const call = (method: string, path: string, body?: object, as: Person = people.supervisor): Promise<Answer> => ask(origin, method, `/api/campaigns${path}`, { as, body });
  const done = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
    const answer = await call(method, path, body);
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  };
  const show = async (id: string): Promise<Shown> => (await done('GET', `/${id}`)) as unknown as Shown;
  const code = `${name}-poll`;
  const written = await ask(origin, 'PUT', `/api/configuration/questionnaires/${code}`, { as: people.admin, body: { nameZh: '满意度', nameEn: 'Poll', questions } });
  if (written.status >= 300) throw new Error(written.text);
  return {
    districts: { east, west }, people, call, done, show, questions, code,
    /** A case of that citizen, closed long after the day on which others are. */
    closed: ({ phone, district, isConfidential = false, closedAt = new Date(), leadUnitId }: Closed): Promise<string> => transaction(pool, async (tx) => {
      const { id } = await openCase(tx, { caseId: uuid(), channel: 'visit', phoneRaw: phone, areaCode: '0571', at: closedAt });
      await tx.query(`update cases set state = 'closed', closed_at = $2, public_reply = '已办', type = $3, is_confidential = $4, district_code = $5, lead_unit_id = $6 where id = $1`, [id, closedAt, isConfidential ? 'report' : 'help', isConfidential, district, leadUnitId ?? null]);
      return id;
    }),
    /** A draft over both districts. */
    make: async (more: object = {}): Promise<string> => String((await done('POST', '', {
      name: '热线满意度', questionnaireCode: code, sampleSize: 100, seed: 7, quietDays: 30,
      filter: { districts: [east, west], closedFrom: new Date(Date.now() - 86_400_000).toISOString(), closedTo: new Date(Date.now() + 86_400_000).toISOString() }, ...more,
    }))['id']),
    /** Once the campaign looks like that. */
    when: (id: string, test: (one: Shown) => boolean, what: string): Promise<Shown> => until(async () => {
      const one = await show(id);
      return test(one) && one;
    }, what),
    drawn: async (id: string): Promise<string[]> => (await query<{ caseId: string }>(pool, 'select case_id from surveys where campaign_id = $1 order by id', [id])).map((row) => row.caseId),
  };
}
