import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import type { Result } from './scene.ts';

const columns: Record<string, (one: Result) => string> = {
  'Fault': (one) => one.fault, 'Calls live': (one) => String(one.live), 'Calls lost': (one) => String(one.lost), 'Cases missing': (one) => String(one.missing),
  'First new call rings, s': (one) => shown(one.ringsSec), 'by the service, s': (one) => shown(one.servedSec), 'All there again, s': (one) => shown(one.wholeSec),
  'Violations': (one) => String(one.violations.length),
};

/** Prints the table, and writes it as JSON to the file that FAULTS_JSON names. */
export function report(results: readonly Result[], about: { readonly asterisk: string; readonly isShort: boolean; readonly seed: number }): void {
  const machine = { cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.versions.node, asterisk: about.asterisk };
  const head = [line(Object.keys(columns)), line(Object.keys(columns).map(() => '---'))];
  process.stdout.write(`\n${new Date().toISOString()}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}, Asterisk ${machine.asterisk}, seed ${about.seed}\n`);
  process.stdout.write(`${[...head, ...results.map(rowOf)].join('\n')}\n\n`);
  const file = process.env['FAULTS_JSON'];
  if (file) writeFileSync(file, JSON.stringify({ at: new Date().toISOString(), machine, ...about, faults: results }, null, 2));
}

export function rowOf(result: Result): string {
  return line(Object.values(columns).map((cell) => cell(result)));
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function shown(seconds: number | null): string {
  return seconds === null ? 'never' : seconds.toFixed(1);
}
