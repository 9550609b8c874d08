import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node.js 20.19 or newer is needed (24 is the one to deploy); this is ${process.version}.`);
  process.exit(1);
}
const setpriv = '/usr/bin/setpriv';

/** `npm ci`, only when package-lock.json is not the one that was installed; needs no network otherwise. */
export async function installPackages() {
  const stamp = 'node_modules/.hotline-stamp';
  const wanted = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  if (lstatSync('node_modules', { throwIfNoEntry: false })?.isSymbolicLink()) {
    console.error('node_modules is a link, and installing would empty the folder that it leads to. Remove the link, then start again.');
    process.exit(1);
  }
  console.log('Installing the packages (npm ci)');
  const errors = (await npmCi()) || findBroken();
  if (errors === '') {
    writeFileSync(stamp, wanted); // in node_modules, which the next `npm ci` empties: half of it never counts as whole
    return;
  }
  console.error(/ENOSPC|no space/i.test(errors)
    ? 'The packages could not be installed: the disk is full. Free some space, then start again.'
    : `The packages could not be installed: ${errors.split('\n').find((line) => /error/i.test(line)) ?? errors}. Check the network and the npm registry setting (npm config get registry), then start again.`);
  process.exit(1);
}

/** `npm ci` passes over packages that may be missing on some platform, also when it is a full disk that cut ours off. */
function findBroken() {
  const { bavail, bsize } = statfsSync('node_modules');
  if (bavail * bsize < 10 << 20) return 'ENOSPC';
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const isOurs = (given, own) => !given || given.includes(own) || (given[0].startsWith('!') && !given.includes(`!${own}`));
  for (const [folder, { version, link, optional, os, cpu, libc }] of Object.entries(packages)) {
    const isMaybe = optional && !os && !cpu; // what only another platform's package needs
    if (!folder.startsWith('node_modules/') || link || isMaybe || !isOurs(os, process.platform) || !isOurs(cpu, process.arch) || !isOurs(libc, 'glibc')) continue;
    try {
      if (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version === version) continue;
    } catch {
      // missing or cut off
    }
    return `error: ${folder} is not whole`;
  }
  return '';
}

/** Returns what went wrong, or nothing. It ends with us, even when we are killed: two of them in one node_modules would spoil it. */
async function npmCi() {
  const args = ['ci', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error'];
  const [program, words] = existsSync(setpriv) ? [setpriv, ['--pdeathsig', 'KILL', '--', 'npm', ...args]] : ['npm', args];
  // A process group of its own: a terminal's Ctrl-C reaches only us.
  const child = spawn(program, words, { detached: true, stdio: ['ignore', 'inherit', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk) => { errors += chunk; });
  const startedAt = Date.now();
  const pace = setInterval(() => console.log(`  still installing, ${Math.round((Date.now() - startedAt) / 1000)} s`), 5_000);
  let stoppedBy;
  const stop = (signal) => {
    stoppedBy = signal;
    process.kill(-child.pid, 'SIGKILL');
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, stop);
  const status = await new Promise((resolve) => {
    child.once('error', (error) => resolve(String(error)));
    child.once('close', resolve);
  });
  clearInterval(pace);
  if (stoppedBy) process.exit(130);
  for (const signal of signals) process.removeListener(signal, stop);
  return status === 0 ? '' : errors.trim() || `npm ci ended with ${status}`;
}
