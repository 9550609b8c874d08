import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ApiClient } from '../../scripts/phones/api-client.ts';
import { hotline } from '../support/hotline.ts';
import { until } from '../support/until.ts';

describe('a citizen calls 12345, a seat answers, a case is open', () => {
  const city = hotline();
  afterAll(() => city.close());

  it('pops the screen, shows the case with caller, seat and times, and keeps one recording', async () => {
    await city.pool.query(`update numbers set greeting_prompts = '{number-1}'; update queues set wrap_up_sec = 1`);
    const seat = await city.seat(0, 'seat-answers');
    const colleague = new ApiClient(city.origin);
    await colleague.logIn(city.first.operators[4]?.login ?? '', city.first.operators[4]?.password ?? '');
    const [own, bystander] = [await city.listen(seat.api), await city.listen(colleague)];
    city.citizen('citizen-hangs-up', '13800001234', { TALK_MS: 4_000 });
    const pop = await until(() => own.events.find((event) => event.type === 'call.ringing'), 'the screen pops');
    const call = await city.callOf('13800001234');
    expect(pop).toMatchObject({ caller: { number: '13800001234' }, caseId: call.caseId, history: { count: 0 } });
    const cases = await seat.api.get<{ items: object[] }>('/api/cases');
    expect(cases.items[0]).toMatchObject({ id: call.caseId, channel: 'phone', caller: { number: '13800001234' }, call: { id: call.id, seatId: seat.seatId, outcome: 'answered' } });
    await until(async () => (await seat.state()).state === 'ready', 'the wrap-up ends by itself');
    const stored = await until(async () => (await city.pool.query<{ path: string; bytes: number }>('select path, bytes from recordings where call_id = $1 and stored_at is not null', [call.id])).rows[0], 'the recording is stored');
    expect(readFileSync(join(city.env['HOTLINE_RECORDINGS_DIR'] ?? '', stored.path)).subarray(0, 4).toString()).toBe('RIFF');
    const overheard = JSON.stringify(bystander.events);
    expect(overheard).toContain('call.changed');
    expect(overheard).not.toContain('13800001234');
    expect(readFileSync(join(city.dataDir, 'log/service.log'), 'utf8')).not.toContain('13800001234');
    bystander.close();
    own.close();
    await seat.act('sign_out');
    await city.quiet();
  });
});
