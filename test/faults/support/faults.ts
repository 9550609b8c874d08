import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './scene.ts';

/** Every fault, by its name in the table. */
export const faults: readonly Fault[] = [
  {
    name: 'nothing', isShort: true,
    strike: async () => pause(1_000),
  },
  {
    name: 'kill -9 of the service, started again', isShort: true,
    strike: async ({ kill, start }) => { await kill('service'); await start('service'); },
  },
  {
    name: 'PostgreSQL stopped under load', isShort: true,
    strike: async ({ kill, start, healthy }, { isShort }) => {
      await kill('postgres');
      await pause(isShort ? 5_000 : 60_000);
      await start('postgres');
      await healthy();
    },
  },
];
