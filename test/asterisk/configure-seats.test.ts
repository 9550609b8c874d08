import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSipp } from '../../scripts/phones/sipp.ts';
import { query } from '../../src/db/query.ts';
import { hotline } from '../support/hotline.ts';
import { ask, enter, type Answer, type Person } from '../support/people.ts';
import { until } from '../support/until.ts';

type Account = { readonly id: string; readonly version: number; readonly changeId: number; readonly sipUser: string; readonly sipPassword: string; readonly isProvisioned: boolean };

describe('a seat that an admin makes while the hotline runs', () => {
  const city = hotline();
  let admin: Person;
  const seatId = '8101';
  const path = `/api/configuration/seats/${seatId}`;
  /** Where the support keeps the seats of the first run; the operator is one of them. */
  const index = 20;
  beforeAll(async () => {
    admin = await enter(city.pool, ['admin']);
    await city.pool.query(`update queues set wrap_up_sec = 600; update numbers set greeting_prompts = '{}'`);
  });
  afterAll(() => city.close());

  const send = (method: string, at: string, body?: object): Promise<Answer> => ask(city.origin, method, at, { as: admin, body });
  const version = async () => (await send('GET', path)).body['version'] as number;
  const remember = (account: Account): void => {
    const operator = city.first.operators[9];
    if (!operator) throw new Error('no operator');
    city.first.operators[index] = operator;
    city.first.seats[index] = { seat: account.id, sipUser: account.sipUser, sipPassword: account.sipPassword };
  };
  /** Whether a phone with this password is let in, from another port than the seat's own phone. */
  const registers = async (sipPassword: string): Promise<boolean> => (await startSipp(city.place.root, {
    scenario: 'seat-register', service: `seat-${seatId}`, user: `seat-${seatId}`, password: sipPassword, remotePort: Number(city.env['HOTLINE_SEAT_SIP_PORT']), localPort: city.phonePort(),
  }).done) === 0;
  const isRegistered = async (): Promise<boolean> => (await query<{ isRegistered: boolean }>(city.pool, 'select is_registered from seats where id = $1', [seatId]))[0]?.isRegistered ?? false;
  let [first, second]: string[] = [];
  let seat: Awaited<ReturnType<typeof city.seat>>;

  it('has its phone registered at once and takes a call', async () => {
    const made = await send('POST', '/api/configuration/seats', { id: seatId, queueIds: ['12345'] });
    expect(made).toMatchObject({ status: 201, body: { isProvisioned: true, sipUser: 'seat-8101' } });
    first = (made.body as Account).sipPassword;
    remember(made.body as Account);
    seat = await city.seat(index, 'seat-answers');
    city.citizen('citizen-hangs-up', '13800000801', { TALK_MS: 1_000 });
    expect(await city.callOf('13800000801')).toMatchObject({ outcome: 'answered', seatId });
    expect((await send('POST', '/api/configuration/seats', { id: seatId, queueIds: [] })).body).toMatchObject({ code: 'already_exists' });
  });

  it('is not removed while it is used, and says by whom', async () => {
    expect((await send('DELETE', `${path}?version=${await version()}`)).body).toMatchObject({ code: 'in_use', usedBy: [expect.stringContaining('signed in') as string] });
  });

  it('keeps its call but not its phone when it gets a new password', async () => {
    await seat.play('seat-answers');
    await seat.act('ready');
    city.citizen('citizen-hangs-up', '13800000802', { TALK_MS: 4_000 });
    const talking = await city.callOf('13800000802', (call) => call.state === 'talking');
    expect((await send('DELETE', `${path}?version=${await version()}`)).body).toMatchObject({ code: 'in_use', usedBy: [expect.any(String) as string, `call ${talking.id}`] });
    const renewed = await send('POST', `${path}/password`);
    expect(renewed).toMatchObject({ status: 200, body: { isProvisioned: true } });
    second = (renewed.body as Account).sipPassword;
    await until(async () => !(await isRegistered()), 'the phone is thrown off');
    expect((await city.callOf('13800000802', () => true)).state).toBe('talking');
    expect(await registers(first ?? '')).toBe(false);
    expect(await registers(second)).toBe(true);
    expect(await city.callOf('13800000802')).toMatchObject({ outcome: 'answered', endedBy: 'citizen' });
    expect((await send('POST', `/api/configuration/changes/${String(renewed.body['changeId'])}/undo`)).body).toMatchObject({ code: 'not_undoable', fields: ['passwordSetAt'] });
  });

  it('is thrown off when it is revoked, and comes back when that is undone', async () => {
    await until(isRegistered, 'the phone with the new password is there');
    const revoked = await send('PUT', path, { version: await version(), queueIds: ['12345'], isEnabled: false });
    expect(revoked.status).toBe(200);
    await until(async () => !(await isRegistered()), 'the phone is thrown off');
    expect(await registers(second ?? '')).toBe(false);
    await seat.act('sign_out');
    await expect(seat.act('sign_in')).rejects.toThrow('seat_disabled');
    expect((await send('POST', `/api/configuration/changes/${String(revoked.body['changeId'])}/undo`)).status).toBe(200);
    await until(() => registers(second ?? ''), 'the phone may register again');
  });

  it('is gone from Asterisk and the lists when it is removed, its calls stay, and its number may be given again', async () => {
    expect((await send('DELETE', `${path}?version=${await version()}`)).status).toBe(200);
    await until(async () => !(await city.ari<{ resource: string }[]>('/endpoints/PJSIP')).some((one) => one.resource === 'seat-8101'), 'Asterisk does not know it');
    expect((await send('GET', `/api/seats/${seatId}`)).status).toBe(404);
    expect(await city.callOf('13800000801')).toMatchObject({ seatId });
    const anew = await send('POST', '/api/configuration/seats', { id: seatId, queueIds: [] });
    expect(anew).toMatchObject({ status: 201, body: { isProvisioned: true } });
    expect([await registers(second ?? ''), await registers((anew.body as Account).sipPassword)]).toEqual([false, true]);
    expect((await send('DELETE', `${path}?version=${await version()}`)).status).toBe(200);
  });

  it('has no password and no digest in its history', async () => {
    const rows = await query<{ text: string }>(city.pool, `select row_to_json(c)::text as text from configuration_changes c where kind = 'seat' and key = $1`, [seatId]);
    const digests = await query<{ sipDigest: string }>(city.pool, 'select sip_digest from seats where id = $1', [seatId]);
    expect(rows.length).toBeGreaterThan(5);
    for (const secret of [first, second, digests[0]?.sipDigest]) for (const { text } of rows) expect(text).not.toContain(secret);
  });
});
