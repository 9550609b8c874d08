import type { Linked } from '../hash-chain.ts';

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
export type ChainedDeletion = Deletion & Linked;

/** What the hash of a deletion is made of. */
export function deletionFields({ callId, deletedAt, deletedBy, reason, bytes, sha256 }: Deletion): readonly unknown[] {
  return [callId, deletedAt.toISOString(), deletedBy, reason, bytes, sha256.toString('hex')];
}
