// `npm test`: the set-up of `npm start`, then the checks and every tier; goes on after a failure and ends with `N passed, N failed`.
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPackages } from './install.mjs';

const checks = { types: ['tsc', '--noEmit'], lint: ['eslint', '.'], dependencies: ['depcruise', 'src', '--config', '.dependency-cruiser.cjs'], unused: ['knip'] };
/**
 * One stage after the other; in each the lanes beside each other, in a lane check after check, tier after tier. Those with real servers wait more than they work. With
 * `asterisk`, where phones follow scripts, and `faults`, judged by times, nothing runs that starts and kills servers all the time.
 */
const stages = [[Object.keys(checks), ['unit']], [['asterisk']], [['telephony', 'setup', 'stories', 'e2e'], ['restarts', 'integration']], [['faults']]];
/** Tiers whose files are shared out among several stacks. */
const stacks = { asterisk: 3 };

await installPackages();
const folder = mkdtempSync(join(tmpdir(), 'hotline-report-'));
const startedAt = Date.now();
const minutes = () => `${Math.round((Date.now() - startedAt) / 60_000)} min`;
const running = new Set();
const pace = setInterval(() => console.log(`-- ${minutes()}: ${[...running].join(', ')} still running`), 60_000);
let passed = 0;
let failed = 0;
/** What failed, told once more at the end, first with its traces and then in a line each: the middle of a long output is what gets lost. */
const failures = [];

const cache = await run('cache', process.execPath, ['--import', 'tsx', 'scripts/fill-cache.ts']);
if (!cache.isGood) tell('cache', cache.output, 0, 1);
for (const lanes of stages) {
  await Promise.all(lanes.map(async (names) => {
    for (const name of names) await (name in checks ? check(name) : test(name));
  }));
}
clearInterval(pace);
rmSync(folder, { recursive: true, force: true });
for (const failure of failures) console.log(`FAILED ${failure}`);
for (const failure of failures) console.log(`FAILED ${failure.split('\n', 2).join(': ').slice(0, 300)}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

async function check(name) {
  const [program, ...args] = checks[name];
  const { isGood, output } = await run(name, `node_modules/.bin/${program}`, args);
  tell(name, output, isGood ? 1 : 0, isGood ? 0 : 1);
}

async function test(tier) {
  const file = join(folder, `${tier}.json`);
  const { isGood, output } = await run(tier, 'node_modules/.bin/vitest', ['run', '--project', tier, '--reporter=verbose', '--reporter=json', `--outputFile.json=${file}`], { TEST_STACKS: String(stacks[tier] ?? 1) });
  const report = read(file);
  // A tier that broke before or beside its tests counts as a failure of its own.
  const broke = !report || (!isGood && report.numFailedTests === 0) || report.numPassedTests + report.numFailedTests === 0 ? 1 : 0;
  tell(tier, output, report?.numPassedTests ?? 0, (report?.numFailedTests ?? 0) + broke);
  for (const { name, message, assertionResults } of report?.testResults ?? []) {
    const bad = assertionResults.filter(({ status }) => status === 'failed');
    for (const { fullName, failureMessages } of bad) failures.push(`${tier}: ${fullName}\n${failureMessages.join('\n').slice(0, 1_000)}`);
    if (bad.length === 0 && message) failures.push(`${tier}: ${name}\n${message.slice(0, 1_500)}`);
  }
  if (broke) failures.push(`${tier}: broke beside its tests`);
}

/** Into a file, so that what runs at once can be printed one after the other. */
async function run(name, program, args, env = {}) {
  console.log(`-- ${minutes()}: ${name} begins`);
  running.add(name);
  const log = openSync(join(folder, `${name}.log`), 'w');
  const child = spawn(program, args, { stdio: ['ignore', log, log], env: { ...process.env, ...env } });
  const isGood = await new Promise((resolve) => {
    child.once('error', (error) => { console.error(error.message); resolve(false); });
    child.once('exit', (status) => resolve(status === 0));
  });
  closeSync(log);
  running.delete(name);
  return { isGood, output: readFileSync(join(folder, `${name}.log`), 'utf8') };
}

function tell(name, output, good, bad) {
  passed += good;
  failed += bad;
  process.stdout.write(output);
  console.log(`== ${name}: ${good} passed, ${bad} failed`);
  if (bad > 0 && name in checks) failures.push(name);
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined; // the tier wrote no report
  }
}
