import { tmpdir } from 'node:os';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { applyCallEvent } from '../../src/calls/apply-call-event.ts';
import { offerCall } from '../../src/calls/inbound/offer-call.ts';
import { findCallOfLeg, findDoubtfulCalls, findLiveCall } from '../../src/calls/queries.ts';
import { talkers } from '../../src/calls/talking/place-rules.ts';
import { settleDoubts } from '../../src/calls/talking/restore-places.ts';
import { transferByPhone } from '../../src/calls/talking/transfer-by-phone.ts';
import type { Deps } from '../../src/deps.ts';
import type { AriConnection } from '../../src/telephony/ari-connection.ts';
import { mendCall } from '../../src/telephony/mend-call.ts';
import { reconcile } from '../../src/telephony/reconcile.ts';
import { Talks } from '../../src/telephony/talks.ts';
import { onAriEvent } from '../../src/telephony/stasis.ts';
import { capturedLog } from '../support/captured-log.ts';
import { fakeTelephony } from '../support/fake-telephony.ts';
import { ownDatabase } from '../support/own-database.ts';
import { enter } from '../support/people.ts';
import { placeOfWorker } from '../support/place-of-worker.ts';
import { until } from '../support/until.ts';

const unit = { role: 'unit', seatId: null, operatorId: null, number: '119', directoryCode: '119' } as const;

