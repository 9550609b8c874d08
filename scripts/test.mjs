// `npm test`: the set-up of `npm start`, then every tier; goes on after a failure and ends with `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPackages } from './install.mjs';

await installPackages();
const checks = { types: ['tsc', '--noEmit'], lint: ['eslint', '.'], dependencies: ['depcruise', 'src', '--config', '.dependency-cruiser.cjs'], unused: ['knip'] };
const tiers = ['unit', 'setup', 'telephony', 'integration', 'asterisk', 'restarts', 'faults', 'e2e'];
const folder = mkdtempSync(join(tmpdir(), 'hotline-report-'));
let passed = 0;
let failed = 0;

function count(name, good, bad) {
  passed += good;
  failed += bad;
  console.log(`== ${name}: ${good} passed, ${bad} failed`);
}
for (const [name, [program, ...args]] of Object.entries(checks)) {
  const result = spawnSync(`node_modules/.bin/${program}`, args, { stdio: 'inherit' });
  count(name, result.status === 0 ? 1 : 0, result.status === 0 ? 0 : 1);
}
for (const tier of tiers) {
  const file = join(folder, `${tier}.json`);
  const result = spawnSync('node_modules/.bin/vitest', ['run', '--project', tier, '--reporter=verbose', '--reporter=json', `--outputFile.json=${file}`], { stdio: 'inherit' });
  const report = read(file);
  // A tier that broke before or beside its tests counts as a failure of its own.
  const broke = !report || (result.status !== 0 && report.numFailedTests === 0) || report.numPassedTests + report.numFailedTests === 0 ? 1 : 0;
  count(tier, report?.numPassedTests ?? 0, (report?.numFailedTests ?? 0) + broke);
}
rmSync(folder, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined; // the tier wrote no report
  }
}
