import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeOnce } from './cache-folder.ts';
import { SetupError } from './settings.ts';

const packages = ['asterisk', 'asterisk-core-sounds-en-wav', 'sip-tester', 'valkey-server', 'espeak-ng', 'baresip-core'];
const waysOut = 'Set HOTLINE_DEBIAN_MIRROR to a Debian mirror, or use `docker compose up`.';

/** The programs of Debian forky, unpacked into the cache and never installed: no root, no maintainer scripts. */
export function fetchDebianPackages(cacheDir: string, onProgress: (line: string) => void, env = process.env): string {
  const stamp = createHash('sha256').update(packages.join(' ')).digest('hex').slice(0, 12);
  try {
    return makeOnce(join(cacheDir, `debian-forky-${stamp}`), (work) => {
      const apt = `${work}/apt`;
      download(apt, onProgress, env);
      unpack(apt, work, onProgress);
      rmSync(apt, { recursive: true, force: true });
    });
  } catch (error) {
    if (error instanceof SetupError) throw error;
    throw new SetupError(`The telephone system could not be set up in ${cacheDir}: ${(error as Error).message}. Free some space, or choose another folder by HOTLINE_CACHE_DIR.`);
  }
}

function download(apt: string, onProgress: (line: string) => void, env: NodeJS.ProcessEnv): void {
  mkdirSync(join(apt, 'state/lists/partial'), { recursive: true });
  mkdirSync(join(apt, 'cache/archives/partial'), { recursive: true });
  writeFileSync(join(apt, 'status'), '');
  writeFileSync(join(apt, 'sources.list'), `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${findMirror(env)} forky main\n`);
  const options = [`Dir::State=${apt}/state`, `Dir::Cache=${apt}/cache`, `Dir::State::status=${apt}/status`, `Dir::Etc::sourcelist=${apt}/sources.list`,
    'Dir::Etc::sourceparts=/dev/null', 'Acquire::Check-Valid-Until=false', 'APT::Install-Recommends=false', 'Debug::NoLocking=true',
    'Acquire::Retries=2', ...(process.getuid?.() === 0 ? ['APT::Sandbox::User=root'] : [])].flatMap((option) => ['-o', option]);
  onProgress('Telephone system: reading the package list (Debian forky)');
  run('apt-get', [...options, '-q', 'update', '--error-on=any'], 'The list of Debian forky could not be read.');
  onProgress('Telephone system: downloading Asterisk, SIPp, baresip, Valkey and espeak-ng (about 130 MB)');
  run('apt-get', [...options, '-q', '-y', '--download-only', 'install', ...packages], 'The packages of Debian forky could not be downloaded.');
}

function unpack(apt: string, root: string, onProgress: (line: string) => void): void {
  const archives = join(apt, 'cache/archives');
  const files = readdirSync(archives).filter((name) => name.endsWith('.deb'));
  onProgress(`Telephone system: unpacking ${files.length} packages`);
  for (const file of files) {
    run('sh', ['-c', `dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --no-same-owner --exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/locale`, 'sh', join(archives, file), root],
      `${file} could not be unpacked; the disk may be full.`);
  }
}

/** The mirror this machine's own apt uses. */
function findMirror(env: NodeJS.ProcessEnv): string {
  if (env['HOTLINE_DEBIAN_MIRROR']) return env['HOTLINE_DEBIAN_MIRROR'];
  const targets = spawnSync('apt-get', ['indextargets', '--format', '$(SITE) $(ORIGIN)'], { encoding: 'utf8' });
  if (targets.error) throw new SetupError(`This machine has no apt. ${waysOut}`);
  const sites = targets.stdout.split('\n').filter((line) => line.endsWith(' Debian')).map((line) => line.split(' ')[0] ?? '').filter((site) => !site.includes('security'));
  const all = targets.stdout.split('\n').map((line) => line.split(' ')[0] ?? '').filter((site) => /\/debian\/?$/.test(site));
  const site = sites[0] ?? all[0];
  if (!site) throw new SetupError(`This machine's apt has no Debian mirror. ${waysOut}`);
  return site;
}

function run(command: string, args: string[], failure: string): void {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 << 20, env: { ...process.env, LC_ALL: 'C' } });
  if (result.error) throw new SetupError(`${command} is missing on this machine. ${waysOut}`);
  if (result.status !== 0) {
    const reason = result.stderr.split('\n').find((line) => /^E:|space|error/i.test(line)) ?? '';
    throw new SetupError(`${failure} ${reason.trim()} ${waysOut}`);
  }
}
