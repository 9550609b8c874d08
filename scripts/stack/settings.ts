import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** A mistake the person at the keyboard can mend: printed as one line, exit code 1. */
export class SetupError extends Error {}

/** A program of the stack failed, for whatever reason it gives; on a full disk it may give none. */
export class ProgramError extends SetupError {}

export type Ports = { http: number; postgres: number; redis: number; ari: number; ami: number; trunkSip: number; seatSip: number; rtpStart: number; rtpEnd: number };
export type Settings = {
  readonly dataDir: string;
  readonly cacheDir: string;
  readonly listen: string;
  /** Where this machine reaches what listens on `listen`. */
  readonly reach: string;
  readonly ports: Ports;
  readonly trunkAddresses: string;
  readonly trunkPeer: string;
  /** Tests only: trades durability for speed. */
  readonly isThrowAway: boolean;
  readonly onProgress: (line: string) => void;
  /** Aborted when everything is to stop, also what is still being set up. */
  readonly signal: AbortSignal;
};

/** Every setting of the stack, from the environment; see README.md "Settings". */
export function readSettings(given: NodeJS.ProcessEnv, signal = new AbortController().signal): Settings {
  // Set to nothing counts as not set: an empty HOTLINE_LISTEN would else listen everywhere.
  const env = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
  const port = (name: string, otherwise: number): number => {
    const value = Number(env[name] ?? otherwise);
    if (!Number.isInteger(value) || value < 1 || value > 65535) throw new SetupError(`${name} must be a port number from 1 to 65535`);
    return value;
  };
  const isRoot = process.getuid?.() === 0;
  const ports: Ports = {
    http: port('HOTLINE_HTTP_PORT', 8345), postgres: port('HOTLINE_POSTGRES_PORT', 8432), redis: port('HOTLINE_REDIS_PORT', 8379),
    ari: port('HOTLINE_ARI_PORT', 8088), ami: port('HOTLINE_AMI_PORT', 5038),
    trunkSip: port('HOTLINE_TRUNK_SIP_PORT', 5060), seatSip: port('HOTLINE_SEAT_SIP_PORT', 5062),
    rtpStart: port('HOTLINE_RTP_START', 20000), rtpEnd: port('HOTLINE_RTP_END', 24999),
  };
  requireDifferent(ports);
  const listen = env['HOTLINE_LISTEN'] ?? '127.0.0.1';
  return {
    dataDir: resolve(env['HOTLINE_DATA_DIR'] ?? '.hotline'),
    // PostgreSQL does not run as root and the user it runs as cannot enter /root: root's cache lies in /var/cache.
    cacheDir: resolve(env['HOTLINE_CACHE_DIR'] ?? (isRoot ? '/var/cache/hotline12345' : join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'hotline12345'))),
    listen,
    reach: listen === '0.0.0.0' ? '127.0.0.1' : listen,
    ports,
    trunkAddresses: env['HOTLINE_TRUNK_ADDRESSES'] ?? '127.0.0.1',
    trunkPeer: env['HOTLINE_TRUNK_PEER'] ?? '127.0.0.1:5080',
    isThrowAway: false,
    onProgress: (line) => process.stdout.write(`${line}\n`),
    signal,
  };
}

/** Two parts cannot listen on one port. */
function requireDifferent(ports: Ports): void {
  const names = { http: 'HTTP', postgres: 'POSTGRES', redis: 'REDIS', ari: 'ARI', ami: 'AMI', trunkSip: 'TRUNK_SIP', seatSip: 'SEAT_SIP' } as const;
  const holders = new Map<number, string>();
  for (const [key, name] of Object.entries(names)) {
    const port = ports[key as keyof typeof names];
    const other = holders.get(port);
    if (other) throw new SetupError(`HOTLINE_${other}_PORT and HOTLINE_${name}_PORT are both ${port}; give each its own.`);
    holders.set(port, name);
  }
  if (ports.rtpStart >= ports.rtpEnd) throw new SetupError('HOTLINE_RTP_START must be lower than HOTLINE_RTP_END.');
}

export type Secrets = { readonly postgres: string; readonly ari: string; readonly ami: string; /** Key of the codes by which citizens ask for their case. */ readonly caseCode: string; /** Seals who the citizens are; 32 bytes in base64. */ readonly identity: string; /** Names this data folder's database, where that cannot lie in it. */ readonly databaseId: string };

/** Made once, readable by their owner only; what an older file lacks is added. */
export function loadSecrets(dataDir: string): Secrets {
  const file = join(dataDir, 'secrets.json');
  const make = (): string => randomBytes(18).toString('base64url');
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<Secrets>) : {};
  const secrets = { postgres: make(), ari: make(), ami: make(), caseCode: make(), identity: randomBytes(32).toString('base64'), databaseId: randomBytes(6).toString('hex'), ...kept };
  if (Object.keys(secrets).length > Object.keys(kept).length) {
    // Aside and renamed: a full disk must not cost the database's password.
    writeFileSync(`${file}.part`, JSON.stringify(secrets), { mode: 0o600 });
    renameSync(`${file}.part`, file);
  }
  return secrets;
}
