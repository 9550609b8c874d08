import { join } from 'node:path';
import { explainFailure } from './stack/failure.ts';
import { Part, delay, killAllParts } from './stack/part.ts';
import { runTool } from './stack/run-tool.ts';
import { ProgramError, readSettings, SetupError, type Settings } from './stack/settings.ts';
import { startStack, type Stack } from './stack/stack.ts';

/* `npm start`: the whole stack and the service, until Ctrl-C; what ends by itself is started again. */
const halt = new AbortController();
let haltedAt = 0;
let isReadyOnce = false;

async function main(): Promise<void> {
  const settings = readSettings(process.env, halt.signal);
  try {
    const stack = await startStack(settings);
    try {
      await serve(settings, stack);
    } finally {
      await stack.stop();
    }
  } catch (error) {
    throw explainFailure(error, settings);
  }
}

async function serve(settings: Settings, stack: Stack): Promise<void> {
  settings.onProgress('Preparing the database');
  const setup = await runTool(process.execPath, ['--import', 'tsx', 'src/setup.ts'], { env: stack.env, signal: halt.signal });
  if (!setup.isGood) throw new ProgramError(`The database could not be prepared: ${setup.errors.trim().split('\n').find((line) => /error: /i.test(line))?.trim() ?? setup.errors}`);
  const part = new Part({ name: 'service', command: process.execPath, args: ['--import', 'tsx', 'src/main.ts'], env: stack.env, dataDir: settings.dataDir, signal: halt.signal });
  const start = (): Promise<void> => part.start(() => isReady(settings));
  try {
    await start();
    printReady(settings);
    isReadyOnce = true;
    await keepAlive(settings, { ...stack.servers, service: { part, start } });
  } finally {
    await part.stop(15_000);
  }
}

/** Whatever ended is started again, with a line that says so. */
async function keepAlive(settings: Settings, servers: Stack['servers']): Promise<void> {
  for (; !halt.signal.aborted; await delay(200)) {
    for (const [name, server] of Object.entries(servers)) {
      if (server.part.isRunning || halt.signal.aborted) continue;
      settings.onProgress(`${name} ended; starting it again`);
      await server.start().catch((error: unknown) => {
        if (!halt.signal.aborted) settings.onProgress(`${name} could not be started: ${(error as Error).message}`);
      });
    }
  }
}

async function isReady(settings: Settings): Promise<boolean> {
  try {
    return (await fetch(`http://${settings.reach}:${settings.ports.http}/health/ready`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false; // not listening yet
  }
}

function printReady({ reach: listen, ports, dataDir }: Settings): void {
  const api = `http://${listen}:${ports.http}/api`;
  process.stdout.write(`
The hotline is ready.
  API             ${api}   (OpenAPI: /api/openapi.json)
  Documentation   http://${listen}:${ports.http}/docs
  Logins          ${join(dataDir, 'first-run.json')}   (admin, supervisor, ten operators, ten seats)
  A softphone     server ${listen}:${ports.seatSip} (UDP or TCP), user seat-8001 … seat-8010, password: "sipPassword" in that file
  Take calls      curl -c jar -H 'content-type: application/json' -d '{"login":"operator1","password":"…"}' ${api}/auth/login
                  curl -b jar -X POST ${api}/seats/8001/actions/sign_in
                  curl -b jar -X POST ${api}/seats/8001/actions/ready
  A test call     npm run demo:call      or call sip:12345@${listen}:${ports.trunkSip} from any SIP phone
Ctrl-C stops everything.
`);
}

function stop(): void {
  if (!halt.signal.aborted) {
    haltedAt = Date.now();
    process.stdout.write('\nStopping\n');
    halt.abort();
  } else if (Date.now() - haltedAt > 1_000) { // one Ctrl-C comes twice: from the terminal and from npm
    killAllParts();
    process.exit(1);
  }
}

/** npm killed by force tells nobody; without it, whoever ran it takes the hotline for ended, so it does end. */
function stopWithNpm(): void {
  const npm = process.ppid;
  if (process.env['npm_lifecycle_event'] !== 'start') return;
  setInterval(() => { if (process.ppid !== npm && !halt.signal.aborted) stop(); }, 200).unref();
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined); // the terminal was closed
process.on('exit', killAllParts);
stopWithNpm();
try {
  await main();
  process.exitCode = 0;
} catch (error) {
  if (halt.signal.aborted) {
    process.exitCode = isReadyOnce ? 0 : 130; // as shells count an interrupted program
  } else {
    process.stderr.write(error instanceof SetupError ? `${error.message}\n` : `${(error as Error).stack ?? String(error)}\n`);
    process.exitCode = 1;
  }
}
process.exit();
