import { execFileSync } from 'node:child_process';
import { statfsSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import pg from 'pg';
import { startOwnStack } from '../support/own-stack.ts';
import { caseMeasures, figureOf, take, type Measure } from './case-measures.ts';
import { measurePush } from './case-push.ts';
import { ms, quantile, table, type Figure } from './figure.ts';
import { fillCases } from './fill-cases.ts';
import { fillUnits, unitCount, type Cookies } from './fill-units.ts';

/*
 * `npm run bench:cases [-- 200000]`: lists, searches and acts among millions of cases, through the API, beside the same of a hotline's first day; in a
 * stack of its own, as durable as `npm start`'s. Prints a table and writes it to bench-cases.json, or where HOTLINE_BENCH_FILE says.
 */
const cases = Number(process.argv[2] ?? 5_000_000);
if (!Number.isInteger(cases) || cases < 10_000) {
  process.stderr.write('Give how many cases there are to be, 10000 or more.\n');
  process.exit(1);
}
const firstDay = 3_000;
/** A filled case with its indexes, bytes; as much again while they are built and logged. */
const bytesACase = 2 * 2_600;
const say = (text: string): void => { process.stdout.write(`${new Date().toISOString().slice(11, 19)}  ${text}\n`); };

const own = await startOwnStack(false);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { void own.stop().finally(() => process.exit(130)); });
const { dataDir, env } = own.place;
const url = env['DATABASE_URL'] ?? '';
const origin = `http://127.0.0.1:${env['HOTLINE_HTTP_PORT'] ?? ''}`;
const figures: Figure[] = [];
const pool = new pg.Pool({ connectionString: url, max: 2 });
try {
  const free = statfsSync(dataDir);
  if (free.bavail * free.bsize < cases * bytesACase) throw new Error(`${Math.round(cases * bytesACase / 1e9)} GB must be free in ${dataDir}; HOTLINE_DATA_DIR or TMPDIR may lead elsewhere`);
  const cookies = await fillUnits(pool);
  const unitIds = await idsOf('select id from bench_units order by n');
  const few = await measureAll(firstDay, cookies, unitIds);
  const many = await measureAll(cases, cookies, unitIds);
  for (const [index, [measure, took]] of many.entries()) figures.push(figureOf(measure, took, few[index]?.[1] ?? []));
  say(`Connecting ${unitCount.toLocaleString('en')} inboxes`);
  figures.push(await measurePush(pool, origin, cookies));
} finally {
  await pool.end();
  await own.stop();
}

async function idsOf(text: string): Promise<string[]> {
  return (await pool.query<{ id: string }>(text)).rows.map((row) => row.id);
}

/** Every measure among so many cases, with how long each of its times took, milliseconds. */
async function measureAll(count: number, cookies: Cookies, unitIds: readonly string[]): Promise<(readonly [Measure, number[]])[]> {
  say(`Filling ${count.toLocaleString('en')} cases`);
  await fillCases(url, { cases: count, say: (line) => say(`  ${line}`) });
  await pool.query('update sessions set last_seen_at = now()'); // the filling is no idling
  const seen = await idsOf('select id from cases order by id limit 200');
  const taken: (readonly [Measure, number[]])[] = [];
  for (const measure of caseMeasures({ origin, cookies, unitIds, seen })) {
    const took = await take(measure);
    taken.push([measure, took]);
    say(`  ${measure.name}: ${ms(quantile(took, 0.5))} / ${ms(quantile(took, 0.95))}`);
  }
  return taken;
}

const machine = { cpu: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`, memoryGib: Math.round(totalmem() / 2 ** 30), node: process.version };
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
const report = { at: new Date().toISOString(), commit, machine, cases, figures };
const file = process.env['HOTLINE_BENCH_FILE'] ?? 'bench-cases.json';
writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
const names: [string, string] = [`${cases.toLocaleString('en')} cases, p50 / p95`, `${firstDay.toLocaleString('en')} cases, p50 / p95`];
process.stdout.write(`\n${report.at.slice(0, 10)}, ${machine.cpu}, ${machine.memoryGib} GiB, Node ${machine.node}, commit ${commit}\n\n${table(figures, names)}\n\nWritten to ${file}\n`);
process.exit(figures.some((figure) => figure.isReached === false) ? 1 : 0);
