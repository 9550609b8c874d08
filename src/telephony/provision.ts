import { findLastChangeId, listChangedRows, saveProvisioned } from '../configuration/queries.ts';
import type { Deps } from '../deps.ts';
import type { AmiConnection } from './ami-connection.ts';
import type { AriConnection } from './ari-connection.ts';
import { placePrompts } from './place-prompts.ts';
import { provisionQueues } from './provision-queues.ts';
import { provisionSeats } from './provision-seats.ts';

export type Provisioning = {
  /** After each connect: another Asterisk may be there, or an emptied one. */
  readonly forget: () => void;
  /** Everything was looked at since the last connect. */
  readonly isDone: () => boolean;
  /** Brings Asterisk to what the rows say: all of it after a connect, later what changed since. */
  readonly follow: () => Promise<void>;
};

/** `onQueues` is told which queues Asterisk knows. */
export function createProvisioning(deps: Deps, links: { readonly ari: AriConnection; readonly ami: AmiConnection }, onQueues: (known: ReadonlySet<string>) => void): Provisioning {
  /** The last change that was followed; null until everything was looked at. */
  let followed: number | null = null;
  return {
    forget: () => { followed = null; },
    isDone: () => followed !== null,
    async follow() {
      const since = followed;
      const upTo = await findLastChangeId(deps.pool);
      const changed = since === null ? null : await listChangedRows(deps.pool, since, upTo);
      const seats = changed?.filter((row) => row.kind === 'seat').map((row) => row.key);
      if (!seats || seats.length > 0) await provisionSeats(deps, links, seats);
      // After the seats: a folder that cannot be written keeps no phone from registering.
      if (!changed || changed.some((row) => row.kind === 'queue' || row.kind === 'number')) onQueues(await provisionQueues(deps, links));
      if (!changed || changed.some((row) => row.kind === 'prompt')) await placePrompts(deps);
      // Forgotten meanwhile: another connection, which is looked at from the start.
      if (followed === since) followed = upTo;
      await saveProvisioned(deps.pool, upTo);
    },
  };
}
