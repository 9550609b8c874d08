import { createCipheriv, createDecipheriv, createHash, type CipherGCM, type DecipherGCM } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FileStore, Span } from './file-store.ts';

/** Plain bytes of one piece: what a range costs beyond what is asked for is one piece at each end. */
export const pieceBytes = 64 * 1024;
const tagBytes = 16;
const sealedPiece = pieceBytes + tagBytes;
export const dataKeyBytes = 32;

/**
 * Files sealed with a key of their own, which lies elsewhere: AES-256-GCM in pieces, so that a range opens only its own. Each piece's nonce is its place
 * and whether it is the last, so that none can be moved, left out or cut off unseen; a key seals one file once, so no nonce comes twice. Sizes, spans and
 * checksums are those of what was sealed. Source: NIST SP 800-38D; Hoang, Reyhanitabar, Rogaway and Vizár 2015, "STREAM".
 */
export function sealedStore(inner: FileStore, key: Buffer): FileStore {
  const find: FileStore['find'] = async (name) => {
    const found = await inner.find(name);
    return found && { ...found, bytes: plainBytes(found.bytes) };
  };
  const open = async function* (name: string, span: Span | undefined): AsyncGenerator<Buffer> {
    const whole = await inner.find(name);
    if (!whole) throw new Error('a sealed file is not there');
    const last = Math.max(0, Math.ceil(whole.bytes / sealedPiece) - 1);
    const { start, end } = span ?? { start: 0, end: plainBytes(whole.bytes) - 1 };
    const [from, to] = [Math.min(last, Math.floor(start / pieceBytes)), Math.min(last, Math.max(0, Math.floor(end / pieceBytes)))];
    const sealed = inner.read(name, { start: from * sealedPiece, end: Math.min(whole.bytes, (to + 1) * sealedPiece) - 1 });
    let at = from;
    for await (const piece of inPieces(sealed as AsyncIterable<Buffer>, sealedPiece)) {
      const plain = openPiece(key, piece, at, at === last);
      const first = at * pieceBytes;
      at += 1;
      yield plain.subarray(Math.max(0, start - first), Math.max(0, end + 1 - first));
    }
    if (at !== to + 1) throw new Error('a sealed file became shorter while it was read');
  };
  return {
    hasRoom: () => inner.hasRoom(),
    remove: (name) => inner.remove(name),
    find,
    read: (name, span) => Readable.from(open(name, span), { objectMode: false }),
    async put(name, chunks) {
      const hash = createHash('sha256');
      let bytes = 0;
      const counted = async function* (): AsyncGenerator<Buffer> {
        for await (const chunk of chunks) {
          hash.update(chunk);
          bytes += chunk.length;
          yield chunk;
        }
      };
      await inner.put(name, seal(key, counted()));
      return { bytes, sha256: hash.digest() };
    },
    async checksum(name) {
      const hash = createHash('sha256');
      for await (const chunk of open(name, undefined)) hash.update(chunk);
      return hash.digest();
    },
  };
}

/** Bytes that were sealed, of a file of so many; every file has a last piece, be it an empty one. */
function plainBytes(bytes: number): number {
  return Math.max(0, bytes - Math.ceil(bytes / sealedPiece) * tagBytes);
}

async function* seal(key: Buffer, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let [at, held] = [0, Buffer.alloc(0)];
  for await (const piece of inPieces(chunks, pieceBytes)) {
    // Which is the last is known when the next does not come.
    if (at > 0) yield sealPiece(key, held, at - 1, false);
    [at, held] = [at + 1, piece];
  }
  yield sealPiece(key, held, Math.max(0, at - 1), true);
}

/** The same bytes, cut anew: each piece full but the last. */
async function* inPieces(chunks: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer<ArrayBuffer>> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    length += chunk.length;
    if (length < size) continue;
    const all = Buffer.concat(parts);
    let from = 0;
    for (; all.length - from >= size; from += size) yield all.subarray(from, from + size);
    [parts, length] = [[all.subarray(from)], all.length - from];
  }
  if (length > 0) yield Buffer.concat(parts);
}

function nonceOf(place: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(place, 7);
  nonce.writeUInt8(isLast ? 1 : 0, 11);
  return nonce;
}

function sealPiece(key: Buffer, piece: Buffer, place: number, isLast: boolean): Buffer {
  const cipher: CipherGCM = createCipheriv('aes-256-gcm', key, nonceOf(place, isLast));
  return Buffer.concat([cipher.update(piece), cipher.final(), cipher.getAuthTag()]);
}

/** @throws Error for what was changed, moved, or sealed with another key. */
function openPiece(key: Buffer, sealed: Buffer, place: number, isLast: boolean): Buffer {
  const decipher: DecipherGCM = createDecipheriv('aes-256-gcm', key, nonceOf(place, isLast)).setAuthTag(sealed.subarray(-tagBytes));
  return Buffer.concat([decipher.update(sealed.subarray(0, -tagBytes)), decipher.final()]);
}
