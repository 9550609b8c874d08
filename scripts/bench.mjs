// `npm run bench`: the set-up of `npm start`, then the yardstick of test/bench.
import { spawnSync } from 'node:child_process';
import { installPackages } from './install.mjs';

await installPackages();
process.exit(spawnSync(process.execPath, ['--import', 'tsx', 'test/bench/bench.ts', ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1);