describe('a three-way call on a telephone system that fails', () => {
  let db: Awaited<ReturnType<typeof ownDatabase>>;
  beforeAll(async () => {
    db = await ownDatabase(placeOfWorker().env['DATABASE_URL'] ?? '');
    await db.pool.query(`update numbers set greeting_prompts = '{}'`);
  });
  afterAll(() => db.close());

  const addSeat = async (seatId: string): Promise<string> => {
    const { id: userId } = await enter(db.pool, ['operator']);
    await db.pool.query(`insert into seats (id, sip_digest, state, state_since, idle_since, operator_id, is_registered) values ($1, '', 'ready', now(), now(), $2, true)`, [seatId, userId]);
    await db.pool.query(`insert into queue_seats (queue_id, seat_id) values ('12345', $1)`, [seatId]);
    return userId;
  };
  /** A citizen and an operator who talk, and the clock that their call reads. */
  const talk = async (seatId: string) => {
    const telephony = fakeTelephony({ tell: () => undefined, onDialed: () => undefined });
    const clock = { behindMs: 0 };
    const deps: Deps = { config: { HOTLINE_AREA_CODE: '0571', HOTLINE_RECORDINGS_DIR: tmpdir() } as Deps['config'], log: capturedLog().log, pool: db.pool, telephony,
      jobs: { wake: () => Promise.resolve() }, now: () => new Date(Date.now() - clock.behindMs) };
    const [channelId, deskId, operatorId] = [`citizen-${seatId}`, uuid(), await addSeat(seatId)];
    telephony.arrive(channelId);
    telephony.isThere = false; // or the seat would ring at once, on a leg that is not ours
    await offerCall(deps, { channelId, calledNumber: '12345', callerRaw: '13800000302' });
    telephony.isThere = true;
    const callId = await findCallOfLeg(db.pool, channelId) ?? '';
    const apply = (event: Parameters<typeof applyCallEvent>[2]) => applyCallEvent(deps, callId, event);
    await apply({ type: 'matched', legId: deskId, seatId, operatorId, ringTimeoutSec: 20 });
    await apply({ type: 'leg_answered', legId: deskId });
    const heard = async () => { const call = await findLiveCall(db.pool, callId); return call ? talkers(call).map((leg) => leg.role) : []; };
    return { telephony, deps, clock, callId, deskId, apply, heard };
  };

  it('loses the unit that cannot be put through, not the citizen', async () => {
    const one = await talk('9101');
    await one.apply({ type: 'consult', legId: 'unit-9101', party: unit, isHolding: false });
    vi.spyOn(one.telephony, 'bridge').mockRejectedValue(new Error('refused'));
    await one.apply({ type: 'leg_answered', legId: 'unit-9101' });
    expect([await one.heard(), one.telephony.channels.has('unit-9101')]).toEqual([['citizen', 'operator'], false]);
  });

  it.each(['unbridge', 'spy'] as const)('lets a supervisor go whom the citizen might hear still, when %s fails', async (command) => {
    const one = await talk(command === 'spy' ? '9107' : '9108');
    const bossSeat = command === 'spy' ? '9117' : '9118';
    const bossId = await addSeat(bossSeat);
    await one.apply({ type: 'supervise', legId: `boss-${bossSeat}`, seatId: bossSeat, operatorId: bossId, mode: 'barge' });
    await one.apply({ type: 'leg_answered', legId: `boss-${bossSeat}` });
    expect(await one.heard()).toEqual(['citizen', 'operator', 'supervisor']);
    vi.spyOn(one.telephony, command).mockRejectedValue(new Error('refused'));
    await one.apply({ type: 'supervision_mode', legId: `boss-${bossSeat}`, mode: 'listen' });
    expect([await one.heard(), one.telephony.channels.has(`boss-${bossSeat}`)]).toEqual([['citizen', 'operator'], false]);
    expect((await db.pool.query('select state from seats where id = $1', [bossSeat])).rows).toEqual([{ state: 'ready' }]);
  });

  it('fails the comparison when somebody could not be put in place, so that it is repeated', async () => {
    const one = await talk('9102');
    await one.apply({ type: 'hold' });
    const call = await findLiveCall(db.pool, one.callId);
    if (!call) throw new Error('the call ended');
    vi.spyOn(one.telephony, 'unbridge').mockRejectedValue(new Error('refused'));
    vi.spyOn(one.telephony, 'destroyBridge').mockRejectedValue(new Error('refused'));
    await expect(mendCall(one.deps, {} as AriConnection, call)).rejects.toThrow('refused');
  });

  it('goes on when the service that took over has a clock behind the other’s', async () => {
    const one = await talk('9103');
    one.clock.behindMs = 5_000;
    expect(await one.apply({ type: 'hold' })).toBe(true);
    expect(await one.heard()).toEqual([]);
  });

  it('dials no seat outside that is not free, when the phone’s transfer key asks for it', async () => {
    const one = await talk('9104');
    await addSeat('9105');
    await db.pool.query(`update seats set is_registered = false where id = '9105'`);
    const [answer, dial] = [vi.spyOn(one.telephony, 'answerTransfer'), vi.spyOn(one.telephony, 'dialNumber')];
    await transferByPhone(one.deps, one.deskId, { destination: '9105' });
    expect([answer.mock.calls, dial.mock.calls, await one.heard()]).toEqual([[[one.deskId, 'refused']], [], ['citizen', 'operator']]);
  });

  it('tells a phone that its transfer went when the rows say so, and before it is hung up', async () => {
    const one = await talk('9140');
    const told: unknown[] = [];
    vi.spyOn(one.telephony, 'answerTransfer').mockImplementation(async (channelId, answer) => {
      told.push(answer, (await findLiveCall(db.pool, one.callId))?.state, one.telephony.channels.has(channelId));
    });
    await transferByPhone(one.deps, one.deskId, { destination: '057188880001' });
    expect([told, one.telephony.channels.has(one.deskId)]).toEqual([['accepted', 'transferring', true], false]);
  });

  it('refuses a transfer to a seat that is taken in that very moment, and everybody stays', async () => {
    const one = await talk('9141');
    await addSeat('9142');
    const answer = vi.spyOn(one.telephony, 'answerTransfer');
    const other = await db.pool.connect();
    await other.query('begin');
    await other.query(`update seats set state = 'not_ready', not_ready_reason = 'break', idle_since = null where id = '9142'`);
    const transferring = transferByPhone(one.deps, one.deskId, { destination: '9142' });
    await until(async () => (await db.pool.query(`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`)).rowCount, 'the transfer waits for the seat');
    await other.query('commit');
    other.release();
    await transferring;
    expect([answer.mock.calls, await one.heard(), one.telephony.channels.has(one.deskId)]).toEqual([[[one.deskId, 'refused']], ['citizen', 'operator'], true]);
  });

  it('refuses the transfer of a seat that was only consulted, and of two lines that are not one phone’s', async () => {
    const one = await talk('9143');
    const operatorId = await addSeat('9144');
    await one.apply({ type: 'consult', legId: 'seat-9144', party: { role: 'operator', seatId: '9144', operatorId, number: null, directoryCode: null }, isHolding: false });
    await one.apply({ type: 'leg_answered', legId: 'seat-9144' });
    const answer = vi.spyOn(one.telephony, 'answerTransfer');
    await transferByPhone(one.deps, 'seat-9144', { destination: '119' });
    await transferByPhone(one.deps, one.deskId, { lineId: 'seat-9144' });
    await transferByPhone(one.deps, one.deskId, { lineId: null });
    expect(answer.mock.calls.map(([, said]) => said)).toEqual(['refused', 'refused', 'refused']);
    expect(await one.heard()).toEqual(['citizen', 'operator', 'operator']);
  });

  it('does not take Asterisk’s echo of our answer for the phone’s key pressed again', async () => {
    const one = await talk('9145');
    const answer = vi.spyOn(one.telephony, 'answerTransfer');
    const channel = { id: one.deskId, name: 'PJSIP/seat-9145-1', state: 'Up', caller: { number: '', name: '' }, dialplan: { exten: '12345', app_name: 'Stasis', app_data: 'hotline' } };
    const echo = { type: 'ChannelTransfer', refer_to: { requested_destination: { destination: '119' } }, referred_by: { source_channel: channel } } as const;
    await onAriEvent(one.deps, { ...echo, state: 'channel_declined' }, new Talks());
    await onAriEvent(one.deps, echo, new Talks());
    expect(answer.mock.calls).toEqual([[one.deskId, 'accepted']]);
  });

  it.each(['unbridge', 'startMusic'] as const)('asks again for what failed twice (%s), so that nobody is heard by mistake or left in silence', async (command) => {
    const one = await talk(command === 'unbridge' ? '9146' : '9147');
    const failing = vi.spyOn(one.telephony, command).mockRejectedValue(new Error('refused'));
    const destroy = vi.spyOn(one.telephony, 'destroyBridge');
    await one.apply({ type: 'hold' });
    const isDoubtful = async () => (await findDoubtfulCalls(db.pool)).includes(one.callId);
    expect(await isDoubtful()).toBe(true);
    if (command === 'startMusic') await expect(settleDoubts(one.deps)).rejects.toThrow();
    expect(await isDoubtful() || command === 'unbridge').toBe(true);
    if (command === 'startMusic') failing.mockRestore();
    const music = vi.spyOn(one.telephony, 'startMusic');
    await settleDoubts(one.deps);
    expect([await isDoubtful(), music.mock.calls.some(([id]) => id === 'citizen-' + (command === 'unbridge' ? '9146' : '9147'))]).toEqual([false, true]);
    // Whoever cannot be taken out of the bridge loses the bridge.
    expect(destroy.mock.calls.length > 0).toBe(command === 'unbridge');
  });

  it('needs no ring and no message for a call whose channels all went with Asterisk', async () => {
    const [moved, asked] = [await talk('9148'), await talk('9149')];
    await moved.apply({ type: 'transfer', legId: 'unit-9148', party: unit });
    await asked.apply({ type: 'consult', legId: 'unit-9149', party: unit, isHolding: true });
    const play = vi.spyOn(asked.telephony, 'play');
    await db.pool.query(`update call_legs set started_at = started_at - interval '10 seconds' where id in ('unit-9148', 'unit-9149')`);
    const nothing = { command: () => Promise.resolve([]) } as unknown as AriConnection;
    await reconcile({ deps: { ...asked.deps, telephony: { ...asked.telephony, isConnected: () => false } }, ari: nothing, talks: new Talks() });
    const { rows } = await db.pool.query(`select type, to_state from call_events where call_id = any($1) and type not in ('offered', 'matched', 'leg_answered', 'transfer', 'consult')`, [[moved.callId, asked.callId]]);
    expect([rows.map((row: { to_state: string }) => row.to_state).filter((state) => state === 'waiting'), play.mock.calls]).toEqual([[], []]);
    expect([await findLiveCall(db.pool, moved.callId), await findLiveCall(db.pool, asked.callId)]).toEqual([undefined, undefined]);
  });

  it('gives a consulted seat the wrap-up of its own queue', async () => {
    const one = await talk('9150');
    const operatorId = await addSeat('9151');
    await db.pool.query(`insert into queues (id, name, wrap_up_sec) values ('experts', 'Experts', 120); update queue_seats set queue_id = 'experts' where seat_id = '9151'`);
    await one.apply({ type: 'consult', legId: 'seat-9151', party: { role: 'operator', seatId: '9151', operatorId, number: null, directoryCode: null }, isHolding: true });
    await one.apply({ type: 'leg_answered', legId: 'seat-9151' });
    await one.apply({ type: 'hang_up', by: 'operator' });
    const { rows } = await db.pool.query<{ sec: number }>(`select extract(epoch from wrap_up_until - state_since)::int as sec from seats where id in ('9150', '9151') order by id`);
    expect(rows.map((row) => row.sec)).toEqual([30, 120]);
  });

  it('writes down no number that was dialled freely, but who of the directory was', async () => {
    const one = await talk('9152');
    await one.apply({ type: 'consult', legId: 'unit-9152', party: { ...unit, number: '13911118001', directoryCode: null }, isHolding: true });
    await one.apply({ type: 'drop', legId: 'unit-9152' });
    await one.apply({ type: 'consult', legId: 'unit-9153', party: unit, isHolding: true });
    const { rows } = await db.pool.query<{ data: object }>(`select data from call_events where call_id = $1 and type = 'consult' order by id`, [one.callId]);
    expect(rows.map((row) => row.data)).toMatchObject([{ party: { role: 'unit', number: null } }, { party: { number: '119', directoryCode: '119' } }]);
  });
});
