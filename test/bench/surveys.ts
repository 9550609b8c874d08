import { setTimeout as pause } from 'node:timers/promises';
import { v7 as uuid } from 'uuid';
import { startSipp, type Sipp } from '../../scripts/phones/sipp.ts';
import { openCase } from '../../src/cases/open-case.ts';
import { openVault } from '../../src/cases/identity/vault.ts';
import { transaction } from '../../src/db/transaction.ts';
import { until } from '../support/until.ts';
import { audioSink } from './audio-sink.ts';
import { callIn } from './crowd.ts';
import { ms, quantile, type Figure } from './figure.ts';
import { staff, untilQuiet, type Stand } from './stand.ts';

const surveys = 5_000;
const lines = 30;
const rate = 5;
const calls = 300;
const sampleMs = 250;
/** Answers by one key each, as fast as keys count. */
const presses = Array.from({ length: 4 }, () => ({ key: '1', afterMs: 500 }));

/** Accepted results of 5,000 citizens, whose phones answer at once, on 30 lines: how busy those are, and what it costs whoever calls meanwhile. */
export async function measureSurveys(stand: Stand): Promise<Figure[]> {
  const { pool } = stand;
  await pool.query(`update survey_pace set paused_at = now(), paused_by = (select id from users limit 1);
    update survey_rules set max_lines = ${lines}, trunk_lines = 1000, reserved_lines = 30, link_days = 0, windows = '[{"from": "00:00", "to": "24:00"}]'`);
  await openCases(stand);
  const count = async (test: string): Promise<number> => Number((await pool.query<{ count: string }>(`select count(*) from surveys where ${test}`)).rows[0]?.count);
  // Whoever was not reached is due on another day.
  const isDue = `state = 'due' and next_try_at <= now()`;
  await until(async () => (await count(isDue)) === surveys, 'every result has its survey', 600_000);
  const idle = await ring(stand, 300_000);
  const citizens = await answerAll(stand);
  await pool.query('update survey_pace set paused_at = null, paused_by = null');
  const beganAt = Date.now();
  const busy: number[] = [];
  const during = ring(stand, 310_000);
  while ((await count(isDue)) > lines) {
    const { rows } = await pool.query<{ count: string }>(`select count(*) from call_legs l join calls c on c.id = l.call_id where c.survey_id is not null and l.state <> 'ended'`);
    busy.push(Number(rows[0]?.count) / lines);
    await pause(sampleMs);
  }
  const tookSec = (Date.now() - beganAt) / 1_000;
  const beside = await during;
  await until(async () => (await count(`state = 'calling' or ${isDue}`)) === 0, 'every survey is over', 600_000);
  citizens.stop();
  await untilQuiet(stand);
  const completed = await count(`state = 'completed'`);
  const share = busy.reduce((sum, part) => sum + part, 0) / busy.length;
  return [
    { name: `${surveys} due surveys on ${lines} lines: busy`, ours: `${(100 * share).toFixed(1)} % (${completed} answered to the end, ${(surveys / tookSec).toFixed(1)} a second)`, peer: '', mark: '≥ 90 %', isReached: share >= 0.9,
      numbers: { share, most: Math.max(...busy), completed, tookSec } },
    { name: `INVITE → INVITE beside them, ${rate}/s, p50`, ours: `${ms(beside)} (${(beside / idle).toFixed(2)} × of ${ms(idle)} without)`, peer: '', mark: '≤ 1.2 ×', isReached: beside <= 1.2 * idle, numbers: { beside, idle } },
  ];
}

/** Results that were accepted: the last thing before the citizen is asked. */
async function openCases({ pool, own }: Stand): Promise<void> {
  openVault(own.place.env['HOTLINE_IDENTITY_KEYS'] ?? '');
  const at = new Date();
  for (let index = 0; index < surveys; index += 1) {
    await transaction(pool, (tx) => openCase(tx, { caseId: uuid(), channel: 'visit', phoneRaw: String(13_800_000_000 + index), areaCode: '0571', at }));
  }
  await pool.query(`update cases set state = 'callback', callback_reason = 'feedback', survey_round = 1, public_reply = '已办理' where channel = 'visit' and state = 'draft'; analyze`);
}

async function answerAll({ own: { place } }: Stand): Promise<Sipp> {
  const phones = startSipp(place.root, { scenario: 'phone-keys', service: 'citizens', remotePort: Number(place.env['HOTLINE_TRUNK_SIP_PORT']), localPort: Number(place.env['TEST_TRUNK_PEER_PORT']), values: { RING_MS: 50 }, presses,
    mediaPort: await audioSink(), calls: 10_000_000, timeoutSec: 7_200 });
  process.once('exit', () => phones.stop());
  await phones.bound;
  return phones;
}

/** From a citizen's INVITE to the seat's, milliseconds, half of them sooner. */
async function ring(stand: Stand, first: number): Promise<number> {
  const phones = await staff(stand, 50, { RING_MS: 100, TALK_MS: 600_000 });
  await callIn(stand.own.place, { calls: 100, rate, talkMs: 3_000, first: first + calls });
  const { log, failed } = await callIn(stand.own.place, { calls, rate, talkMs: 3_000, first });
  if (failed > 0) throw new Error(`${failed} of ${calls} calls failed`);
  const rung = new Map((await phones.log()).filter((line) => line.what === 'invite').map((line) => [line.caller, line.atMs]));
  return quantile(log.filter((line) => line.what === 'invite').flatMap(({ caller, atMs }) => rung.get(caller) === undefined ? [] : [(rung.get(caller) ?? NaN) - atMs]), 0.5);
}
