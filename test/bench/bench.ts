import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { table, type Figure } from './figure.ts';
import { measureFreeSeat } from './free-seat.ts';
import { measureMemory, measureSoak } from './memory.ts';
import { measureRecovery } from './recover.ts';
import { measureRing } from './ring.ts';
import { buildStand, type Stand } from './stand.ts';
import { measureSteady } from './steady.ts';
import { measureSurveys } from './surveys.ts';

/*
 * `npm run bench [-- ring free-seat …]`: what the hotline does in a second, beside Asterisk's own `app_queue` in the same run, with the same phones
 * and seats. Prints a table and writes it to bench.json, or where HOTLINE_BENCH_FILE says.
 */
const measures: Readonly<Record<string, (stand: Stand) => Promise<Figure[]>>> = {
  'ring': measureRing, 'free-seat': measureFreeSeat, 'steady': measureSteady, 'recover': measureRecovery, 'memory': measureMemory, 'soak': measureSoak, 'surveys': measureSurveys,
};
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(measures);
const unknown = wanted.find((name) => !(name in measures));
if (unknown) {
  process.stderr.write(`There is no figure ${unknown}; choose among ${Object.keys(measures).join(', ')}.\n`);
  process.exit(1);
}

const machine = { cpu: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`, memoryGib: Math.round(totalmem() / 2 ** 30), node: process.version };
const say = (text: string): void => { process.stdout.write(`${new Date().toISOString().slice(11, 19)}  ${text}\n`); };
const figures: Figure[] = [];
const failures: string[] = [];
const stand = await buildStand();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { void stand.stop().finally(() => process.exit(130)); });
try {
  for (const name of wanted) {
    say(`Measuring ${name}`);
    try {
      const found = await measures[name]?.(stand) ?? [];
      figures.push(...found);
      for (const one of found) say(`  ${one.name}: ${one.ours}${one.peer === '–' || one.peer === '' ? '' : `, app_queue ${one.peer}`}`);
    } catch (error) {
      failures.push(name);
      say(`  ${name} could not be measured: ${(error as Error).message}`);
    }
  }
} finally {
  await stand.stop();
}
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
const report = { at: new Date().toISOString(), commit, machine, figures, failures };
const file = process.env['HOTLINE_BENCH_FILE'] ?? 'bench.json';
writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
process.stdout.write(`\n${report.at.slice(0, 10)}, ${machine.cpu}, ${machine.memoryGib} GiB, Node ${machine.node}, commit ${commit}\n\n${table(figures)}\n\nWritten to ${file}\n`);
process.exit(failures.length > 0 || figures.some((figure) => figure.isReached === false) ? 1 : 0);
