import type { Deps } from '../../deps.ts';
import { eachAlone } from '../../jobs/steps.ts';
import { findQueue } from '../../routing/queries.ts';
import { legOf } from '../call.ts';
import type { Effect } from '../effect.ts';
import { inOrder } from '../in-order.ts';
import { arrange } from './place-rules.ts';
import { clearDoubt, findDoubtfulCalls, findLiveCall } from '../queries.ts';
import { runEffect } from '../run-effects.ts';

/**
 * Puts everybody of a call where they belong, wherever they are. Read in the call's turn: music for one who was connected meanwhile, or
 * a bridge for one who left, nothing would end. Throws when the telephone system does not do it.
 */
export async function restorePlaces(deps: Deps, callId: string): Promise<void> {
  await inOrder(callId, async () => {
    const call = await findLiveCall(deps.pool, callId);
    const queue = call?.queueId ? await findQueue(deps.pool, call.queueId) : undefined;
    const musicClass = queue?.musicClass ?? 'default';
    const citizen = call && legOf(call, 'citizen');
    if (call?.state === 'talking' || call?.state === 'transferring') {
      for (const effect of arrange(null, call, musicClass)) await place(deps, callId, effect);
    } else if (citizen && (call.state === 'waiting' || call.state === 'ringing') && !call.playbackId) {
      await deps.telephony.startMusic(citizen.id, musicClass);
    }
    await clearDoubt(deps.pool, callId);
  });
}

/** Whoever cannot be taken out of the bridge would be heard by mistake: then nobody is left in it, and those who talk come into a new one. */
async function place(deps: Deps, callId: string, effect: Effect): Promise<void> {
  try {
    await runEffect(deps, callId, effect);
  } catch (error) {
    if (effect.type !== 'unbridge') throw error;
    await deps.telephony.destroyBridge(callId);
  }
}

/** Calls for which a command about who hears whom failed; those that fail again stay in doubt. */
export async function settleDoubts(deps: Deps): Promise<void> {
  if (!deps.telephony.isConnected()) return; // the comparison with Asterisk comes first
  await eachAlone(await findDoubtfulCalls(deps.pool), 'somebody in a call is not where they belong', (callId) => restorePlaces(deps, callId));
}
