import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../../src/db/query.ts';
import { hotline } from '../support/hotline.ts';
import { until } from '../support/until.ts';

const callers = 200;
const seatCount = 10;
/** So many wait before the first seat is ready: of them everybody knows who came first. Later ones come while seats ring. */
const waitFirst = 80;

type Served = { readonly callId: string; readonly outcome: string; readonly endedBy: string };
type Ring = { readonly seatId: string; readonly callId: string; readonly startedAt: Date; readonly answeredAt: Date | null; readonly endedAt: Date };

describe('callers, two hundred on ten seats', () => {
  const city = hotline();
  beforeAll(() => city.pool.query(`update queues set max_waiting = 1000, wrap_up_sec = 0, announce_every_sec = 0, ring_timeout_sec = 60;
    update numbers set greeting_prompts = '{}'`));
  afterAll(() => city.close());

  it('are each answered once, in the order in which they came, by seats that ring for one at a time', async () => {
    const plenty = { calls: callers };
    const seats = await Promise.all(Array.from({ length: seatCount }, (_, index) => city.seat(index, 'seat-hangs-up', { RING_MS: 20, TALK_MS: 300 }, plenty)));
    const before = (await query<{ id: string }>(city.pool, 'select id from calls order by id desc limit 1'))[0]?.id ?? '00000000-0000-0000-0000-000000000000';
    for (const seat of seats) await seat.act('not_ready', { reason: 'meal' });
    const citizens = city.citizen('citizen-waits', '13800020000', {}, '12345', { ...plenty, rate: 40 });
    const inLine = await until(async () => {
      const waiting = await query<{ id: string }>(city.pool, `select id from calls where id > $1 and state = 'waiting' order by queued_at, id`, [before]);
      return waiting.length >= waitFirst && waiting.map((call) => call.id);
    }, 'the line is long', 900_000);
    await Promise.all(seats.map((seat) => seat.act('ready')));
    await until(async () => (await query(city.pool, `select id from calls where id > $1 and state = 'ended'`, [before])).length === callers, 'every call is over', 900_000);
    expect(await citizens.done).toBe(0);
    await city.quiet();

    const served = await query<Served>(city.pool, `select c.id as call_id, c.outcome, c.ended_by
      from calls c join call_events e on e.call_id = c.id and e.type = 'matched' where c.id > $1 order by e.id`, [before]);
    expect(served.map((call) => [call.outcome, call.endedBy])).toEqual(served.map(() => ['answered', 'operator']));
    expect(served.length).toBe(callers);
    expect(new Set(served.map((call) => call.callId)).size).toBe(callers);
    expect((await query(city.pool, 'select c.id from cases k join calls c on c.id = k.call_id and c.case_id = k.id where c.id > $1', [before])).length).toBe(callers);

    expect(served.map((call) => call.callId).filter((id) => inLine.includes(id))).toEqual(inLine);
    const rings = await query<Ring>(city.pool, `select seat_id, call_id, started_at, answered_at, ended_at from call_legs
      where call_id > $1 and role = 'operator' order by seat_id, started_at`, [before]);
    expect(rings.length).toBe(callers);
    expect(rings.filter((ring) => ring.answeredAt === null)).toEqual([]);
    const overlaps = rings.filter((ring, index) => rings[index - 1]?.seatId === ring.seatId && ring.startedAt < (rings[index - 1]?.endedAt ?? ring.startedAt));
    expect(overlaps).toEqual([]);
    expect(new Set(rings.map((ring) => ring.seatId)).size).toBe(seatCount);
    expect(await query(city.pool, `select id, state from seats where state not in ('signed_out', 'ready')`)).toEqual([]);
    for (const seat of seats) await seat.act('sign_out');
  });

  it('a blocked number hears so and is hung up, without a case', async () => {
    await city.pool.query(`insert into caller_rules (number, treatment, reason, ends_at) values ('13800020201', 'blocked', 'test', now() + interval '1 hour')`);
    const citizen = city.citizen('citizen-waits', '13800020201');
    expect(await city.callOf('13800020201')).toMatchObject({ outcome: 'blocked', endedBy: 'system', caseId: null });
    expect(await citizen.done).toBe(0);
    await city.quiet();
  });
});
