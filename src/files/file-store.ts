import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat, statfs, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';

export type Span = { readonly start: number; readonly end: number };
export type Stored = { readonly bytes: number; readonly sha256: Buffer };

/** Where recordings and evidence lie, by key. The local disk is the one there is; an object store would be another. `sealed-store.ts` seals what it puts there. */
export type FileStore = {
  /** Whether one more file may be begun. */
  hasRoom(): Promise<boolean>;
  /** Size, and when it last changed; null when there is none. */
  find(key: string): Promise<{ readonly bytes: number; readonly changedAt: Date } | null>;
  /** All of it, or the bytes from `start` to `end`, both included. */
  read(key: string, span?: Span): Readable;
  /** Durable and read back when it resolves; never seen half written. */
  put(key: string, chunks: AsyncIterable<Buffer>): Promise<Stored>;
  /** Gone for good when it resolves; one that is not there is. */
  remove(key: string): Promise<void>;
  checksum(key: string): Promise<Buffer>;
};

/** Keys are made by the service alone; anything else would be a path out of the folder. */
const keyPattern = /^\d{4}-\d\d-\d\d\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.(wav|raw|bin)$/;
/** Below this much free space no file is begun, bytes: the database may share the disk, and live recordings go on. */
const leastFreeBytes = 256 * 1024 * 1024;

/** Files below `folder`. */
export function localStore(folder: string, minFreeBytes = leastFreeBytes): FileStore {
  const pathOf = (key: string): string => {
    if (!keyPattern.test(key)) throw new Error('not a key of a file');
    return join(folder, key);
  };
  const checksum = async (key: string): Promise<Buffer> => {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(pathOf(key))) hash.update(chunk as Buffer);
    return hash.digest();
  };
  return {
    checksum,
    async hasRoom() {
      await mkdir(folder, { recursive: true });
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize >= minFreeBytes;
    },
    async find(key) {
      const found = await stat(pathOf(key)).catch(nullIfMissing);
      return found && { bytes: found.size, changedAt: found.mtime };
    },
    read: (key, span) => createReadStream(pathOf(key), span),
    async put(key, chunks) {
      const path = pathOf(key);
      const part = `${path}.${randomUUID()}.part`;
      await mkdir(dirname(path), { recursive: true });
      try {
        const stored = await writeDurably(part, chunks);
        await rename(part, path);
        await syncFolder(dirname(path));
        if (!(await checksum(key)).equals(stored.sha256)) throw new Error('a file reads otherwise than it was written');
        return stored;
      } catch (error) {
        await rm(part, { force: true });
        throw error;
      }
    },
    async remove(key) {
      const path = pathOf(key);
      await unlink(path).catch(nullIfMissing);
      await syncFolder(dirname(path));
    },
  };
}

async function writeDurably(path: string, chunks: AsyncIterable<Buffer>): Promise<Stored> {
  const hash = createHash('sha256');
  let bytes = 0;
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.length;
      await file.write(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { bytes, sha256: hash.digest() };
}

/** A rename or an unlink is durable once its folder is. Source: fsync(2). */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(nullIfMissing);
  try {
    await folder?.sync();
  } finally {
    await folder?.close();
  }
}

function nullIfMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
