import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../../src/db/query.ts';
import { hotline } from '../support/hotline.ts';
import { until } from '../support/until.ts';
import { voice } from '../support/voice.ts';

type Desk = Awaited<ReturnType<ReturnType<typeof hotline>['seat']>>;
type Voice = Awaited<ReturnType<typeof voice>>;

describe('a supervisor on a call, on the real Asterisk', () => {
  const city = hotline();
  const signedIn: Desk[] = [];
  const voices: Voice[] = [];
  let nextCaller = 13_800_000_520;
  let nextMedia = 40_000 + (process.pid % 500) * 16;
  beforeAll(async () => {
    await city.pool.query(`update queues set ring_timeout_sec = 30, wrap_up_sec = 600; update numbers set greeting_prompts = '{}'`);
    // The second operator is a supervisor, too, and rests unless one is needed.
    await city.pool.query(`update users set roles = '{operator,supervisor}' where login = $1`, [city.first.operators[1]?.login]);
  });
  afterEach(async () => {
    for (const one of voices.splice(0)) one.close();
    await city.quiet();
    for (const one of signedIn.splice(0)) await one.act('sign_out');
  });
  afterAll(() => city.close());

  const seat = async (...options: Parameters<typeof city.seat>): Promise<Desk> => {
    const one = await city.seat(...options);
    signedIn.push(one);
    return one;
  };
  const speaker = async (): Promise<{ mediaPort: number; voice: Voice }> => {
    const mediaPort = (nextMedia += 2);
    const one = { mediaPort, voice: await voice(mediaPort) };
    voices.push(one.voice);
    return one;
  };
  /** A citizen and an operator who talk, and a supervisor who rests at a seat of their own. */
  const talk = async () => {
    const [citizen, operator, supervisor] = [await speaker(), await speaker(), await speaker()];
    const desk = await seat(0, 'seat-answers', {}, { mediaPort: operator.mediaPort });
    const boss = await seat(1, 'seat-answers', {}, { mediaPort: supervisor.mediaPort });
    await boss.act('not_ready', { reason: 'meeting' });
    const caller = String(nextCaller += 1);
    const phone = city.citizen('citizen-waits', caller, {}, '12345', { mediaPort: citizen.mediaPort });
    const { id: callId } = await city.callOf(caller, (call) => call.state === 'talking');
    const legs = async () => (await city.shownCall(boss.api, callId)).legs;
    const legOf = async (role: string) => (await legs()).filter((leg) => leg.role === role && leg.state === 'up').at(-1)?.id ?? '';
    const act = (action: string, body?: object) => desk.api.post(`/api/calls/${callId}/actions/${action}`, body);
    const supervise = (mode: string) => boss.api.post<{ legId: string }>(`/api/calls/${callId}/supervision`, { mode });
    const leave = () => boss.api.send('DELETE', `/api/calls/${callId}/supervision`);
    return { desk, boss, phone, caller, callId, act, legs, legOf, supervise, leave, voices: { citizen: citizen.voice, operator: operator.voice, supervisor: supervisor.voice } };
  };
  type Talk = Awaited<ReturnType<typeof talk>>;
  /** Everybody in Asterisk's bridges of the call and of its supervisor, by role; `copy` is the copy of the operator's channel. */
  const places = async (one: Talk): Promise<{ talk: string; spy: string }> => {
    const legs = await query<{ id: string; role: string }>(city.pool, 'select id, role from call_legs where call_id = $1', [one.callId]);
    const name = (id: string) => legs.find((leg) => leg.id === id)?.role ?? (id.endsWith('-snoop') ? 'copy' : 'stranger');
    const bridges = await city.ari<{ id: string; channels: string[] }[]>('/bridges');
    const of = (ids: readonly string[]) => bridges.filter((bridge) => ids.includes(bridge.id)).flatMap((bridge) => bridge.channels.map(name)).sort().join();
    return { talk: of([one.callId]), spy: of(legs.map((leg) => `${leg.id}-spy`)) };
  };
  const untilPlaced = (one: Talk, talk: string, spy: string) => until(async () => JSON.stringify(await places(one)) === JSON.stringify({ talk, spy }), `${talk} talk, and ${spy} listen`);
  /** That phone's call ends, without our doing. */
  const gone = async (one: Talk, role: string) => city.ari(`/channels/${await one.legOf(role)}`, 'DELETE');
  const untilSupervisorUp = (one: Talk) => until(() => one.legOf('supervisor'), 'the supervisor is there');
  const portOf = async (channelId: string): Promise<number> =>
    Number((await city.ari<{ value: string }>(`/channels/${channelId}/variable?variable=${encodeURIComponent('CHANNEL(rtp,src,audio)')}`)).value.split(':').at(-1));
  const roles = ['citizen', 'operator', 'supervisor'] as const;
  /** Each in turn speaks, while all send silence: who hears whom, by what comes out of Asterisk's ports. */
  const hearing = async (one: Talk): Promise<Record<string, string>> => {
    for (const role of roles) one.voices[role].start(await portOf(await one.legOf(role)));
    const heard: Record<string, string> = {};
    for (const role of roles) {
      await pause(400); // what the one before said is still on its way
      const from = Date.now();
      one.voices[role].speak(true);
      await pause(700);
      one.voices[role].speak(false);
      heard[role] = roles.filter((other) => other !== role && one.voices[other].hasHeardSince(from)).join();
    }
    return heard;
  };

  it('listens, whispers and barges in: each is heard by whom it should be, and by nobody else', async () => {
    const one = await talk();
    const { legId } = await one.supervise('listen');
    await untilSupervisorUp(one);
    await untilPlaced(one, 'citizen,operator', 'copy,supervisor');
    expect(await hearing(one)).toEqual({ citizen: 'operator,supervisor', operator: 'citizen,supervisor', supervisor: '' });
    expect(await one.supervise('whisper')).toEqual({ legId, mode: 'whisper' });
    await untilPlaced(one, 'citizen,operator', 'copy,supervisor');
    expect(await hearing(one)).toEqual({ citizen: 'operator,supervisor', operator: 'citizen,supervisor', supervisor: 'operator' });
    await one.supervise('barge');
    await untilPlaced(one, 'citizen,operator,supervisor', '');
    expect(await hearing(one)).toEqual({ citizen: 'operator,supervisor', operator: 'citizen,supervisor', supervisor: 'citizen,operator' });
    await one.supervise('listen');
    await untilPlaced(one, 'citizen,operator', 'copy,supervisor');
    expect((await hearing(one))['supervisor']).toBe('');
    // Held, the operator talks with one who whispers, and the citizen hears music only.
    await one.act('hold');
    await one.supervise('whisper');
    await untilPlaced(one, 'operator,supervisor', '');
    await one.act('join');
    await untilPlaced(one, 'citizen,operator', 'copy,supervisor');
    expect((await one.boss.state()).state).toBe('on_call');
    await one.leave();
    await untilPlaced(one, 'citizen,operator', '');
    expect(await one.boss.state()).toMatchObject({ state: 'not_ready', notReadyReason: 'meeting' });
    await one.desk.api.post(`/api/calls/${one.callId}/hang-up`);
    const { listens, talks } = await one.boss.api.get<{ listens: { mode: string; endedAt: string | null }[]; talks: { legIds: string[] }[] }>(`/api/calls/${one.callId}`);
    expect(listens.map((row) => row.mode)).toEqual(['listen', 'whisper', 'listen', 'whisper']);
    expect(listens.every((row) => row.endedAt !== null)).toBe(true);
    expect(talks.map((row) => row.legIds.length)).toEqual([2, 3, 2, 2, 2]);
  });

  it('whispers to an operator who hears nothing just now, for the citizen’s phone sends nothing', async () => {
    const one = await talk();
    await one.supervise('whisper');
    await untilPlaced(one, 'citizen,operator', 'copy,supervisor');
    for (const role of ['operator', 'supervisor'] as const) one.voices[role].start(await portOf(await one.legOf(role)));
    const from = Date.now();
    one.voices.supervisor.speak(true);
    await until(() => one.voices.operator.hasHeardSince(from), 'the operator hears the supervisor');
    expect(one.voices.citizen.hasHeardSince(from)).toBe(false);
    await one.leave();
    await untilPlaced(one, 'citizen,operator', '');
    await one.desk.api.post(`/api/calls/${one.callId}/hang-up`);
    await until(async () => (await city.ari<unknown[]>('/bridges')).length === 0, 'no bridge is left');
    await until(async () => (await city.ari<unknown[]>('/channels')).length === 0, 'no channel is left');
  });

  it('takes over the call and its case; the operator wraps up, and the end is the supervisor’s', async () => {
    const one = await talk();
    await one.supervise('listen');
    await untilSupervisorUp(one);
    await one.boss.api.post(`/api/calls/${one.callId}/supervision/take-over`);
    await until(async () => (await places(one)).talk === 'citizen,operator', 'the two talk');
    expect((await one.desk.state()).state).toBe('wrap_up');
    const call = await city.callOf(one.caller, () => true);
    expect(call.seatId).toBe(one.boss.seatId);
    expect((await city.caseOf(call))?.ownerId).toBe((await one.boss.api.get<{ userId: string }>('/api/auth/me')).userId);
    await one.boss.api.post(`/api/calls/${one.callId}/hang-up`);
    expect(await city.endOf(one.callId)).toMatchObject({ outcome: 'answered', endedBy: 'operator' });
    expect(await one.boss.state()).toMatchObject({ state: 'not_ready', notReadyReason: 'meeting' });
  });

  it.each([['the citizen', 'citizen', 'ended'], ['the operator', 'operator', 'ended'], ['the supervisor', 'supervisor', 'talking']] as const)(
    'goes as it would without a listener when %s hangs up', async (_, who, state) => {
      const one = await talk();
      await one.supervise('listen');
      await untilPlaced(one, 'citizen,operator', 'copy,supervisor');
      await gone(one, who);
      await until(async () => (await one.boss.state()).state === 'not_ready', 'the supervisor’s seat is free');
      expect((await city.callOf(one.caller, () => true)).state).toBe(state);
      if (state === 'talking') {
        await untilPlaced(one, 'citizen,operator', '');
        await one.desk.api.post(`/api/calls/${one.callId}/hang-up`);
      }
      await city.endOf(one.callId);
      await until(async () => (await city.ari<unknown[]>('/bridges')).length === 0, 'no bridge is left');
    });

  it('keeps the citizen, now with the supervisor, when the operator leaves a talk of three', async () => {
    const one = await talk();
    await one.supervise('barge');
    await untilPlaced(one, 'citizen,operator,supervisor', '');
    await gone(one, 'operator');
    await until(async () => (await one.desk.state()).state === 'wrap_up', 'the operator is out');
    expect(await city.callOf(one.caller, () => true)).toMatchObject({ state: 'talking', seatId: one.boss.seatId });
    one.phone.hangUp();
    expect(await city.endOf(one.callId)).toMatchObject({ outcome: 'answered', endedBy: 'citizen' });
  });

  it('follows the call to another operator', async () => {
    const one = await talk();
    const third = await seat(2, 'seat-answers');
    await one.supervise('listen');
    await untilPlaced(one, 'citizen,operator', 'copy,supervisor');
    // Each mode takes the copy down and makes it anew under its old name, at once.
    for (let count = 0; count < 20; count += 1) for (const mode of ['whisper', 'listen']) await one.supervise(mode);
    await untilPlaced(one, 'citizen,operator', 'copy,supervisor');
    await one.act('consult', { target: { seatId: third.seatId } });
    await untilPlaced(one, 'operator,operator', 'copy,supervisor');
    await one.act('leave');
    await untilPlaced(one, 'citizen,operator', 'copy,supervisor');
    const copies = (await city.ari<{ name: string }[]>('/channels')).filter((channel) => channel.name.startsWith('Snoop/'));
    expect(copies.map((copy) => copy.name.slice(6, 42))).toEqual([await one.legOf('operator')]);
    await third.api.post(`/api/calls/${one.callId}/hang-up`);
    await city.endOf(one.callId);
  });
});
