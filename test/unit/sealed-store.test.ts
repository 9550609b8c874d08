import { randomBytes, createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { v7 as uuid } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import { localStore } from '../../src/files/file-store.ts';
import { dataKeyBytes, pieceBytes, sealedStore } from '../../src/files/sealed-store.ts';

describe('a file that is sealed where it lies', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sealed-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const inner = localStore(folder, 0);
  const key = randomBytes(dataKeyBytes);
  const store = sealedStore(inner, key);
  const nameOf = (): string => `2026-11-25/${uuid()}.bin`;
  const readAll = async (chunks: AsyncIterable<Buffer>): Promise<Buffer> => {
    const parts: Buffer[] = [];
    for await (const chunk of chunks) parts.push(chunk);
    return Buffer.concat(parts);
  };
  const read = (name: string, span?: { start: number; end: number }): Promise<Buffer> => readAll(store.read(name, span) as AsyncIterable<Buffer>);
  /** In uneven pieces, as a network gives them. */
  const chunked = (content: Buffer): Readable => Readable.from(Array.from({ length: Math.ceil(content.length / 30_001) }, (_, index) => content.subarray(index * 30_001, (index + 1) * 30_001)));

  it.each([0, 1, pieceBytes - 1, pieceBytes, pieceBytes + 1, 3 * pieceBytes, 3 * pieceBytes + 777])('of %i bytes has the size, checksum and bytes that it was given', async (length) => {
    const [name, content] = [nameOf(), randomBytes(length)];
    const sha256 = createHash('sha256').update(content).digest();
    expect(await store.put(name, chunked(content))).toEqual({ bytes: length, sha256 });
    expect([(await store.find(name))?.bytes, (await store.checksum(name)).equals(sha256), (await read(name)).equals(content)]).toEqual([length, true, true]);
  });

  it('gives any part of it', async () => {
    const [name, content] = [nameOf(), randomBytes(3 * pieceBytes + 777)];
    await store.put(name, chunked(content));
    for (const [start, end] of [[0, 0], [0, content.length - 1], [pieceBytes - 1, pieceBytes], [pieceBytes, 2 * pieceBytes - 1], [2 * pieceBytes + 5, content.length - 1], [content.length - 1, content.length - 1]] as const) {
      expect((await read(name, { start, end })).equals(content.subarray(start, end + 1))).toBe(true);
    }
  });

  it('is read by nobody with another key, nor when it was changed, cut off or put in another order', async () => {
    const [name, content] = [nameOf(), randomBytes(3 * pieceBytes)];
    await store.put(name, chunked(content));
    const path = join(folder, name);
    const sealed = readFileSync(path);
    const piece = pieceBytes + 16;
    expect(sealed.includes(content.subarray(100, 132))).toBe(false);
    await expect(readAll(sealedStore(inner, randomBytes(dataKeyBytes)).read(name) as AsyncIterable<Buffer>)).rejects.toThrow();
    const changed = Buffer.from(sealed);
    changed.writeUInt8(changed.readUInt8(piece + 9) ^ 1, piece + 9);
    const swapped = Buffer.concat([sealed.subarray(piece, 2 * piece), sealed.subarray(0, piece), sealed.subarray(2 * piece)]);
    for (const spoiled of [changed, swapped, sealed.subarray(0, 2 * piece), sealed.subarray(piece), sealed.subarray(0, -1), Buffer.concat([sealed, sealed.subarray(-piece)])]) {
      writeFileSync(path, spoiled);
      await expect(read(name)).rejects.toThrow();
    }
    truncateSync(path, 0);
    await expect(read(name)).rejects.toThrow();
  });

  it('that is not there is not there', async () => {
    expect(await store.find(nameOf())).toBeNull();
    await expect(read(nameOf())).rejects.toThrow();
  });
});
