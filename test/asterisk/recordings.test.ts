import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hotline } from '../support/hotline.ts';
import { tone, tonesIn } from '../support/heard.ts';
import { query } from '../../src/db/query.ts';
import { until } from '../support/until.ts';
import { voice } from '../support/voice.ts';

type Recording = { startedAt: string; storedAt: string | null; durationMs: number; sha256: string; channels: number; isPaused: boolean;
  pauses: { startedAt: string; endedAt: string | null; endedWhy: string | null }[] };
const [low, middle, high] = [400, 1_000, 2_000];

describe('a call’s recording, on the real Asterisk', () => {
  const city = hotline();
  let desk: Awaited<ReturnType<typeof city.seat>> | undefined;
  beforeAll(() => city.pool.query(`update queues set ring_timeout_sec = 30, wrap_up_sec = 600; update numbers set greeting_prompts = '{}'`));
  afterEach(async () => {
    await city.quiet();
    await desk?.act('sign_out');
  });
  afterAll(() => city.close());

  const talk = async (caller: string) => {
    const own = desk = await city.seat(0, 'phone-speaks', {}, { speech: tone(middle) });
    city.citizen('citizen-speaks', caller, {}, '12345', { speech: tone(low) });
    const { id } = await city.callOf(caller, (call) => call.state === 'talking');
    return { id, post: (path: string, body?: object) => own.api.post(`/api/calls/${id}/${path}`, body), read: () => own.api.get<Recording>(`/api/calls/${id}/recording`), api: own.api };
  };
  const stored = (call: Awaited<ReturnType<typeof talk>>) => until(async () => {
    const one = await call.read();
    return one.storedAt !== null && one;
  }, 'the recording is stored');
  const listen = async (call: Awaited<ReturnType<typeof talk>>) => Buffer.from(await (await call.api.send('GET', `/api/recordings/${call.id}/audio`)).arrayBuffer());
  /** Steps last long enough to be heard in the middle of them. */
  const forAWhile = () => pause(1_600);

  it('has the citizen left and everybody else right, in step, in one file through hold, pause and three-way call', async () => {
    const call = await talk('13800000701');
    await forAWhile();
    await call.post('actions/hold');
    await forAWhile();
    await call.post('actions/join');
    await forAWhile();
    await call.post('recording/pause', { reason: 'password' });
    expect((await call.read()).isPaused).toBe(true);
    await forAWhile();
    await call.post('recording/resume');
    await forAWhile();
    await city.party('phone-speaks', {}, { speech: tone(high) });
    await call.post('actions/consult', { target: { directoryCode: '119' }, isHolding: false });
    await until(async () => (await city.shownCall(call.api, call.id)).talks.some((one) => one.endedAt === null && one.legIds.length === 3), 'three talk');
    await forAWhile();
    await call.post('hang-up');
    const { endedAt } = await city.endOf(call.id) as unknown as { endedAt: Date };
    const recording = await stored(call);
    const wav = await listen(call);
    const { talks } = await city.shownCall(call.api, call.id);
    const begin = new Date(recording.startedAt).getTime();
    const heard = (span: { startedAt: string; endedAt: string | null } | undefined) => {
      if (!span?.endedAt) throw new Error('no such part of the call');
      const middleMs = (new Date(span.startedAt).getTime() + new Date(span.endedAt).getTime()) / 2 - begin;
      return tonesIn(wav, middleMs - 300, middleMs + 300, [low, middle, high]);
    };
    const [first, second, third] = talks;
    const [hush] = recording.pauses;
    expect(heard(first)).toEqual({ left: [low], right: [middle] });
    expect(heard({ startedAt: first?.endedAt ?? '', endedAt: second?.startedAt ?? null })).toEqual({ left: [low], right: [] });
    expect(heard({ startedAt: second?.startedAt ?? '', endedAt: hush?.startedAt ?? null })).toEqual({ left: [low], right: [middle] });
    expect(heard(hush)).toEqual({ left: [], right: [] });
    expect(heard({ startedAt: hush?.endedAt ?? '', endedAt: second?.endedAt ?? null })).toEqual({ left: [low], right: [middle] });
    expect(heard(third)).toEqual({ left: [low], right: [middle, high] });
    expect(recording).toMatchObject({ channels: 2, isPaused: false, pauses: [{ endedWhy: 'operator' }] });
    expect(Math.abs(recording.durationMs - (endedAt.getTime() - begin))).toBeLessThan(2_000);
    expect(wav.length).toBe(58 + recording.durationMs * 16);
  });

  it('is as long as the talk although no phone sends any audio', async () => {
    const own = desk = await city.seat(0, 'seat-answers');
    city.citizen('citizen-waits', '13800000703');
    const { id } = await city.callOf('13800000703', (call) => call.state === 'talking');
    const call = { id, api: own.api, read: () => own.api.get<Recording>(`/api/calls/${id}/recording`), post: (path: string) => own.api.post(`/api/calls/${id}/${path}`) };
    await forAWhile();
    await call.post('hang-up');
    const { endedAt } = await city.endOf(call.id) as unknown as { endedAt: Date };
    const { durationMs, startedAt } = await stored(call);
    expect(durationMs).toBe(endedAt.getTime() - new Date(startedAt).getTime());
  });

  it('has what was said at its time although no phone sent anything before and after', async () => {
    const own = desk = await city.seat(0, 'seat-answers');
    const mediaPort = 43_000 + (process.pid % 500) * 2;
    city.citizen('citizen-waits', '13800000704', {}, '12345', { mediaPort });
    const { id } = await city.callOf('13800000704', (call) => call.state === 'talking');
    const call = { id, api: own.api, read: () => own.api.get<Recording>(`/api/calls/${id}/recording`), post: (path: string) => own.api.post(`/api/calls/${id}/${path}`) };
    const [citizen] = await query<{ id: string }>(city.pool, `select id from call_legs where call_id = $1 and role = 'citizen'`, [id]);
    const { value } = await city.ari<{ value: string }>(`/channels/${citizen?.id ?? ''}/variable?variable=${encodeURIComponent('CHANNEL(rtp,src,audio)')}`);
    await pause(6_000);
    const said: number[] = [];
    const mouth = await voice(mediaPort);
    mouth.speak(true);
    for (let times = 0; times < 2; times += 1) {
      mouth.start(Number(value.split(':').at(-1)));
      said.push(Date.now() + 3_000);
      await pause(6_000);
      mouth.stop();
      await pause(8_000);
    }
    mouth.close();
    await call.post('hang-up');
    const { endedAt } = await city.endOf(call.id) as unknown as { endedAt: Date };
    const { durationMs, startedAt } = await stored(call);
    const begin = new Date(startedAt).getTime();
    expect(durationMs).toBe(endedAt.getTime() - begin);
    const wav = await listen(call);
    // Seven seconds before its middle nothing was said yet.
    for (const at of said) expect([at, at - 7_000].map((moment) => tonesIn(wav, moment - begin - 100, moment - begin + 100, [middle]).left)).toEqual([[middle], []]);
  });

  it('goes on by itself when a pause is forgotten, and when the operator who paused it left', async () => {
    const call = await talk('13800000702');
    await call.post('recording/pause');
    await city.pool.query('update recording_pauses set ends_at = now() where call_id = $1', [call.id]);
    await until(async () => !(await call.read()).isPaused, 'it is recorded again');
    await call.post('recording/pause');
    const unit = await city.party('seat-hangs-up', { TALK_MS: 3_500 });
    await call.post('actions/transfer', { target: { number: '057188880003' } });
    expect((await call.read()).pauses.map((one) => one.endedWhy)).toEqual(['time', 'operator_left']);
    await city.endOf(call.id);
    expect(await unit.done).toBe(0);
    const recording = await stored(call);
    expect(tonesIn(await listen(call), recording.durationMs - 800, recording.durationMs - 200, [low])).toMatchObject({ left: [low] });
  });
});
