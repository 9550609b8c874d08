import { isKnownHere } from '../calls/known-legs.ts';
import { listLiveCalls } from '../calls/queries.ts';
import { isDoubtful, legDifferences } from './compare-rules.ts';
import { mendCall } from './mend-call.ts';
import { mendLegs, orphanBridges, readBridges, readChannels, type Comparing } from './reconcile.ts';
import { sideBySide } from './side-by-side.ts';

/**
 * Events may be lost although the connection stands. A light look through everything, two lists of Asterisk's and two queries whatever
 * the number of calls; it acts on what was so at the look before as well, for until then the event may have been on its way.
 * `forget`: the next look is the first one.
 */
export function createLookAgain(comparing: Comparing): { readonly look: () => Promise<void>; readonly forget: () => void } {
  const { deps, ari } = comparing;
  let before: ReadonlySet<string> = new Set();
  return {
    forget: () => { before = new Set(); },
    async look() {
      const bridges = await readBridges(ari);
      const calls = await listLiveCalls(deps.pool);
      const legs = legDifferences(calls, await readChannels(ari), deps.now(), (legId) => isKnownHere(deps, legId));
      const bridgeOf = new Map(bridges.map((bridge) => [bridge.id, bridge]));
      const now = new Set<string>();
      const seenTwice = (key: string): boolean => {
        now.add(key);
        return before.has(key);
      };
      const gone = legs.gone.map((some) => some.filter(({ legId }) => seenTwice(`gone ${legId}`)));
      const ringing = legs.ringing.filter(({ legId }) => seenTwice(`ringing ${legId}`));
      const strays = legs.strays.filter((id) => seenTwice(`stray ${id}`));
      const doubtful = calls.filter((call) => isDoubtful(call, bridgeOf.get(call.id)) && seenTwice(`call ${call.id} ${call.version}`));
      const orphans = orphanBridges(calls, bridges).filter((bridge) => seenTwice(`bridge ${bridge.id}`));
      before = now;
      const errors = await mendLegs(comparing, { gone, ringing, strays });
      errors.push(...await sideBySide(doubtful, (call) => mendCall(deps, ari, call)));
      errors.push(...await sideBySide(orphans, (bridge) => deps.telephony.destroyBridge(bridge.id)));
      const mended = { legsGone: gone.flat().length, legsRinging: ringing.length, strayChannels: strays.length, orphanBridges: orphans.length };
      if (Object.values(mended).some((count) => count > 0)) deps.log.warn(mended, 'Events of Asterisk were missed; what they meant was done now');
      if (errors.length > 0) throw new AggregateError(errors, 'some of what was missed could not be mended');
    },
  };
}
