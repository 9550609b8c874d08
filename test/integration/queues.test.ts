import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from '../../scripts/phones/api-client.ts';
import { openCase } from '../../src/cases/open-case.ts';
import { transaction } from '../../src/db/transaction.ts';
import { ask, enter } from '../support/people.ts';
import { hotline } from '../support/hotline.ts';

type QueueView = { id: string; waiting: number; signedIn: number; ready: number; longestWaitSec: number | null; estimatedWaitSec: number | null };

describe('queues as they stand now, by the API', () => {
  const city = hotline();
  const operator = new ApiClient(city.origin);
  const ids: string[] = [];
  /** A caller who has waited so long; no seat serves the queue, so that nobody takes the call. */
  const waits = async (callerNumber: string, more: { priority: number; sec: number; isConfidential?: boolean }) => {
    const callId = uuid();
    const caseId = uuid();
    const at = new Date(Date.now() - more.sec * 1000);
    await transaction(city.pool, (tx) => openCase(tx, { caseId, channel: 'phone', phoneRaw: callerNumber, areaCode: '0571', at }));
    await city.pool.query(`insert into calls (id, direction, state, called_number, caller_number, caller_kind, queue_id, case_id, offered_at, queued_at, priority)
      values ($1, 'inbound', 'waiting', '12345', $2, 'mobile', 'listed', $3, $4, $4, $5)`, [callId, callerNumber, caseId, at, more.priority]);
    await city.pool.query('update cases set call_id = $2, is_confidential = $3 where id = $1', [caseId, callId, more.isConfidential ?? false]);
    ids.push(callId);
    return callId;
  };
  beforeAll(async () => {
    const account = city.first.operators[0];
    if (!account) throw new Error('no operator');
    await operator.logIn(account.login, account.password);
    await city.pool.query(`insert into queues (id, name, announce_every_sec) values ('listed', 'l', 0)`);
  });
  afterAll(async () => {
    await city.pool.query(`update calls set state = 'ended', outcome = 'failed', ended_at = now() where id = any($1)`, [ids]);
    await city.close();
  });

  it('tell who waits, who is there, and how long it takes', async () => {
    await waits('13811110001', { priority: 0, sec: 40 });
    await waits('13811110002', { priority: 0, sec: 90 });
    const queues = (await operator.get<{ items: QueueView[] }>('/api/queues')).items;
    const listed = queues.find((queue) => queue.id === 'listed');
    expect(listed).toMatchObject({ waiting: 2, signedIn: 0, ready: 0, estimatedWaitSec: null });
    expect(listed?.longestWaitSec).toBeGreaterThanOrEqual(90);
    expect(queues.find((queue) => queue.id === '12345')).toMatchObject({ waiting: 0, longestWaitSec: null });
  });

  it('list the callers in the order in which they are served, without their numbers', async () => {
    const urgent = await waits('13811110003', { priority: 7, sec: 5 });
    const secret = await waits('13811110004', { priority: 0, sec: 1, isConfidential: true });
    const { items } = await operator.get<{ items: { id: string; position: number; callerNumber: string | null; priority: number }[] }>('/api/queues/listed/waiting');
    expect(items.map((item) => item.id)).toEqual([urgent, ids[1], ids[0], secret]);
    expect(items.map((item) => item.position)).toEqual([1, 2, 3, 4]);
    expect(items.map((item) => item.callerNumber)).toEqual(['138****0003', '138****0002', '138****0001', null]);
    const stranger = await enter(city.pool, ['dispatcher']);
    expect((await ask(city.origin, 'GET', '/api/queues/listed/waiting', { as: stranger })).status).toBe(403);
    expect((await operator.send('GET', '/api/queues/nothing/waiting')).status).toBe(404);
  });
});
