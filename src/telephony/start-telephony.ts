import type { Deps } from '../deps.ts';
import { matchAllQueues } from '../calls/match-queue.ts';
import { matchChannel } from '../seats/apply-seat-event.ts';
import type { AmiConnection } from './ami-connection.ts';
import type { AriConnection } from './ari-connection.ts';
import { onAmiEvent, readContacts } from './contacts.ts';
import { createFallbackQueues } from './fallback-queues.ts';
import { leadTelephony } from './leader.ts';
import { provision } from './provision.ts';
import { reconcile } from './reconcile.ts';
import { onAriEvent } from './stasis.ts';
import { createSweep } from './sweep.ts';

/** How often the rows are looked through for deadlines whose alarm was lost, milliseconds. */
const sweepEveryMs = 1_000;

/** The telephony role: leads when it may, follows Asterisk's events, and sweeps. */
export function startTelephony(deps: Deps, ari: AriConnection, ami: AmiConnection): { stop: () => Promise<void> } {
  let sweeper: NodeJS.Timeout | undefined;
  const guarded = (what: string, work: () => Promise<void>): void => {
    work().catch((error: unknown) => deps.log.error({ err: error }, what));
  };
  const match = coalesced(() => matchAllQueues(deps), (error) => deps.log.error({ err: error }, 'Matching failed'));
  const fallback = createFallbackQueues(deps, ami);
  const sweep = coalesced(createSweep(deps, { fallbackQueues: fallback.keep }), (error) => deps.log.error({ err: error }, 'The sweep failed'));
  return leadTelephony(deps, {
    channel: matchChannel,
    onMatchWanted: match,
    start: () => {
      ari.start({
        onEvent: (event) => onAriEvent(deps, event),
        onConnected: () => guarded('The comparison with Asterisk failed', async () => {
          await provision(deps, ari);
          await reconcile(deps, ari);
        }),
      });
      ami.start({
        onEvent: (event) => onAmiEvent(deps, event),
        onConnected: () => {
          fallback.forget();
          guarded('Registrations could not be read', () => readContacts(deps, ami));
        },
      });
      sweeper = setInterval(sweep, sweepEveryMs);
      return Promise.resolve();
    },
    stop: async () => {
      clearInterval(sweeper);
      await Promise.all([ari.stop(), ami.stop()]);
    },
  });
}

/** Never twice at once; asked again while running, it runs once more after. */
function coalesced(work: () => Promise<void>, onError: (error: unknown) => void): () => void {
  let running = false;
  let again = false;
  const run = (): void => {
    if (running) { again = true; return; }
    running = true;
    work().catch(onError).finally(() => {
      running = false;
      if (again) { again = false; run(); }
    });
  };
  return run;
}
