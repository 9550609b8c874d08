import { rmSync } from 'node:fs';
import { startAsterisk } from './asterisk.ts';
import { fetchDebianPackages } from './debian-packages.ts';
import { holdDataFolder } from './data-folder.ts';
import { stopLeftovers, type Part } from './part.ts';
import { requireFreePorts } from './ports.ts';
import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';
import { loadSecrets, type Settings } from './settings.ts';

export type Server = { readonly part: Part; readonly start: () => Promise<void> };
export type Stack = {
  /** Folder of the unpacked Debian programs, for phones. */
  readonly root: string;
  /** What the service reads from its environment. */
  readonly env: Record<string, string>;
  readonly servers: Readonly<Record<string, Server>>;
  stop(): Promise<void>;
};

/** Brings PostgreSQL, Redis and Asterisk up; parts named in the environment are used instead of embedded ones. */
export async function startStack(settings: Settings, env: NodeJS.ProcessEnv = process.env): Promise<Stack> {
  const release = await holdDataFolder(settings);
  const servers: Record<string, Server> = {};
  let runDir: string | undefined;
  const stop = async (): Promise<void> => {
    if (servers['asterisk']) await servers['asterisk'].part.stop(5_000);
    if (servers['redis']) await servers['redis'].part.stop();
    if (servers['postgres']) await servers['postgres'].part.stop();
    if (runDir) rmSync(runDir, { recursive: true, force: true });
    release();
  };
  try {
    const { ports } = settings;
    await stopLeftovers(settings.dataDir);
    await requireFreePorts(settings, env);
    const secrets = loadSecrets(settings.dataDir);
    const root = await fetchDebianPackages(settings, env);
    const values: Record<string, string> = {
      HOTLINE_HTTP_HOST: settings.listen, HOTLINE_HTTP_PORT: String(ports.http), HOTLINE_DATA_DIR: settings.dataDir,
      HOTLINE_SEAT_SIP_PORT: String(ports.seatSip), HOTLINE_TRUNK_SIP_PORT: String(ports.trunkSip),
      HOTLINE_CASE_CODE_KEY: env['HOTLINE_CASE_CODE_KEY'] ?? secrets.caseCode,
      HOTLINE_IDENTITY_KEYS: env['HOTLINE_IDENTITY_KEYS'] ?? `first:${secrets.identity}`,
      HOTLINE_DEMO_OPERATORS: env['HOTLINE_DEMO_OPERATORS'] ?? 'true',
    };
    settings.onProgress('Starting PostgreSQL, Valkey and Asterisk');
    if (!env['DATABASE_URL']) {
      const postgres = await startPostgres(settings, secrets);
      servers['postgres'] = postgres;
      values['DATABASE_URL'] = postgres.url;
    }
    if (!env['REDIS_URL']) {
      const redis = await startRedis(settings, root);
      servers['redis'] = redis;
      values['REDIS_URL'] = redis.url;
    }
    if (!env['ASTERISK_ARI_URL']) {
      const asterisk = await startAsterisk(settings, secrets, root);
      servers['asterisk'] = asterisk;
      runDir = asterisk.runDir;
      Object.assign(values, {
        ASTERISK_ARI_URL: `http://127.0.0.1:${ports.ari}/ari`, ASTERISK_ARI_USER: 'hotline', ASTERISK_ARI_PASSWORD: secrets.ari,
        ASTERISK_AMI_HOST: '127.0.0.1', ASTERISK_AMI_PORT: String(ports.ami), ASTERISK_AMI_USER: 'hotline', ASTERISK_AMI_PASSWORD: secrets.ami,
        HOTLINE_RECORDINGS_DIR: asterisk.recordingsDir, HOTLINE_PROMPTS_DIR: asterisk.promptsDir,
      });
    }
    return { root, env: values, servers, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
