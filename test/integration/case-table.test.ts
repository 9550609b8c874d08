import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { permissionsOf, roles, type Permission, type Role } from '../../src/auth/permissions.ts';
import { caseStates, caseTransitions, isAllowed, type CaseState } from '../../src/cases/case-machine.ts';
import { acts, type ActName } from '../../src/cases/life/acts.ts';
import { openCase } from '../../src/cases/open-case.ts';
import { transaction } from '../../src/db/transaction.ts';
import { hotline } from '../support/hotline.ts';
import { ask, enter, type Person } from '../support/people.ts';
import { growUnit } from '../support/unit-tree.ts';

const names = Object.keys(acts) as ActName[];
const ofUnit: readonly Role[] = ['unit_handler', 'unit_head'];

/** Every act, in every state, by every role: what the table says is what the service does. */
describe('the table of a case’s life', () => {
  const city = hotline();
  const { pool, origin } = city;
  const people = {} as Record<Role, Person>;
  const cases = {} as Record<CaseState, string>;
  let unitId = '';
  beforeAll(async () => {
    unitId = await growUnit(pool, '表中单位');
    for (const role of roles) people[role] = await enter(pool, [role], false, ofUnit.includes(role) ? unitId : null);
    const main = await open();
    for (const state of caseStates) cases[state] = await put(await open(), state, main);
  });
  afterAll(() => city.close());

  const open = async (): Promise<string> => (await transaction(pool, (tx) => openCase(tx, { caseId: uuid(), channel: 'visit', phoneRaw: '13800009999', areaCode: '0571', at: new Date() }))).id;
  /** The row as it stands in a state, with the unit's part, whatever led there. */
  const put = async (id: string, state: CaseState, main: string): Promise<string> => {
    const isEnd = ['declined', 'answered', 'handed_over', 'closed', 'archived'].includes(state);
    await pool.query(`update cases set state = $2, type = 'help', callback_reason = case when $2 = 'callback' then 'feedback' end, lead_unit_id = $3, dispatched_at = now(), warn_at = now() + interval '3 days', due_at = now() + interval '4 days', deadline_code = 'ordinary',
      public_reply = 'x', answer = 'x', declined_reason = 'x', referred_to = 'x', handed_to = '119', stopped_at = case when $2 = 'suspended' then now() end, review_at = case when $2 = 'suspended' then now() + interval '2 days' end,
      closed_at = case when $4 then now() end, archived_at = case when $2 = 'archived' then now() end, merged_into_id = case when $2 = 'merged' then $5::uuid end where id = $1`, [id, state, unitId, isEnd, main]);
    await pool.query(`insert into case_units (id, case_id, unit_id, role, arrived_at, sign_due_at, due_at) values ($1, $2, $3, 'lead', now(), now() + interval '1 day', now() + interval '4 days')`, [uuid(), id, unitId]);
    return id;
  };

  it.each(names)('%s', async (name) => {
    const path = name.replaceAll('_', '-');
    const by = [caseTransitions[name].by].flat() as readonly Permission[];
    for (const state of caseStates) {
      for (const role of roles) {
        // A version that is never right: what is allowed is told apart from what is not, and nothing is changed.
        const { status, body } = await ask(origin, 'POST', `/api/cases/${cases[state]}/acts/${path}`, { as: people[role], body: { ...bodies(name), version: 2_147_483_647 } });
        const may = by.some((permission) => permissionsOf([role]).has(permission));
        const sees = permissionsOf([role]).has('case.read') || ofUnit.includes(role);
        const expected = !may ? [403, 'forbidden'] : !sees ? [404, 'not_found'] : [409, 'stale_version'];
        expect([name, state, role, status, body['code']]).toEqual([name, state, role, ...expected]);
      }
      // With the right version it is the state that decides.
      const doer = roles.find((role) => by.some((permission) => permissionsOf([role]).has(permission)) && (permissionsOf([role]).has('case.read') || ofUnit.includes(role)));
      if (!doer || isAllowed(name, { state, callbackReason: state === 'callback' ? 'feedback' : null })) continue;
      const { rows: [row] } = await pool.query<{ version: number }>('select version from cases where id = $1', [cases[state]]);
      const { status, body } = await ask(origin, 'POST', `/api/cases/${cases[state]}/acts/${path}`, { as: people[doer], body: { ...bodies(name), version: row?.version } });
      expect([name, state, status, body['code']]).toEqual([name, state, 409, 'action_not_allowed']);
    }
  });

  /** What an act asks for; right in form, so that only who and when decide. */
  const bodies = (name: ActName): object => {
    const [reason, id, at] = ['说明理由', unitId, new Date(Date.now() + 86_400_000).toISOString()];
    const given: Partial<Record<ActName, object>> = {
      propose: { proposal: reason }, answer_submission: { isGranted: true, note: reason }, dispatch: { leadUnitId: id }, assign: { leadUnitId: id }, sub_dispatch: { unitIds: [id] }, note_progress: { note: reason }, note_contact: {},
      finish_part: { note: reason }, hand_in: { outcome: 'explained', publicReply: reason }, request_return: { reason, legalBasis: reason }, refuse_return: { note: reason }, accept_return: {}, grant_extension: { workdays: 1 },
      refuse_extension: { note: reason }, request_suspension: { reason, reviewAt: at }, suspend: {}, refuse_suspension: { note: reason }, resume: {}, sign: {}, accept_feedback: {}, send_back: { note: reason }, close: {}, archive: {},
      close_explained: { explanation: reason }, decide_review: { isGranted: false, note: reason }, urge: { note: reason }, answer_order: { answer: reason }, close_order: { note: reason }, return_order: { note: reason },
      record_visit: { visitedAt: at, place: reason, found: reason }, instruct: { words: reason, followerId: id, dueAt: at }, report_instruction: { instructionId: id, report: reason }, succeed: { fromUnitId: id, toUnitId: id },
      link: { otherId: id }, merge: { intoId: id }, unmerge: {},
    };
    return given[name] ?? { reason };
  };
});
