import { until } from './until.ts';

/** Sockets of this process that are open or being opened. Timers are in the same list. */
export function openResources(kind: 'sockets' | 'timers'): number {
  return process.getActiveResourcesInfo().filter((name) => (kind === 'sockets' ? /^TCP(Socket|Connect)Wrap$/ : /^Timeout$/).test(name)).length;
}

/** No more sockets than before: nothing was left behind. */
export function untilSocketsAre(count: number): Promise<unknown> {
  return until(() => openResources('sockets') <= count, 'every socket is closed');
}
