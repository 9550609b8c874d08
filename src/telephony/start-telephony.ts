import type { Deps } from '../deps.ts';
import { announceDuePositions } from '../calls/announce-position.ts';
import { endOverdue } from '../calls/end-overdue.ts';
import { matchAllQueues } from '../calls/match-queue.ts';
import { findUnstoredRecordings, storeRecording } from '../calls/recording.ts';
import { matchChannel } from '../seats/apply-seat-event.ts';
import { endDueWrapUps } from '../seats/end-wrap-up.ts';
import type { AmiConnection } from './ami-connection.ts';
import type { AriConnection } from './ari-connection.ts';
import { onAmiEvent, readContacts } from './contacts.ts';
import { leadTelephony } from './leader.ts';
import { provision } from './provision.ts';
import { reconcile } from './reconcile.ts';
import { onAriEvent } from './stasis.ts';

/** How often the rows are looked through for deadlines whose alarm was lost, milliseconds. */
const sweepEveryMs = 1_000;

/** The telephony role: leads when it may, follows Asterisk's events, and sweeps. */
export function startTelephony(deps: Deps, ari: AriConnection, ami: AmiConnection): { stop: () => Promise<void> } {
  let sweeper: NodeJS.Timeout | undefined;
  const guarded = (what: string, work: () => Promise<void>): void => {
    work().catch((error: unknown) => deps.log.error({ err: error }, what));
  };
  const match = coalesced(() => matchAllQueues(deps), (error) => deps.log.error({ err: error }, 'Matching failed'));
  const sweep = coalesced(() => sweepDeadlines(deps), (error) => deps.log.error({ err: error }, 'The sweep failed'));
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
      ami.start({ onEvent: (event) => onAmiEvent(deps, event), onConnected: () => guarded('Registrations could not be read', () => readContacts(deps, ami)) });
      sweeper = setInterval(sweep, sweepEveryMs);
      return Promise.resolve();
    },
    stop: async () => {
      clearInterval(sweeper);
      await Promise.all([ari.stop(), ami.stop()]);
    },
  });
}

async function sweepDeadlines(deps: Deps): Promise<void> {
  await endDueWrapUps(deps);
  await announceDuePositions(deps);
  await endOverdue(deps);
  await matchAllQueues(deps);
  for (const callId of await findUnstoredRecordings(deps)) {
    await storeRecording(deps, callId).catch((error: unknown) => deps.log.warn({ err: error, callId }, 'A recording could not be stored yet'));
  }
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
