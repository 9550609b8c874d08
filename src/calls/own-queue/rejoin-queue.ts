import type { Tx } from '../../db/query.ts';
import type { Deps } from '../../deps.ts';
import { requireLeg, type Call } from '../call.ts';
import type { Decision } from '../decision.ts';
import { enterQueue } from '../inbound/inbound-machine.ts';
import { findEntrance } from '../waiting/find-entrance.ts';
import type { CarriedCall } from './carried-call.ts';
import { offerLegs } from './carried-rules.ts';
import { findOperators } from './find-operators.ts';

/**
 * A citizen who waited in the telephone system's own queue comes over into ours: no greeting, and the place of old. Whoever waits
 * already is not sent away because the queue is full or closed by now.
 */
export async function rejoinQueue(deps: Deps, tx: Tx, call: Call, carried: CarriedCall): Promise<Decision> {
  const facts = await findEntrance(deps, tx, call);
  const entered = enterQueue({ ...call, carriedBy: 'both' }, facts.entrance?.refusal ? { ...facts, entrance: null } : facts, carried.queuedAt);
  const citizen = requireLeg(call, 'citizen');
  return { ...entered, legs: [citizen, ...offerLegs(carried, await findOperators(tx, carried), deps.now())], effects: [{ type: 'answer', channelId: citizen.id }, ...entered.effects] };
}
