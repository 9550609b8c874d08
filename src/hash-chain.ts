import { createHash } from 'node:crypto';

/*
 * Rows that follow from each other: each has the hash of the one before and a hash of that and of all its own fields, so that none is changed,
 * left out or put in between without a trace. What is cut off at the end shows elsewhere: in other rows, or in a hash somebody wrote down.
 */
export type Linked = { readonly previousHash: Buffer; readonly hash: Buffer };

/** Before the first row. */
export const chainStart: Buffer = Buffer.alloc(32);

/** The hash of a row: of the hash before it and of its fields, which are plain values (SHA-256, FIPS 180-4). */
export function linkHash(previousHash: Buffer, fields: readonly unknown[]): Buffer {
  return createHash('sha256').update(JSON.stringify([previousHash.toString('hex'), ...fields])).digest();
}

/** The first row that does not follow from the one before, from `previousHash` on; else the last hash. */
export function followChain<Row extends Linked>(previousHash: Buffer, rows: readonly Row[], fieldsOf: (row: Row) => readonly unknown[]): { readonly last: Buffer } | { readonly broken: Row } {
  let last = previousHash;
  for (const row of rows) {
    if (!row.previousHash.equals(last) || !row.hash.equals(linkHash(last, fieldsOf(row)))) return { broken: row };
    last = row.hash;
  }
  return { last };
}
