import { setTimeout as delay } from 'node:timers/promises';
import type { Tx } from '../../db/query.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { identityOf, insertKey, listKeys, lockToSeal, resealIdentity } from './queries.ts';
import { vault, type Vault } from './vault.ts';

const proofText = 'hotline12345';
const batch = 200;
/** Between two batches, milliseconds: the calls come first. */
const restMs = 20;

/** The settings name other keys than the rows do. */
export class KeyFault extends Error {}

/** Before anything is read or sealed. @throws KeyFault with one line when a key is missing, or is not the one that it was. */
export async function checkKeys({ pool, now }: Pick<Deps, 'pool' | 'now'>, keys: Vault): Promise<void> {
  for (const { id, proof, isUsed } of await listKeys(pool)) {
    if (!keys.has(id)) {
      if (isUsed) throw new KeyFault(`HOTLINE_IDENTITY_KEYS lacks the key ${id}, by which citizens’ names and numbers are sealed`);
      continue;
    }
    try {
      if (keys.openText(id, { keyId: id, sealed: proof }) === proofText) continue;
    } catch (error) {
      throw new KeyFault(`HOTLINE_IDENTITY_KEYS has another key as ${id} than the one that sealed citizens’ names and numbers`, { cause: error });
    }
  }
  await insertKey(pool, { id: keys.currentId, proof: keys.sealText(keys.currentId, proofText), at: now() });
}

/** Rows from before the sealing, and those that an older key sealed. */
export async function sealIdentities(deps: Pick<Deps, 'pool' | 'log'>, signal: AbortSignal): Promise<void> {
  await sealAnew(deps, signal, 'Citizens’ names and numbers', async (tx, limit) => {
    const rows = await lockToSeal(tx, limit);
    for (const row of rows) await resealIdentity(tx, row.caseId, identityOf(row.caseId, row));
    return rows.length;
  });
}

/**
 * Seals by the newest key, some rows at a time, until `sealSome` finds none. So a key is changed by putting a new one before it and taking it away once
 * this says that it is done. Goes on where an earlier service got to.
 */
export async function sealAnew({ pool, log }: Pick<Deps, 'pool' | 'log'>, signal: AbortSignal, what: string, sealSome: (tx: Tx, limit: number) => Promise<number>): Promise<void> {
  let count = 0;
  while (!signal.aborted) {
    const sealed = await transaction(pool, (tx) => sealSome(tx, batch));
    if (sealed === 0) break;
    count += sealed;
    await delay(restMs);
  }
  if (count > 0) log.info({ what, count, keyId: vault().currentId, isDone: !signal.aborted }, 'Something was sealed with the newest key');
}
