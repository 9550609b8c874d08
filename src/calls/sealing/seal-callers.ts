import { sealAnew } from '../../cases/identity/seal-identities.ts';
import type { Deps } from '../../deps.ts';
import { transaction } from '../../db/transaction.ts';
import { eachAlone } from '../../jobs/steps.ts';
import { holdsNumber, joinNumbers, openNumbers } from './call-numbers.ts';
import { discardOpen, emptyPlain, findPlain, findSealed, listToSeal, lockSealable, lockToReseal, saveSealed, takeFromList } from './queries.ts';

const batch = 100;

/**
 * Numbers of calls that are over and whose case is confidential leave the plain columns: each call in a transaction of its own, so that whatever ends
 * this in between leaves the call as it was, to be sealed the next time. Any number of processes may do so at once. A call that cannot be sealed keeps no
 * other from it.
 */
export async function sealCallers(deps: Pick<Deps, 'pool' | 'log'>): Promise<void> {
  await discardOpen(deps.pool);
  let count = 0;
  try {
    await eachAlone(callsToSeal(deps), 'numbers of confidential calls could not be sealed', async (callId) => { if (await sealCall(deps, callId)) count += 1; });
  } finally {
    if (count > 0) deps.log.info({ count }, 'Numbers of confidential calls were sealed');
  }
}

async function* callsToSeal({ pool }: Pick<Deps, 'pool'>): AsyncGenerator<string> {
  for (let ids = await listToSeal(pool, null, batch); ids.length > 0; ids = await listToSeal(pool, ids.at(-1) ?? null, batch)) yield* ids;
}

/** False when there was nothing to seal. */
async function sealCall({ pool }: Pick<Deps, 'pool'>, callId: string): Promise<boolean> {
  return transaction(pool, async (tx) => {
    await takeFromList(tx, callId);
    if (!(await lockSealable(tx, callId))) return false;
    const plain = await findPlain(tx, callId);
    if (!plain || !holdsNumber(plain)) return false;
    await saveSealed(tx, callId, joinNumbers(plain, await findSealed(tx, callId)));
    await emptyPlain(tx, callId);
    return true;
  });
}

/** Those that an older key sealed, sealed by the newest; see `sealIdentities`. */
export async function resealCallers(deps: Pick<Deps, 'pool' | 'log'>, signal: AbortSignal): Promise<void> {
  await sealAnew(deps, signal, 'Numbers of confidential calls', async (tx, limit) => {
    const rows = await lockToReseal(tx, limit);
    for (const { callId, ...sealed } of rows) await saveSealed(tx, callId, openNumbers(callId, sealed));
    return rows.length;
  });
}
