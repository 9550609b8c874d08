import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../../src/db/query.ts';
import { hotline } from '../support/hotline.ts';
import { openKeypad } from '../support/keypad.ts';
import { until } from '../support/until.ts';

type MenuCall = { id: string; state: string; outcome: string | null; menu: { menuId: string; step: string; tries: number } | null; language: string; skillCodes: string[];
  queueId: string; seatId: string | null; caseId: string; playbackId: string | null; connectedAt: Date | null };

describe('citizens who press keys, on the real Asterisk', () => {
  const city = hotline();
  const keypads: Awaited<ReturnType<typeof openKeypad>>[] = [];
  let desk: Awaited<ReturnType<typeof city.seat>>;
  let nextCaller = 13_800_000_400;
  beforeAll(async () => {
    await city.pool.query(`update queues set ring_timeout_sec = 30, wrap_up_sec = 0`);
    // Short words and little time to think: what is tested is the order of things.
    await city.pool.query(`update menus set prompts = '{number-1}', timeout_sec = 2, tries = 2`);
    await city.pool.query(`update numbers set greeting_prompts = '{}' where number = '86712345'`);
    await city.pool.query(`insert into numbers (number, queue_id, greeting_prompts, menu_id) values ('96001', '12345', '{}', 'main')`);
    desk = await city.seat(0, null);
    await desk.act('not_ready', { reason: 'break' }); // callers wait
  });
  afterEach(async () => {
    await city.quiet();
    for (const keypad of keypads.splice(0)) keypad.close();
  });
  afterAll(async () => {
    await city.pool.query(`delete from numbers where number = '96001'`);
    await city.close();
  });

  const call = async (number: string) => {
    const keypad = await openKeypad();
    keypads.push(keypad);
    const caller = String(nextCaller += 1);
    const phone = city.citizen('citizen-keys', caller, {}, number, { mediaPort: keypad.port });
    return { caller, phone, press: keypad.press, ...watch(caller) };
  };
  const watch = (caller: string) => {
    // Found by its number once: that of a confidential case leaves the row when the call is over.
    let id: string | null = null;
    const rows = async () => {
      const found = await query<MenuCall>(city.pool, 'select * from calls where caller_number = $1 or id = $2', [caller, id]);
      id ??= found[0]?.id ?? null;
      return found;
    };
    return {
      row: async () => (await rows())[0],
      when: (test: (row: MenuCall) => boolean, what: string) => until(async () => (await rows()).find(test), what),
      events: async (type: string) => query<{ data: Record<string, unknown> }>(city.pool,
        'select e.data from call_events e join calls c on c.id = e.call_id where c.id = $1 and e.type = $2 order by e.id', [id, type]),
      timeline: async () => query<{ type: string; data: Record<string, unknown>; toState: string }>(city.pool,
        'select e.type, e.data, e.to_state from case_events e join calls c on c.case_id = e.case_id where c.id = $1 order by e.id', [id]),
    };
  };
  const inMenu = (row: MenuCall) => row.state === 'menu';
  const waiting = (row: MenuCall) => row.state === 'waiting';

  it('are understood by RFC 4733 and by SIP INFO, and a key ends the prompt that plays', async () => {
    await city.pool.query(`update menus set prompts = '{menu-main}' where id = 'main'`);
    const one = await call('96001');
    const { playbackId } = await one.when(inMenu, 'the menu plays');
    await one.press('1');
    await one.when(waiting, 'the key led into the queue');
    expect((await one.events('digit')).map((event) => event.data)).toEqual([{ menuId: 'main', key: '1', action: 'queue' }]);
    const played = await until(async () => (await city.ari<{ message?: string }>(`/playbacks/${playbackId ?? ''}`)).message !== undefined, 'the prompt is over');
    expect(played).toBe(true);
    const caller = String(nextCaller += 1);
    const other = city.citizen('citizen-sends-info', caller, { KEY: 0, TALK_MS: 500 }, '96001');
    await watch(caller).when(waiting, 'the key of an INFO led into the queue');
    one.phone.hangUp();
    other.hangUp();
    await city.pool.query(`update menus set prompts = '{number-1}' where id = 'main'`);
  });

  it('reach an operator whether they press late, wrong or nothing; who hangs up in the menu is called back', async () => {
    const [late, wrong, none, gone] = await Promise.all([call('96001'), call('96001'), call('96001'), call('96001')]);
    await gone.when(inMenu, 'the menu plays');
    // Until its phone has read the answer, too: one that has not sends a CANCEL, which then ends nothing.
    await pause(1_000);
    gone.phone.hangUp();
    await wrong.when(inMenu, 'the menu plays');
    await wrong.press('8');
    await wrong.when((row) => row.menu?.tries === 1, 'the wrong key is counted');
    await wrong.press('9');
    await wrong.when(waiting, 'two wrong keys lead to an operator');
    await late.when((row) => row.menu?.tries === 1, 'the first silence is over');
    await late.press('1');
    await Promise.all([late, none].map((one) => one.when(waiting, 'an operator is awaited')));
    expect((await late.events('digit')).at(-1)?.data).toMatchObject({ key: '1' });
    expect((await none.events('overdue')).map((event) => event.data)).toEqual([{ menuId: 'main', why: 'silence' }, { menuId: 'main', why: 'silence' }]);
    const left = await gone.when((row) => row.state === 'ended', 'the call that was given up ended');
    expect(left.outcome).toBe('abandoned_menu');
    expect(await city.caseOf(left)).toMatchObject({ state: 'callback', callbackReason: 'abandoned' });
    for (const one of [late, wrong, none]) one.phone.hangUp();
  });

  it('speak with the community of their code at once, recorded, without its phone seeing who calls', async () => {
    const one = await call('86712345');
    const unit = await city.party('unit-sees-no-citizen', { RING_MS: 500, TALK_MS: 1_000, CITIZEN: one.caller });
    await one.when(inMenu, 'the community is asked for');
    await one.press('101');
    await one.when((row) => row.state === 'transferring', 'the community rings');
    const talking = await one.when((row) => row.state === 'talking', 'citizen and community talk');
    expect(await city.endOf(talking.id)).toMatchObject({ outcome: 'answered', endedBy: 'unit', seatId: null });
    expect(await query(city.pool, 'select call_id from recordings where call_id = $1', [talking.id])).toHaveLength(1);
    expect([await unit.done, await one.phone.done]).toEqual([0, 0]);
    expect(await city.caseOf(talking)).toMatchObject({ state: 'callback', callbackReason: 'survey' });
    const talked = (await one.timeline()).find((event) => event.type === 'talked');
    expect(talked?.data['parties']).toMatchObject([{ role: 'citizen' }, { role: 'unit', directoryCode: 'community-101' }]);
  });

  it('get an operator when the community is busy, who sees why; an unknown code is asked again', async () => {
    const one = await call('86712345');
    await city.party('phone-refuses', { STATUS: '486 Busy Here' });
    await one.when(inMenu, 'the community is asked for');
    await one.press('999#');
    await one.when((row) => row.menu?.tries === 1, 'no community has that code');
    await one.press('102#');
    const row = await one.when(waiting, 'an operator is awaited');
    expect((await one.timeline()).find((event) => event.type === 'unit_not_reached')?.data).toEqual({ directoryCode: 'community-102', outcome: 'busy' });
    expect((await city.shownCall(desk.api, row.id)).legs.find((leg) => leg.role === 'unit')).toMatchObject({ directoryCode: 'community-102', outcome: 'busy' });
    const phone = await desk.play('seat-answers');
    await desk.act('ready');
    await one.when((other) => other.state === 'talking', 'the operator helps');
    await desk.api.post(`/api/calls/${row.id}/hang-up`);
    await city.endOf(row.id);
    await desk.act('not_ready', { reason: 'break' });
    expect(await phone.done).toBe(0);
  });

  it('hear English after they chose it, and ask for an operator who speaks it', async () => {
    await city.pool.query(`update menus set prompts = '{progress-ask-number}' where id = 'progress'`);
    await city.pool.query(`update menus set options = options || '[{"key": "5", "action": {"type": "menu", "menuId": "progress", "language": "en"}}]' where id = 'main'`);
    const [one, other] = await Promise.all([call('96001'), call('96001')]);
    await Promise.all([one, other].map((each) => each.when(inMenu, 'the menu plays')));
    await one.press('5');
    const row = await one.when((each) => each.menu?.menuId === 'progress', 'the number of a case is asked for');
    expect(row.language).toBe('en');
    const playback = await until(async () => {
      const found = await city.ari<{ state?: string; language?: string }>(`/playbacks/${row.playbackId ?? ''}`);
      return found.state === 'playing' ? found : undefined;
    }, 'the English prompt plays');
    expect(playback.language).toBe('en');
    one.phone.hangUp();
    const speaker = await city.seat(1, 'seat-hangs-up', { TALK_MS: 500 });
    await city.pool.query(`insert into operator_skills (operator_id, skills) select operator_id, '[{"skillCode": "english", "level": 3}]' from seats where id = $1`, [speaker.seatId]);
    await desk.act('ready'); // idle longer than the other: its turn, if it spoke English
    await speaker.act('not_ready', { reason: 'break' });
    await other.press('3');
    expect(await other.when(waiting, 'an operator is awaited')).toMatchObject({ language: 'en', skillCodes: ['english'] });
    await speaker.act('ready');
    expect(await other.when((each) => each.state === 'ended', 'they talked')).toMatchObject({ outcome: 'answered', seatId: speaker.seatId });
    await Promise.all([speaker.act('sign_out'), desk.act('not_ready', { reason: 'break' })]);
    await city.pool.query(`update menus set prompts = '{number-1}' where id = 'progress'`);
  });

  it('hear how their case stands by number and code, and are not called back for that', async () => {
    const opened = await desk.api.post<{ id: string; number: string; progressCode: string }>('/api/cases', { channel: 'visit', phone: '13800000499' });
    await city.pool.query('update cases set is_confidential = true where id = $1', [opened.id]);
    expect(opened.progressCode).toMatch(/^\d{6}$/);
    const one = await call('96001');
    await one.when(inMenu, 'the menu plays');
    await one.press('2');
    await one.when((row) => row.menu?.menuId === 'progress', 'the number of a case is asked for');
    await one.press(`${opened.number.replace('-', '')}#`);
    await one.when((row) => row.menu?.step === 'case_code', 'the code is asked for');
    await one.press(`${opened.progressCode}#`);
    await one.when((row) => row.menu?.step === 'choose', 'the state was told');
    one.phone.hangUp();
    const row = await one.when((each) => each.state === 'ended', 'the call ended');
    expect(row.outcome).toBe('informed');
    expect(await city.caseOf(row)).toMatchObject({ state: 'answered', isConfidential: true }); // who asks is who reported
    expect((await one.timeline()).map((event) => event.type)).toEqual(['opened', 'asked_progress', 'informed']);
    const about = await query<{ data: object }>(city.pool, `select data from case_events where case_id = $1 and type = 'progress_told'`, [opened.id]);
    expect(about).toEqual([{ data: { callId: row.id, caseId: row.caseId } }]);
    const written = JSON.stringify(await one.events('digit'));
    expect(written).not.toContain(opened.progressCode);
    expect(written).toContain('"code":"right"');
  });
});
