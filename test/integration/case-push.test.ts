import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { caseDesk } from '../support/case-desk.ts';
import { hotline } from '../support/hotline.ts';
import { ask, type Person } from '../support/people.ts';
import { until } from '../support/until.ts';

type Heard = { type: string; caseId?: string; urgency?: string; number?: string };

describe('an urgent case', () => {
  const city = hotline();
  const { pool, origin } = city;
  let desk: Awaited<ReturnType<typeof caseDesk>>;
  const sockets: WebSocket[] = [];
  beforeAll(async () => { desk = await caseDesk(pool, origin); });
  afterAll(async () => {
    for (const socket of sockets) socket.terminate();
    await city.close();
  });
  const listen = async (who: Person): Promise<Heard[]> => {
    const heard: Heard[] = [];
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/api/events`, { headers: { cookie: who.cookie } });
    sockets.push(socket);
    socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString()) as Heard));
    await until(() => heard.some((event) => event.type === 'hello'), 'the socket is open');
    return heard;
  };
  const pushed = (heard: readonly Heard[], id: string) => heard.filter((event) => event.type === 'case.pushed' && event.caseId === id);

  it('is pushed to the unit and to those above, by ids only, and again with each connection until it was seen', async () => {
    const { people, units } = desk;
    const [street, roads, top, water, dispatcher] = await Promise.all([people.street, people.roads, people.city, people.water, people.dispatcher].map(listen));
    const id = await desk.saved({ urgency: 'urgent', cause: '燃气泄漏' });
    await desk.done(people.dispatcher, id, 'dispatch', { leadUnitId: units.street });
    for (const heard of [street, roads, top]) await until(() => pushed(heard ?? [], id).length === 1, 'everybody who should is told');
    expect(JSON.stringify(pushed(street ?? [], id))).not.toContain('燃气');
    expect([pushed(water ?? [], id), pushed(dispatcher ?? [], id)]).toEqual([[], []]);
    const again = await listen(people.street);
    await until(() => pushed(again, id).length === 1, 'it is pushed again');
    expect((await ask(origin, 'POST', `/api/cases/${id}/acknowledge`, { as: people.street })).status).toBe(204);
    expect((await ask(origin, 'POST', `/api/cases/${id}/acknowledge`, { as: people.street })).status).toBe(204);
    expect((await ask(origin, 'POST', `/api/cases/${id}/acknowledge`, { as: people.water })).status).toBe(404);
    expect((await ask(origin, 'POST', `/api/cases/${id}/acknowledge`, { as: people.dispatcher })).status).toBe(403);
    expect((await ask(origin, 'GET', `/api/cases/${id}/acknowledgements`, { as: people.dispatcher })).body).toMatchObject({ items: [{ userId: people.street.id, unitId: units.street }] });
    const seen = await listen(people.street);
    const above = await listen(people.roads);
    await until(() => pushed(above, id).length === 1, 'the one above has not seen it');
    expect(pushed(seen, id)).toEqual([]);
  });

  it('is never pushed to the unit that it is about, nor below it, and an ordinary one to nobody', async () => {
    const { people, units } = desk;
    const [roads, street, top] = await Promise.all([people.roads, people.street, people.city].map(listen));
    const about = await desk.saved({ type: 'complaint', urgency: 'urgent', aboutUnitId: units.roads });
    const ordinary = await desk.saved();
    await desk.done(people.dispatcher, ordinary, 'dispatch', { leadUnitId: units.street });
    await desk.done(people.dispatcher, about, 'dispatch', { leadUnitId: units.city });
    await until(() => pushed(top ?? [], about).length === 1, 'the city is told');
    expect([roads, street].flatMap((heard) => pushed(heard ?? [], about))).toEqual([]);
    expect([roads, street, top].flatMap((heard) => pushed(heard ?? [], ordinary))).toEqual([]);
  });
});
