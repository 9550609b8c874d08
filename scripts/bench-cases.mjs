// `npm run bench:cases`: the set-up of `npm start`, then lists and searches among millions of cases, of test/bench.
import { spawnSync } from 'node:child_process';
import { installPackages } from './install.mjs';

await installPackages();
process.exit(spawnSync(process.execPath, ['--import', 'tsx', 'test/bench/cases.ts', ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1);
