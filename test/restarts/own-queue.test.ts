import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../../src/db/query.ts';
import { listFallbackMembers } from '../support/fallback-members.ts';
import { hotline } from '../support/hotline.ts';
import { startOwnStack } from '../support/own-stack.ts';
import { until } from '../support/until.ts';

type Row = { callerNumber: string; state: string; outcome: string | null; carriedBy: string; endedBy: string | null; queuedAt: Date; connectedAt: Date | null; endedAt: Date | null };

describe('while the service is away Asterisk’s own queue carries the calls, and afterwards they have their cases', () => {
  let stack: Awaited<ReturnType<typeof startOwnStack>>;
  let city: ReturnType<typeof hotline>;
  beforeAll(async () => {
    stack = await startOwnStack();
    city = hotline(stack.place);
    await city.pool.query(`update queues set wrap_up_sec = 0, announce_every_sec = 0, missed_callback_after_sec = null; update numbers set greeting_prompts = '{}'`);
  });
  afterAll(async () => {
    await city.close();
    await stack.stop();
  });

  const kill = async (name: string): Promise<void> => {
    const part = stack.servers[name]?.part;
    if (!part?.pid) throw new Error(`${name} does not run`);
    process.kill(part.pid, 'SIGKILL');
    await until(() => !part.isRunning, `${name} is gone`);
  };
  const records = () => readdirSync(join(city.env['HOTLINE_RECORDINGS_DIR'] ?? '', 'own-queue'));
  const channels = () => city.ari<{ caller: { number: string }; state: string; dialplan: { app_name: string } }[]>('/channels');
  const inAsterisk = (caller: string, test: (state: string) => boolean = () => true) =>
    until(async () => (await channels()).some((one) => one.caller.number === caller && one.dialplan.app_name === 'Queue' && test(one.state)), `${caller} is in Asterisk’s own queue`);
  const rows = () => query<Row>(city.pool, 'select * from calls order by queued_at');
  const waiting = async () => (await rows()).filter((row) => row.state === 'waiting').map((row) => row.callerNumber);
  /** Within two seconds: the phones and this test look at other clocks than Asterisk. */
  const isNear = (at: Date | null | undefined, moment: number) => expect(Math.abs((at?.getTime() ?? 0) - moment)).toBeLessThan(2_000);

  it('answered, abandoned, still talking and still waiting: one call and one case each, true times, the order kept', async () => {
    // The phone takes one call after the other.
    const seat = await city.seat(0, 'seat-answers', {}, { calls: 4 });
    await until(async () => (await listFallbackMembers(stack.place)).join() === `PJSIP/seat-${seat.seatId}`, 'Asterisk’s queue has the seat');
    await kill('service');
    const [first, talker, leaver] = ['13800000301', '13800000302', '13800000303'];
    const answeredAt = Date.now();
    expect(await city.citizen('citizen-hangs-up', first, { TALK_MS: 1_500 }).done).toBe(0);
    const answeredUntil = Date.now();
    const talk = city.citizen('citizen-hangs-up', talker, { TALK_MS: 60_000 });
    await inAsterisk(talker, (state) => state === 'Up');
    const talkAt = Date.now();
    const queuedAt: number[] = [];
    const callIn = async (caller: string) => {
      const phone = city.citizen('citizen-hangs-up', caller, { TALK_MS: 60_000 });
      await inAsterisk(caller);
      queuedAt.push(Date.now());
      return phone;
    };
    const left = await callIn(leaver);
    await callIn('13800000304');
    await callIn('13800000305');
    left.hangUp();
    await until(async () => !(await channels()).some((one) => one.caller.number === leaver), 'one hung up');
    const leftAt = Date.now();
    expect(records()).toHaveLength(5);
    await stack.servers['service']?.start();

    // Those who waited wait with us, before who calls now; the seat is on the phone, and is offered nobody.
    city.citizen('citizen-hangs-up', '13800000306', { TALK_MS: 60_000 });
    await until(async () => (await waiting()).length === 3, 'three wait with us');
    expect(await waiting()).toEqual(['13800000304', '13800000305', '13800000306']);
    const shown = await seat.api.get<{ isOnOwnQueueCall: boolean; state: string }>(`/api/seats/${seat.seatId}`);
    expect(shown).toMatchObject({ isOnOwnQueueCall: true, state: 'ready' });
    const cameOver = await city.callOf('13800000304', () => true);
    isNear(cameOver.queuedAt, queuedAt[1] ?? 0);
    expect(cameOver).toMatchObject({ carriedBy: 'both' });
    expect(await city.caseOf(cameOver)).toMatchObject({ state: 'draft' });

    const answered = await city.callOf(first);
    const { rows: [operator] } = await city.pool.query<{ id: string }>('select operator_id as id from seats where id = $1', [seat.seatId]);
    expect(answered).toMatchObject({ outcome: 'answered', endedBy: 'citizen', seatId: seat.seatId, carriedBy: 'asterisk' });
    isNear(answered.connectedAt, answeredAt);
    expect(await city.caseOf(answered)).toMatchObject({ state: 'draft', ownerId: operator?.id });
    const view = await seat.api.get<{ carriedBy: string; durations: { talkSec: number; totalSec: number }; legs: object[]; talks: object[] }>(`/api/calls/${answered.id}`);
    expect(view).toMatchObject({ carriedBy: 'asterisk', legs: [{ role: 'citizen' }, { role: 'operator' }], talks: [{}] });
    expect(view.durations.talkSec).toBeGreaterThan(1.4);
    expect(view.durations.totalSec).toBeLessThan((answeredUntil - answeredAt) / 1000 + 0.5);

    const abandoned = await city.callOf(leaver);
    expect(abandoned).toMatchObject({ outcome: 'abandoned_queue', endedBy: 'citizen', carriedBy: 'asterisk' });
    isNear((await rows()).find((row) => row.callerNumber === leaver)?.endedAt, leftAt);
    expect(await city.caseOf(abandoned)).toMatchObject({ state: 'callback', callbackReason: 'abandoned' });

    // As long as the talk lasts the seat is offered nobody, however often those who wait are looked at.
    await pause(2_500);
    expect(await query(city.pool, `select from call_events where type = 'matched' and call_id in (select id from calls where state <> 'ended')`)).toHaveLength(0);
    // The talk goes on until it ends; then it has its call, and the seat the caller who came first.
    expect((await rows()).some((row) => row.callerNumber === talker)).toBe(false);
    talk.hangUp();
    const talked = await city.callOf(talker);
    expect(talked).toMatchObject({ outcome: 'answered', seatId: seat.seatId, carriedBy: 'asterisk' });
    isNear(talked.connectedAt, talkAt);
    expect(await city.caseOf(talked)).toMatchObject({ ownerId: operator?.id });
    await city.callOf('13800000304', (call) => call.state === 'talking');
    expect(await waiting()).toEqual(['13800000305', '13800000306']);
    expect((await rows()).map((row) => row.callerNumber).sort()).toEqual(['13800000301', '13800000302', '13800000303', '13800000304', '13800000305', '13800000306']);
    expect((await query(city.pool, 'select case_id from calls group by case_id')).length).toBe(6);
    // Of those who came over the record ends with their call.
    await until(() => records().length === 2, 'what was brought in is removed');
  });

  it('Asterisk dies as well: whoever waited in its own queue is called back, and the call ended when Asterisk began again', async () => {
    await kill('service');
    city.citizen('citizen-waits', '13800000311');
    await inAsterisk('13800000311');
    const diedAt = Date.now();
    await kill('asterisk');
    await stack.servers['asterisk']?.start();
    const beganBy = Date.now();
    await stack.servers['service']?.start();
    const call = await city.callOf('13800000311');
    expect(call).toMatchObject({ outcome: 'abandoned_queue', endedBy: 'system', carriedBy: 'asterisk' });
    expect(await city.caseOf(call)).toMatchObject({ state: 'callback', callbackReason: 'abandoned' });
    const [row] = (await rows()).filter((one) => one.callerNumber === '13800000311');
    expect(row?.endedAt?.getTime()).toBeGreaterThanOrEqual(diedAt);
    expect(row?.endedAt?.getTime()).toBeLessThanOrEqual(beganBy);
    await until(() => records().length === 0, 'no record is left');
    expect((await rows()).every((one) => one.state === 'ended')).toBe(true);
  });
});
