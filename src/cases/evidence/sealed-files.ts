import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Deps } from '../../deps.ts';
import { localStore, type FileStore } from '../../files/file-store.ts';
import { dataKeyBytes, sealedStore } from '../../files/sealed-store.ts';
import { sealAnew } from '../identity/seal-identities.ts';
import { vault, type Sealed } from '../identity/vault.ts';
import { lockToRewrap, saveKey, type FileKey } from './queries.ts';

/** The folder, with its files as they lie there. */
export function evidenceFolder({ config }: Pick<Deps, 'config'>): FileStore {
  return localStore(join(config.HOTLINE_DATA_DIR, 'evidence'));
}

// Bound to the piece of evidence, so that a key cannot be put beside another file.
const boundTo = (id: string): string => `evidence ${id}`;

/** A key for a new file, sealed for its row, and where the file goes. */
export function newSealedFile(deps: Pick<Deps, 'config'>, id: string): { readonly key: Sealed; readonly store: FileStore } {
  const dataKey = randomBytes(dataKeyBytes);
  return { key: wrap(id, dataKey), store: sealedStore(evidenceFolder(deps), dataKey) };
}

/** Where this piece of evidence is read; one from before the sealing lies there as it was given. */
export function evidenceStore(deps: Pick<Deps, 'config'>, { id, sealedKey, keyId }: FileKey): FileStore {
  return sealedKey === null || keyId === null ? evidenceFolder(deps) : sealedStore(evidenceFolder(deps), unwrap(id, { sealed: sealedKey, keyId }));
}

function wrap(id: string, dataKey: Buffer): Sealed {
  return { keyId: vault().currentId, sealed: vault().sealText(boundTo(id), dataKey.toString('base64')) };
}

function unwrap(id: string, key: Sealed): Buffer {
  return Buffer.from(vault().openText(boundTo(id), key), 'base64');
}

/** The keys of files, sealed by the newest key of the vault; the files stay as they are. See `sealIdentities`. */
export async function rewrapEvidence(deps: Pick<Deps, 'pool' | 'log'>, signal: AbortSignal): Promise<void> {
  await sealAnew(deps, signal, 'Keys of evidence', async (tx, limit) => {
    const rows = await lockToRewrap(tx, vault().currentId, limit);
    for (const { id, ...key } of rows) await saveKey(tx, id, wrap(id, unwrap(id, key)));
    return rows.length;
  });
}
