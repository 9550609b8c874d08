import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node.js 20.19 or newer is needed (24 is the one to deploy); this is ${process.version}.`);
  process.exit(1);
}

/** `npm ci`, only when package-lock.json is not the one that was installed; needs no network otherwise. */
export function installPackages() {
  const stamp = 'node_modules/.hotline-stamp';
  const wanted = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.log('Installing the packages (npm ci)');
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { stdio: 'inherit' });
  if (result.status !== 0) {
    console.error('The packages could not be installed: check the network and the npm registry setting (npm config get registry), then start again.');
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}

/** Runs a TypeScript file of ours; signals and the exit code pass through. */
export function runTypeScript(file) {
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}
