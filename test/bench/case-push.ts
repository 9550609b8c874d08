import pg from 'pg';
import { v7 as uuid } from 'uuid';
import WebSocket from 'ws';
import { ms, type Figure } from './figure.ts';
import type { Cookies } from './fill-units.ts';

const most = 1_000;
const rounds = 5;
/** So many connections are being opened at once. */
const opening = 50;

/** Somebody in each of the 3,015 units has the inbox open, and a case that is everybody's changes: from the commit until the last one is told. */
export async function measurePush(pool: pg.Pool, origin: string, cookies: Cookies): Promise<Figure> {
  const who = [...cookies].filter(([login]) => login.startsWith('bench-staff-')).map(([, cookie]) => cookie);
  let told: ((caseId: string) => void) | undefined;
  const sockets: WebSocket[] = [];
  const open = (cookie: string): Promise<void> => new Promise((resolve, reject) => {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/api/events`, { headers: { cookie } });
    sockets.push(socket);
    socket.on('error', reject);
    socket.on('message', (data: Buffer) => {
      const event = JSON.parse(data.toString()) as { type: string; caseId?: string };
      if (event.type === 'hello') resolve();
      else if (event.caseId) told?.(event.caseId);
    });
  });
  try {
    for (let from = 0; from < who.length; from += opening) await Promise.all(who.slice(from, from + opening).map(open));
    const caseId = await insertUrgentCase(pool);
    const took: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      let heard = 0;
      const all = new Promise<number>((resolve) => { told = (id) => { if (id === caseId && (heard += 1) === who.length) resolve(performance.now()); }; });
      const client = await pool.connect();
      await client.query('begin');
      await client.query('select pg_notify($1, $2)', ['hotline_live', JSON.stringify({ type: 'case.changed', caseId })]);
      const start = performance.now();
      await client.query('commit');
      client.release();
      const late = new Promise<number>((_, reject) => { setTimeout(() => reject(new Error(`only ${heard} of ${who.length} were told`)), 20_000).unref(); });
      took.push(await Promise.race([all, late]) - start);
    }
    const slowest = Math.max(...took);
    return { name: `an urgent case told to ${who.length.toLocaleString('en')} connected inboxes, the slowest of ${rounds}`, ours: ms(slowest), peer: '', mark: `≤ ${most} ms`, isReached: slowest <= most, numbers: { slowest, connections: who.length } };
  } finally {
    for (const socket of sockets) socket.terminate();
  }
}

/** One in which every unit has a part: a typhoon. */
async function insertUrgentCase(pool: pg.Pool): Promise<string> {
  const id = uuid();
  await pool.query(`insert into cases (id, number, state, channel, type, urgency, cause, opened_at, updated_at, lead_unit_id, dispatched_at, due_at, is_supervised)
    values ($1, to_char(now() at time zone 'Asia/Shanghai', 'YYYYMMDD') || '-990001', 'in_progress', 'province', 'help', 'urgent', '台风红色预警', now(), now(), (select id from bench_units where n = 0), now(), now() + interval '1 day', true)`, [id]);
  await pool.query(`insert into case_identities (case_id, phone_kind) values ($1, 'unknown')`, [id]);
  await pool.query(`insert into case_units (id, case_id, unit_id, role, arrived_at, sign_due_at, due_at) select gen_random_uuid(), $1, id, case when n = 0 then 'lead' else 'helper' end, now(), now(), now() from bench_units`, [id]);
  return id;
}
