import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { debianProgram, moduleFolder } from './debian-program.ts';
import { Part } from './part.ts';
import { makePrompts } from './prompts.ts';
import { SetupError, type Secrets, type Settings } from './settings.ts';

const configuration = fileURLToPath(new URL('../../asterisk-conf', import.meta.url));

/** Asterisk with our configuration, on its own folders below the data folder. */
export async function startAsterisk(settings: Settings, secrets: Secrets, root: string): Promise<{ part: Part; start: () => Promise<void>; recordingsDir: string; promptsDir: string; runDir: string }> {
  const home = join(settings.dataDir, 'asterisk');
  const recordingsDir = join(settings.dataDir, 'recordings');
  const folders = { ETC: join(home, 'etc'), VAR: join(home, 'var'), DATA: join(home, 'data'), SPOOL: join(home, 'spool'), LOG: join(home, 'log'),
    RUN: runFolder(home) };
  // Asterisk looks into the folder of its language first, so a recording there wins over the spoken prompt of its name.
  const promptsDir = join(folders.DATA, 'sounds/zh/hotline');
  // The records of Asterisk's own queue; the service looks for them here as well (telephony/own-queue-records.ts).
  const recordsDir = join(recordingsDir, 'own-queue');
  for (const folder of [...Object.values(folders), join(folders.VAR, 'keys'), recordingsDir, recordsDir, promptsDir]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (statSync(folders.RUN).uid !== process.getuid?.()) throw new SetupError(`${folders.RUN} belongs to another user. Remove it, or choose another data folder by HOTLINE_DATA_DIR.`);
  layOutData(root, folders.DATA);
  await makePrompts(settings, root, join(folders.DATA, 'sounds'), join(folders.DATA, 'moh'));
  const { ports } = settings;
  render(folders.ETC, { ...folders, RECORDS: recordsDir, MODULES: moduleFolder(root), ARI_HOST: '127.0.0.1', ARI_PORT: ports.ari, ARI_USER: 'hotline', ARI_PASSWORD: secrets.ari,
    AMI_HOST: '127.0.0.1', AMI_PORT: ports.ami, AMI_USER: 'hotline', AMI_PASSWORD: secrets.ami, SIP_HOST: settings.listen, TRUNK_PORT: ports.trunkSip,
    SEAT_PORT: ports.seatSip, TRUNK_PEER: settings.trunkPeer, TRUNK_ADDRESSES: settings.trunkAddresses, RTP_START: ports.rtpStart, RTP_END: ports.rtpEnd });
  const program = debianProgram(root, 'usr/sbin/asterisk');
  const part = new Part({ name: 'asterisk', dataDir: settings.dataDir, signal: settings.signal, command: program.command, args: [...program.args, '-f', '-C', join(folders.ETC, 'asterisk.conf')] });
  const start = (): Promise<void> => part.start(() => isAriReady(ports.ari, secrets.ari));
  await start();
  return { part, start, recordingsDir, promptsDir, runDir: folders.RUN };
}

/** Where the control socket lies: its path must stay under 108 characters, however deep the data folder lies. */
function runFolder(home: string): string {
  const inside = join(home, 'run');
  if (join(inside, 'asterisk.ctl').length < 108) return inside;
  return join(tmpdir(), `hotline-${createHash('sha256').update(home).digest('hex').slice(0, 16)}`);
}

function render(etc: string, values: Readonly<Record<string, string | number>>): void {
  for (const name of readdirSync(configuration).filter((file) => file.endsWith('.conf'))) {
    const text = readFileSync(join(configuration, name), 'utf8').replaceAll(/\{\{([A-Z_]+)\}\}/g, (_, key: string) => {
      const value = values[key];
      if (value === undefined) throw new Error(`asterisk-conf/${name} asks for ${key}, which is not known`);
      return String(value);
    });
    writeFileSync(join(etc, name), text, { mode: 0o600 });
  }
}

/** Asterisk's own sounds and documentation, which ARI refuses to start without. */
function layOutData(root: string, data: string): void {
  for (const folder of ['documentation', 'rest-api', 'sounds']) {
    const from = join(root, 'usr/share/asterisk', folder);
    // Links: a copy cut off by a full disk looks like one. What an earlier version copied makes room for them.
    if (folder !== 'sounds') link(from, join(data, folder));
    else for (const language of readdirSync(from)) link(join(from, language), join(data, folder, language));
  }
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { recursive: true, force: true });
  symlinkSync(target, path);
}

/** Fully booted: ARI answers. */
async function isAriReady(port: number, password: string): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/ari/asterisk/info`, { headers: { authorization: `Basic ${Buffer.from(`hotline:${password}`).toString('base64')}` }, signal: AbortSignal.timeout(2_000) });
    return answer.ok;
  } catch {
    return false; // not listening yet
  }
}
