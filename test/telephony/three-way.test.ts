import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { applyCallEvent } from '../../src/calls/apply-call-event.ts';
import { offerCall } from '../../src/calls/offer-call.ts';
import { findCallOfLeg, findLiveCall } from '../../src/calls/queries.ts';
import { talkers } from '../../src/calls/place-rules.ts';
import { transferByPhone } from '../../src/calls/transfer-by-phone.ts';
import type { Deps } from '../../src/deps.ts';
import type { AriConnection } from '../../src/telephony/ari-connection.ts';
import { mendCall } from '../../src/telephony/mend-call.ts';
import { capturedLog } from '../support/captured-log.ts';
import { fakeTelephony } from '../support/fake-telephony.ts';
import { ownDatabase } from '../support/own-database.ts';
import { enter } from '../support/people.ts';

const unit = { role: 'unit', seatId: null, operatorId: null, number: '119', directoryCode: '119' } as const;

describe('a three-way call on a telephone system that fails', () => {
  let db: Awaited<ReturnType<typeof ownDatabase>>;
  beforeAll(async () => {
    db = await ownDatabase(inject('place').env['DATABASE_URL'] ?? '');
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
    const deps: Deps = { config: { HOTLINE_AREA_CODE: '0571' } as Deps['config'], log: capturedLog().log, pool: db.pool, telephony,
      jobs: { wake: () => Promise.resolve() }, now: () => new Date(Date.now() - clock.behindMs) };
    const [channelId, deskId, operatorId] = [`citizen-${seatId}`, uuid(), await addSeat(seatId)];
    telephony.arrive(channelId);
    await offerCall(deps, { channelId, calledNumber: '12345', callerRaw: '13800000302' });
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

  it('fails the comparison when somebody could not be put in place, so that it is repeated', async () => {
    const one = await talk('9102');
    await one.apply({ type: 'hold' });
    const call = await findLiveCall(db.pool, one.callId);
    if (!call) throw new Error('the call ended');
    vi.spyOn(one.telephony, 'unbridge').mockRejectedValue(new Error('refused'));
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
});
