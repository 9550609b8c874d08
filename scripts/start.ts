import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Part, delay } from './stack/part.ts';
import { readSettings, SetupError, type Settings } from './stack/settings.ts';
import { startStack, type Stack } from './stack/stack.ts';

/* `npm start`: the whole stack and the service, until Ctrl-C; what ends by itself is started again. */
let stack: Stack | undefined;
let service: Part | undefined;
let isStopping = false;

async function main(): Promise<void> {
  const settings = readSettings(process.env);
  stack = await startStack(settings);
  await run(settings, stack);
}

async function run(settings: Settings, running: Stack): Promise<void> {
  const env = { ...process.env, ...running.env };
  settings.onProgress('Preparing the database');
  const setup = spawnSync(process.execPath, ['--import', 'tsx', 'src/setup.ts'], { env, encoding: 'utf8' });
  if (setup.status !== 0) throw new SetupError(`The database could not be prepared: ${(setup.stderr || setup.stdout).trim().split('\n').find((line) => /error/i.test(line)) ?? setup.stderr}`);
  service = new Part({ name: 'service', command: process.execPath, args: ['--import', 'tsx', 'src/main.ts'], env: running.env, dataDir: settings.dataDir });
  const start = (): Promise<void> => (service as Part).start(() => isReady(settings));
  await start();
  printReady(settings);
  await keepAlive(settings, { ...running.servers, service: { part: service, start } });
}

/** Whatever ended is started again, with a line that says so. */
async function keepAlive(settings: Settings, servers: Stack['servers']): Promise<void> {
  while (!isStopping) {
    for (const [name, server] of Object.entries(servers)) {
      if (server.part.isRunning || isStopping) continue;
      settings.onProgress(`${name} ended; starting it again`);
      await server.start().catch((error: unknown) => settings.onProgress(`${name} could not be started: ${(error as Error).message}`));
    }
    await delay(500);
  }
}

async function isReady(settings: Settings): Promise<boolean> {
  try {
    return (await fetch(`http://${settings.listen}:${settings.ports.http}/health/ready`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false; // not listening yet
  }
}

function printReady({ listen, ports, dataDir }: Settings): void {
  process.stdout.write(`
The hotline is ready.
  API             http://${listen}:${ports.http}/api   (OpenAPI: /api/openapi.json)
  Documentation   http://${listen}:${ports.http}/docs
  Logins          ${join(dataDir, 'first-run.json')}   (admin, supervisor, ten operators, ten seats)
  A softphone     server ${listen}:${ports.seatSip} (UDP or TCP), user seat-8001 … seat-8010, password: "sipPassword" in that file
  Take calls      POST /api/auth/login as operator1, POST /api/seats/8001/actions/sign_in, then …/actions/ready
  A test call     npm run demo:call      or call sip:12345@${listen}:${ports.trunkSip} from any SIP phone
Ctrl-C stops everything.
`);
}

async function stop(exitCode: number): Promise<void> {
  if (isStopping) process.exit(1); // asked twice: at once
  isStopping = true;
  process.stdout.write('\nStopping\n');
  await service?.stop('SIGTERM', 15_000);
  await stack?.stop();
  process.exit(exitCode);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => { void stop(0); });
main().catch((error: unknown) => {
  process.stderr.write(error instanceof SetupError ? `${error.message}\n` : `${(error as Error).stack ?? String(error)}\n`);
  void stop(1);
});
