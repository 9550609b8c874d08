import { createHash } from 'node:crypto';

/** What is known of a recording that is no more. */
export type Deletion = {
  readonly callId: string;
  readonly deletedAt: Date;
  /** Null: its time was over. */
  readonly deletedBy: string | null;
  readonly reason: string;
  readonly bytes: number;
  readonly sha256: Buffer;
};
export type ChainedDeletion = Deletion & { readonly previousHash: Buffer; readonly hash: Buffer };

/** Before the first deletion. */
export const chainStart = Buffer.alloc(32);

/** The hash of a deletion: of all its fields and the hash of the deletion before it. */
export function hashDeletion(previousHash: Buffer, deletion: Deletion): Buffer {
  const { callId, deletedAt, deletedBy, reason, bytes, sha256 } = deletion;
  const fields = [previousHash.toString('hex'), callId, deletedAt.toISOString(), deletedBy, reason, bytes, sha256.toString('hex')];
  return createHash('sha256').update(JSON.stringify(fields)).digest();
}

/** The last hash when each row follows from the one before, from `previousHash` on; null when one does not. */
export function followChain(previousHash: Buffer, rows: readonly ChainedDeletion[]): Buffer | null {
  let last = previousHash;
  for (const row of rows) {
    if (!row.previousHash.equals(last) || !row.hash.equals(hashDeletion(last, row))) return null;
    last = row.hash;
  }
  return last;
}
