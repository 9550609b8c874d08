// `npm run test:faults`: the set-up of `npm start`, then every fault of test/faults; `-- -t name` for one.
import { spawnSync } from 'node:child_process';
import { installPackages } from './install.mjs';

await installPackages();
const { status } = spawnSync('node_modules/.bin/vitest', ['run', '--project', 'faults', ...process.argv.slice(2)], { stdio: 'inherit', env: { ...process.env, FAULTS: 'all' } });
process.exit(status ?? 1);
