import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** The addresses, as /proc/net writes them, on which the processes listen by TCP. Source: proc_pid_net(5), state 0A. */
export function tcpListeners(pids: readonly number[]): string[] {
  const own = new Set(pids.flatMap((pid) => readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`))));
  return ['tcp', 'tcp6'].flatMap((table) => readFileSync(`/proc/net/${table}`, 'utf8').trim().split('\n').slice(1)).map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === '0A' && own.has(`socket:[${inode ?? ''}]`)).map(([, local = '']) => local.split(':')[0] ?? '');
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // closed since
  }
}
