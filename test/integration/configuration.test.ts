import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCase } from '../../src/cases/open-case.ts';
import { configurationKinds } from '../../src/configuration/kinds.ts';
import { transaction } from '../../src/db/transaction.ts';
import { hotline } from '../support/hotline.ts';
import { ask, enter, type Answer, type Person } from '../support/people.ts';

type Example = {
  readonly path: string;
  readonly key: string;
  /** One row, and another that may take its place. */
  readonly good: readonly [object, object];
  /** Refused by the schema, and by the rules with the path that is at fault. */
  readonly malformed: object;
  readonly wrong?: { readonly body: object; readonly path: string; readonly key?: string };
};

describe('each kind of configuration', () => {
  const city = hotline();
  let [admin, supervisor, operator]: Person[] = [];
  beforeAll(async () => {
    [admin, supervisor, operator] = await Promise.all([enter(city.pool, ['admin']), enter(city.pool, ['supervisor']), enter(city.pool, ['operator'])]);
  });
  afterAll(async () => {
    await city.pool.query(`delete from numbers where number not in ('12345', '86712345'); delete from queues where id <> '12345'`);
    await city.close();
  });
  const send = (method: string, path: string, body?: object, as = admin): Promise<Answer> => ask(city.origin, method, `/api/configuration/${path}`, { as, body });

  const names = { nameZh: '名', nameEn: 'Name' };
  const examplesFor = (operatorId: string): Record<string, Example> => ({
    queue: {
      path: 'queues', key: 'english', good: [{ name: 'English' }, { name: 'English', skills: [{ skillCode: 'english', minLevel: 3 }], overflowQueueId: '12345', overflowAfterSec: 60 }],
      malformed: { name: 'x', strategy: 'dice' }, wrong: { body: { name: 'x', overflowQueueId: 'nowhere', overflowWaiting: 3 }, path: 'queue/english/overflowQueueId' },
    },
    number: {
      path: 'numbers', key: '96123', good: [{ queueId: '12345' }, { queueId: '12345', priority: 5 }], malformed: { queueId: '12345', priority: 10 },
      wrong: { body: { queueId: 'nowhere' }, path: 'number/96123/queueId' },
    },
    skill: { path: 'skills', key: 'law', good: [names, { ...names, position: 3 }], malformed: { nameZh: '' } },
    'operator-skills': {
      path: 'operator-skills', key: operatorId, good: [{ skills: [{ skillCode: 'english', level: 2 }] }, { skills: [] }], malformed: { skills: [{ skillCode: 'english', level: 6 }] },
      wrong: { body: { skills: [] }, path: 'operatorId', key: uuid() },
    },
    'opening-hours': {
      path: 'opening-hours', key: 'day', good: [names, { ...names, workday: [{ from: '08:00', to: '20:00' }] }], malformed: { ...names, workday: [{ from: '8', to: '20:00' }] },
      wrong: { body: { ...names, restday: [{ from: '09:00', to: '12:00' }, { from: '11:00', to: '13:00' }] }, path: 'opening-hours/day/restday' },
    },
    'calendar-day': {
      path: 'calendar-days', key: '2027-02-17', good: [{ kind: 'holiday', nameZh: '春节' }, { kind: 'workday', nameZh: '春节' }], malformed: { kind: 'sunday', nameZh: '春节' },
      wrong: { body: { kind: 'holiday', nameZh: 'x' }, path: 'calendar-day/2027-02-30/day', key: '2027-02-30' },
    },
    'not-ready-reason': {
      path: 'not-ready-reasons', key: 'errand', good: [names, { ...names, isSelectable: false }], malformed: { nameZh: '名' },
      wrong: { body: names, path: 'not-ready-reason/unreachable/isSelectable', key: 'unreachable' },
    },
    menu: {
      path: 'menus', key: 'night', good: [{ ...names, kind: 'choice', prompts: ['menu-main'], options: [{ key: '0', action: { type: 'queue' } }] },
        { ...names, kind: 'choice', prompts: ['menu-main'], options: [{ key: '0', action: { type: 'queue', skillCodes: ['english'], language: 'en' } }, { key: '2', action: { type: 'menu', menuId: 'progress' } }], tries: 2 }],
      malformed: { ...names, kind: 'choice', prompts: ['menu-main'], options: [{ key: '0', action: { type: 'dance' } }] },
      wrong: { body: { ...names, kind: 'choice', prompts: ['menu-main'], options: [{ key: '0', action: { type: 'menu', menuId: 'main' } }] }, path: 'menu/night/options' },
    },
    'directory-entry': {
      path: 'directory-entries', key: 'water', good: [{ ...names, kind: 'unit', number: '057188880001' }, { ...names, kind: 'office', number: '96390' }], malformed: { ...names, kind: 'unit', number: 'x' },
    },
    prompt: { path: 'prompts', key: 'storm', good: [{ text: '台风提示' }, { text: '暴雨提示' }], malformed: { text: 7 } },
    'recording-class': {
      path: 'recording-classes', key: 'praise', good: [{ ...names, keepDays: 30, caseTypes: ['praise'] }, { ...names, keepDays: 60, isForConfidential: true }],
      malformed: { ...names, keepDays: 0 },
    },
    'caller-rule': {
      path: 'caller-rules', key: '13800007777', good: [{ treatment: 'blocked', reason: 'abuse', endsAt: '2027-01-01T00:00:00+08:00' }, { treatment: 'urgent', reason: 'ward' }],
      malformed: { treatment: 'blocked', reason: '' }, wrong: { body: { treatment: 'blocked', reason: 'x' }, path: 'caller-rule/13800007777/endsAt' },
    },
    'deadline-rule': {
      path: 'deadline-rules', key: 'praise-soon', good: [{ nameZh: '表扬', position: 5, type: 'praise', unit: 'workdays', amount: 2, signAmount: 1, contactAmount: 1 }, { nameZh: '表扬', position: 6, type: 'praise', unit: 'hours', amount: 1.5, signAmount: 0.5, contactAmount: 1 }],
      malformed: { nameZh: '表扬', unit: 'weeks', amount: 2, signAmount: 1, contactAmount: 1 },
      wrong: { body: { nameZh: '表扬', position: 5, type: 'praise', unit: 'workdays', amount: 2.5, signAmount: 1, contactAmount: 1 }, path: 'deadline-rule/praise-soon/amount' },
    },
    'hotline-number': { path: 'hotline-numbers', key: '12315', good: [{ nameZh: '消费者热线', kind: 'merged' }, { nameZh: '消费者热线', kind: 'parallel' }], malformed: { nameZh: '消费者热线', kind: 'gone' },
      wrong: { body: { nameZh: '消费者热线', kind: 'merged', unitId: '01900000-0000-7000-8000-000000000000' }, path: 'hotline-number/12315/unitId' } },
    'case-category': {
      path: 'case-categories', key: 'city-graffiti', good: [{ ...names, parentCode: 'city' }, { ...names, parentCode: 'city-waste', position: 7 }], malformed: { nameZh: '' },
      wrong: { body: { ...names, parentCode: 'city-graffiti' }, path: 'case-category/city-graffiti/parentCode' },
    },
    questionnaire: { path: 'questionnaires', key: 'poll', good: [{ nameZh: '民意调查', nameEn: 'Poll', questions: [{ code: 'clean', kind: 'choice', textZh: '街道干净吗？', prompts: ['survey-solved'], options: [{ key: '1', value: 'yes', textZh: '干净' }] }] }, { nameZh: '民意', nameEn: 'Poll', questions: [{ code: 'clean', kind: 'choice', textZh: '街道干净吗？', prompts: ['survey-solved'], options: [{ key: '1', value: 'yes', textZh: '干净' }] }] }], malformed: { nameZh: '空', nameEn: 'Empty', questions: [] } },
    'identity-rule': { path: 'identity-rules', key: 'suggestion', good: [{ isNumberShown: true }, { isNumberShown: false }], malformed: { isNumberShown: 'yes' } },
    district: { path: 'districts', key: '330199', good: [names, { ...names, position: 9 }], malformed: { nameZh: '' } },
    'leader-day': {
      path: 'leader-days', key: 'spring', good: [{ day: '2027-03-01', fromTime: '09:00', toTime: '11:00', userId: operatorId, queueIds: ['12345'] },
        { day: '2027-03-02', fromTime: '09:00', toTime: '24:00', userId: operatorId, seatId: '8001', queueIds: ['12345'] }],
      malformed: { day: '2027-3-1', fromTime: '09:00', toTime: '11:00', userId: operatorId, queueIds: ['12345'] },
      wrong: { body: { day: '2027-02-30', fromTime: '09:00', toTime: '11:00', userId: operatorId, queueIds: ['12345'] }, path: 'leader-day/spring/day' },
    },
  });

  it('is tried here', () => {
    expect(Object.keys(examplesFor('')).sort()).toEqual(configurationKinds.filter((kind) => !kind.isMadeApart && kind.name !== 'survey-rule').map((kind) => kind.name).sort());
  });

  it.each(Object.keys(examplesFor('')))('%s: made, read, replaced, undone, removed; refused when malformed, wrong, stale or not permitted', async (kind) => {
    const example = examplesFor(operator?.id ?? '')[kind];
    if (!example) throw new Error('no example');
    const { key } = example;
    const at = `${example.path}/${key}`;
    expect((await send('PUT', at, example.good[0], supervisor)).body).toMatchObject({ code: 'forbidden', permission: 'configuration.manage' });
    expect((await send('GET', example.path, undefined, operator)).status).toBe(403);
    expect((await send('GET', at, undefined, supervisor)).body).toMatchObject({ code: 'not_found' });
    const made = await send('PUT', at, example.good[0]);
    expect(made).toMatchObject({ status: 201, body: { item: { ...(kind === 'caller-rule' ? {} : example.good[0]), version: expect.any(Number) as number } } });
    const version = (made.body['item'] as { version: number }).version;
    expect((await send('PUT', at, example.good[0])).body).toMatchObject({ status: 409, code: 'already_exists', current: { version } });
    expect((await send('PUT', at, { ...example.malformed, version })).body).toMatchObject({ status: 400, code: 'bad_request' });
    if (example.wrong) {
      const other = example.wrong.key ? `${example.path}/${example.wrong.key}` : at;
      const there = await send('GET', other);
      const started = there.status === 200 ? { version: there.body['version'] } : {};
      const refused = await send('PUT', other, { ...example.wrong.body, ...started });
      expect(refused.body).toMatchObject({ status: 422, code: 'configuration_invalid', errors: [{ path: expect.stringContaining(example.wrong.path) as string }] });
      expect((await send('GET', other)).body).toEqual(there.status === 200 ? there.body : expect.objectContaining({ status: 404 }));
    }
    const replaced = await send('PUT', at, { ...example.good[1], version });
    expect(replaced).toMatchObject({ status: 200, body: { item: { ...example.good[1], version: version + 1 } } });
    expect((await send('PUT', at, { ...example.good[0], version })).body).toMatchObject({ status: 409, code: 'stale_version', current: { ...example.good[1], version: version + 1 } });
    expect((await send('PUT', at, { ...example.good[1], version: version + 1 })).body).toMatchObject({ changeId: null, item: { version: version + 1 } });
    expect((await send('DELETE', `${at}?version=${version}`)).body).toMatchObject({ code: 'stale_version' });
    const undone = await send('POST', `changes/${String(replaced.body['changeId'])}/undo`);
    expect(undone).toMatchObject({ status: 200, body: { item: { version: version + 2 } } });
    const removed = await send('DELETE', `${at}?version=${version + 2}`);
    expect(removed).toMatchObject({ status: 200, body: { item: null } });
    expect((await send('GET', at)).status).toBe(404);
    expect((await send('POST', `changes/${String(removed.body['changeId'])}/undo`)).body).toMatchObject({ item: { version: version + 4 } });
    const listed = await send('GET', `${example.path}?limit=200`, undefined, supervisor);
    expect((listed.body['items'] as object[]).some((item) => Object.values(item).includes(key))).toBe(true);
    const history = (await send('GET', `changes?kind=${kind}&key=${key}&userId=${admin?.id ?? ''}`)).body['items'] as { version: number; before: object | null; after: object | null }[];
    expect(history.map((change) => [change.version - version, change.before === null, change.after === null]))
      .toEqual([[4, true, false], [3, false, true], [2, false, false], [1, false, false], [0, true, false]]);
    expect((await send('DELETE', `${at}?version=${version + 4}`)).status).toBe(200);
  });

  it('keeps the one row of survey rules, with windows that end after they begin', async () => {
    const { body: { version, ...rules } } = await send('GET', 'survey-rules/default');
    const { id: _, ...body } = rules as Record<string, unknown>;
    expect((await send('PUT', 'survey-rules/default', { ...body, windows: [{ from: '20:00', to: '09:00' }], version })).body).toMatchObject({ code: 'configuration_invalid', errors: [{ path: 'survey-rule/default/windows/0' }] });
    expect(await send('PUT', 'survey-rules/default', { ...body, linkDays: 5, version })).toMatchObject({ status: 200, body: { item: { linkDays: 5 } } });
    expect((await send('DELETE', `survey-rules/default?version=${Number(version) + 1}`)).status).toBe(409);
    const solved = (await send('GET', 'questionnaires/callback')).body as { version: number; questions: { code: string }[]; nameZh: string; nameEn: string };
    expect((await send('PUT', 'questionnaires/callback', { nameZh: solved.nameZh, nameEn: solved.nameEn, questions: solved.questions.slice(1), version: solved.version })).body).toMatchObject({ code: 'configuration_invalid' });
  });

  it('pages through its rows', async () => {
    const first = (await send('GET', 'not-ready-reasons?limit=3')).body as { items: { code: string }[]; nextCursor: string };
    const second = (await send('GET', `not-ready-reasons?limit=3&cursor=${first.nextCursor}`)).body as typeof first;
    expect([...first.items, ...second.items].map((item) => item.code)).toEqual(['break', 'declined', 'forced', 'hard_call', 'meal', 'meeting']);
    expect((await send('GET', 'changes?limit=1&cursor=nonsense')).status).toBe(400);
  });

  it('makes seats apart, in queues that exist', async () => {
    expect((await send('PUT', 'seats/8201', { queueIds: [] })).body).toMatchObject({ status: 404 });
    expect((await send('POST', 'seats', { id: '8201', queueIds: ['nowhere'] })).body).toMatchObject({ code: 'configuration_invalid', errors: [{ path: 'seat/8201/queueIds/0' }] });
    expect((await send('GET', 'seats/8201')).status).toBe(404);
    expect((await send('POST', 'seats', { id: '8201', queueIds: [] }, supervisor)).body).toMatchObject({ code: 'forbidden' });
    const made = await send('POST', 'seats', { id: '8201', queueIds: ['12345'] });
    expect(made).toMatchObject({ status: 201, body: { isProvisioned: true, version: 1 } });
    expect((await send('DELETE', 'queues/12345?version=1')).body).toMatchObject({ code: 'in_use', usedBy: expect.arrayContaining(['seat 8201 (queueIds/0)', 'number 12345 (queueId)']) as string[] });
    const moved = await send('PUT', 'seats/8201', { version: 1, queueIds: [] });
    expect(moved.body).toMatchObject({ item: { queueIds: [], isEnabled: true, version: 2 } });
    expect((await send('PUT', 'seats/8201', { version: 1, queueIds: ['12345'] })).body).toMatchObject({ code: 'stale_version' });
    expect((await send('POST', `changes/${String(moved.body['changeId'])}/undo`)).body).toMatchObject({ item: { queueIds: ['12345'], version: 3 } });
    const removed = await send('DELETE', 'seats/8201?version=3');
    expect((await send('POST', `changes/${String(removed.body['changeId'])}/undo`)).body).toMatchObject({ item: { queueIds: ['12345'], version: 5 } });
    expect((await send('DELETE', 'seats/8201?version=5')).status).toBe(200);
  });

  it('keeps what is in use, and says by what', async () => {
    await send('PUT', 'queues/used', { name: 'Used' });
    await send('PUT', 'numbers/96555', { queueId: 'used' });
    expect((await send('DELETE', 'queues/used?version=1')).body).toMatchObject({ status: 409, code: 'in_use', usedBy: ['number 96555 (queueId)'] });
    const removed = await send('DELETE', 'numbers/96555?version=1');
    const callId = uuid();
    await city.pool.query(`insert into calls (id, direction, state, called_number, caller_kind, queue_id, case_id, offered_at, outcome, ended_at)
      values ($1, 'inbound', 'ended', '96555', 'withheld', 'used', null, now(), 'blocked', now())`, [callId]);
    const { id: caseId } = await transaction(city.pool, (tx) => openCase(tx, { caseId: uuid(), channel: 'phone', phoneRaw: '', areaCode: '0571', at: new Date() }));
    await city.pool.query(`update calls set state = 'dialing_party', outcome = null, ended_at = null, case_id = $2 where id = $1`, [callId, caseId]);
    expect((await send('DELETE', 'queues/used?version=1')).body).toMatchObject({ code: 'in_use', usedBy: ['1 live calls'] });
    await city.pool.query(`update calls set state = 'ended', outcome = 'blocked', ended_at = now() where id = $1`, [callId]);
    // A call of the past names its queue, which may go all the same.
    expect((await send('DELETE', 'queues/used?version=1')).status).toBe(200);
    await expect(city.pool.query(`update calls set queue_id = 'other', state = 'waiting', outcome = null, ended_at = null where id = $1`, [callId])).rejects.toThrow('does not exist');
    expect((await send('POST', `changes/${String(removed.body['changeId'])}/undo`)).body).toMatchObject({ code: 'configuration_invalid' });
    expect((await send('DELETE', 'not-ready-reasons/unreachable?version=1')).body).toMatchObject({ code: 'in_use', usedBy: ['the service itself'] });
  });

  it('lets no circle of queues come about', async () => {
    await send('PUT', 'queues/one', { name: '1', overflowQueueId: '12345', overflowWaiting: 1 });
    const city12345 = (await send('GET', 'queues/12345')).body;
    const { id: _, ...fields } = city12345;
    expect((await send('PUT', 'queues/12345', { ...fields, overflowQueueId: 'one', overflowWaiting: 1 })).body)
      .toMatchObject({ code: 'configuration_invalid', errors: [{ message: expect.stringContaining('12345 → one → 12345') as string }, { message: expect.stringContaining('one → 12345 → one') as string }] });
  });

  it('is closed to tokens', async () => {
    const token = await ask(city.origin, 'POST', '/api/tokens', { as: admin, body: { name: 't', permissions: ['configuration.read'] } });
    expect(token.status).toBe(400);
  });
});
