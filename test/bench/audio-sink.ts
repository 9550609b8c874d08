import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freeUdpPort } from '../../scripts/stack/ports.ts';

/** The program that holds the port; ends with us. */
const holder = `require('node:dgram').createSocket('udp4').bind(Number(process.argv[1]), '127.0.0.1', () => process.stdout.write('bound'))`;
let port: Promise<number> | undefined;

/**
 * Where the audio for all phones goes: a port that is open and that nobody reads, for its holder is stopped. At a closed one, as SIPp's is while its
 * scenario plays nothing, each packet would cost an ICMP error, which real phones do not.
 */
export async function audioSink(): Promise<number> {
  port ??= open();
  return port;
}

async function open(): Promise<number> {
  const free = await freeUdpPort();
  const child = spawn(process.execPath, ['-e', holder, String(free)], { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  child.kill('SIGSTOP');
  return free;
}
