import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeWav } from '../../src/prompts/wav-rules.ts';
import { query } from '../../src/db/query.ts';
import { hotline } from '../support/hotline.ts';
import { ask, enter, type Person } from '../support/people.ts';
import { until } from '../support/until.ts';

describe('a prompt that is recorded while the hotline runs', () => {
  const city = hotline();
  const folder = city.env['HOTLINE_PROMPTS_DIR'] ?? '';
  let admin: Person;
  beforeAll(async () => {
    admin = await enter(city.pool, ['admin']);
    await city.pool.query(`update numbers set greeting_prompts = '{number-7}'`);
  });
  afterAll(() => city.close());
  const seconds = (count: number): Buffer => encodeWav(new Int16Array(8_000 * count).map((_, at) => (at % 40) * 200));
  /** How long a caller listens before the queue, seconds. */
  const greeting = async (caller: string): Promise<number> => {
    const phone = city.citizen('citizen-waits', caller);
    await city.callOf(caller, (call) => call.state !== 'greeting');
    phone.hangUp();
    const call = await city.callOf(caller);
    return (await query<{ greetingSec: number }>(city.pool, 'select greeting_sec from call_durations where call_id = $1', [call.id]))[0]?.greetingSec ?? 0;
  };

  it('is heard by the next caller, and no more when it is taken away', async () => {
    const spokenSec = await greeting('13800000901');
    const answer = await fetch(`${city.origin}/api/configuration/prompts/number-7/recording?version=1`, { method: 'PUT', body: new Uint8Array(seconds(3)), headers: { cookie: admin.cookie, 'content-type': 'audio/wav' } });
    expect(await answer.json()).toMatchObject({ isProvisioned: true, item: { version: 2 } });
    expect(readFileSync(join(folder, 'number-7.wav'))).toEqual(seconds(3));
    // The spoken word takes less than a second; the recording cannot be over before its three.
    expect(await greeting('13800000902')).toBeGreaterThan(2.9);
    expect(spokenSec).toBeGreaterThan(0);
    writeFileSync(join(folder, 'somebodys-own.wav'), seconds(1));
    expect((await ask(city.origin, 'DELETE', '/api/configuration/prompts/number-7/recording?version=2', { as: admin })).body).toMatchObject({ isProvisioned: true });
    expect([existsSync(join(folder, 'number-7.wav')), existsSync(join(folder, 'somebodys-own.wav'))]).toEqual([false, true]);
  });

  it('is put back where it was lost', async () => {
    await fetch(`${city.origin}/api/configuration/prompts/number-6/recording?version=1`, { method: 'PUT', body: new Uint8Array(seconds(1)), headers: { cookie: admin.cookie, 'content-type': 'audio/wav' } });
    writeFileSync(join(folder, 'number-6.wav'), 'damaged');
    await fetch(`${city.origin}/api/configuration/prompts/number-5/recording?version=1`, { method: 'PUT', body: new Uint8Array(seconds(1)), headers: { cookie: admin.cookie, 'content-type': 'audio/wav' } });
    await until(() => readFileSync(join(folder, 'number-6.wav')).equals(seconds(1)), 'the damaged file is whole again');
    expect(existsSync(join(folder, 'number-5.wav'))).toBe(true);
    for (const key of ['number-6', 'number-5']) await ask(city.origin, 'DELETE', `/api/configuration/prompts/${key}/recording?version=2`, { as: admin });
  });
});
