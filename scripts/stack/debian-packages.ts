import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeOnce } from './cache-folder.ts';
import { debianProgram } from './debian-program.ts';
import { atPace } from './pace.ts';
import { runTool, type ToolOptions } from './run-tool.ts';
import { SetupError, type Settings } from './settings.ts';

const packages = ['asterisk', 'asterisk-core-sounds-en-wav', 'sip-tester', 'valkey-server', 'espeak-ng', 'baresip-core'];
/** Raised when the same packages are to be laid out anew. */
const recipe = 2;
const waysOut = 'Set HOTLINE_DEBIAN_MIRROR to a Debian mirror, or use `docker compose up`.';
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
/** What Debian machines verify their packages with; other distributions have it as a package. */
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
type Context = Pick<Settings, 'signal' | 'onProgress'>;

/** The programs of Debian forky, unpacked into the cache and never installed: no root, no maintainer scripts. */
export async function fetchDebianPackages({ cacheDir, signal, onProgress }: Pick<Settings, 'cacheDir' | 'signal' | 'onProgress'>, env = process.env): Promise<string> {
  const stamp = createHash('sha256').update([recipe, ...packages].join(' ')).digest('hex').slice(0, 12);
  try {
    return await makeOnce(join(cacheDir, `debian-forky-${stamp}`), async (work) => {
      const apt = `${work}/apt`;
      await download(apt, { signal, onProgress }, env);
      await unpack(apt, work, { signal, onProgress });
    });
  } catch (error) {
    if (error instanceof SetupError || signal.aborted) throw error;
    throw new SetupError(`The telephone system could not be set up in ${cacheDir}: ${(error as Error).message}. Free some space, or choose another folder by HOTLINE_CACHE_DIR.`);
  }
}

async function download(apt: string, { signal, onProgress }: Context, env: NodeJS.ProcessEnv): Promise<void> {
  const architecture = architectures[process.arch];
  if (!architecture) throw new SetupError(`The telephone system is set up on x86-64 and arm64 only; this is ${process.arch}.`);
  mkdirSync(join(apt, 'state/lists/partial'), { recursive: true });
  mkdirSync(join(apt, 'cache/archives/partial'), { recursive: true });
  writeFileSync(join(apt, 'status'), '');
  const mirror = findMirror(env);
  writeFileSync(join(apt, 'sources.list'), `deb [arch=${architecture} signed-by=${await findKeyring(apt, signal)}] ${mirror} forky main\n`);
  // Of the machine's own settings, those for proxies and certificates count; its pins, default release and architectures do not.
  const options = [`Dir::State=${apt}/state`, `Dir::Cache=${apt}/cache`, `Dir::State::status=${apt}/status`, `Dir::Etc::sourcelist=${apt}/sources.list`,
    'Dir::Etc::sourceparts=/dev/null', 'Dir::Etc::preferences=/dev/null', 'Dir::Etc::preferencesparts=/dev/null', 'APT::Default-Release=',
    `APT::Architecture=${architecture}`, `APT::Architectures=${architecture}`, 'Acquire::Languages=none', 'Acquire::Check-Valid-Until=false',
    'APT::Install-Recommends=false', 'Debug::NoLocking=true', 'Acquire::Retries=2', 'APT::Status-Fd=3',
    ...(process.getuid?.() === 0 ? ['APT::Sandbox::User=root'] : [])].flatMap((option) => ['-o', option]);
  onProgress('Telephone system: reading the package list (Debian forky)');
  await run('apt-get', [...options, '-q', 'update', '--error-on=any'], 'The list of Debian forky could not be read.', { signal });
  onProgress('Telephone system: downloading Asterisk, SIPp, baresip, Valkey and espeak-ng (about 130 MB)');
  const tell = atPace(onProgress);
  // Source: apt's README.progress-reporting, `dlstatus:file:percent:description`.
  const onStatus = (text: string): void => {
    const percent = /.*^dlstatus:\d+:(\d+)/ms.exec(text)?.[1];
    if (percent) tell(`  downloaded ${percent} %`);
  };
  await run('apt-get', [...options, '-q', '-y', '--download-only', 'install', ...packages], 'The packages of Debian forky could not be downloaded.', { signal, onStatus });
}

async function unpack(apt: string, root: string, { signal, onProgress }: Context): Promise<void> {
  const archives = join(apt, 'cache/archives');
  const files = readdirSync(archives).filter((name) => name.endsWith('.deb'));
  onProgress(`Telephone system: unpacking ${files.length} packages`);
  const tell = atPace(onProgress);
  for (const [index, file] of files.entries()) {
    await run('dpkg-deb', ['--extract', join(archives, file), root], `${file} could not be unpacked.`, { signal });
    rmSync(join(archives, file));
    for (const unread of ['doc', 'man', 'locale']) rmSync(join(root, 'usr/share', unread), { recursive: true, force: true });
    tell(`  unpacked ${index + 1} of ${files.length}`);
  }
  rmSync(apt, { recursive: true, force: true });
  // Nobody updates these copies: under root, a passwd of theirs must not run as root for others.
  await run('chmod', ['-R', 'ug-s', root], 'The unpacked programs could not be made safe.', { signal });
  const asterisk = debianProgram(root, 'usr/sbin/asterisk');
  await run(asterisk.command, [...asterisk.args, '-V'], 'The unpacked Asterisk does not run here.', { signal });
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

/** Debian's keys: the machine's own, else (Ubuntu) those of the package that its own mirror has, verified by its own keys. */
async function findKeyring(apt: string, signal: AbortSignal): Promise<string> {
  if (existsSync(keyring)) return keyring;
  const name = 'debian-archive-keyring';
  const failure = `This machine lacks Debian's keys. Install the package ${name}, or use \`docker compose up\`.`;
  const end = await runTool('apt-get', ['-q', 'download', name], { signal, cwd: apt });
  const file = readdirSync(apt).find((entry) => entry.startsWith(name) && entry.endsWith('.deb'));
  if (!end.isGood || !file) throw new SetupError(failure);
  await run('dpkg-deb', ['--extract', join(apt, file), join(apt, 'keys')], failure, { signal });
  return join(apt, 'keys', keyring);
}

async function run(command: string, args: string[], failure: string, options: ToolOptions): Promise<void> {
  const end = await runTool(command, args, options);
  if (end.isMissing) throw new SetupError(`${command} is missing on this machine. ${waysOut}`);
  if (end.isGood) return;
  const lines = end.errors.trim().split('\n');
  const reason = (lines.find((line) => /space|quota/i.test(line)) ?? lines.find((line) => /^E:|error/i.test(line)) ?? '').trim();
  throw new SetupError(`${failure} ${reason.replace(/\.?$/, '.')} ${/space|quota/i.test(reason) ? 'Free some space, or choose another folder by HOTLINE_CACHE_DIR.' : waysOut}`);
}
