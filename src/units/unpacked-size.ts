import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';

const unpack = promisify(inflateRaw);
const [endOfList, listEntry] = [Buffer.from('PK\u0005\u0006'), 0x0201_4b50];
const [endLength, entryLength, headerLength] = [22, 46, 30];
const deflated = 8;

/**
 * How many bytes a ZIP file unpacks to, found by unpacking, since what it says of itself may be a lie; null for more than `most`, and for a file that
 * readers might read in another way (ZIP64, or with something before it).
 * Source: PKWARE APPNOTE.TXT 6.3.10, 4.3.7, 4.3.12 and 4.3.16.
 */
export async function unpackedSize(file: Buffer, most: number): Promise<number | null> {
  const end = file.lastIndexOf(endOfList);
  if (end === -1 || end + endLength > file.length) return null;
  let at = file.readUInt32LE(end + 16);
  if (at + file.readUInt32LE(end + 12) !== end) return null;
  let size = 0;
  // To where the list ends, whatever number of entries the file claims.
  while (at + entryLength <= end && file.readUInt32LE(at) === listEntry) {
    const header = file.readUInt32LE(at + 42);
    if (header + headerLength > file.length) return null;
    const start = header + headerLength + file.readUInt16LE(header + 26) + file.readUInt16LE(header + 28);
    const packed = file.subarray(start, start + file.readUInt32LE(at + 20));
    size += file.readUInt16LE(at + 10) === deflated ? await sizeOf(packed, most - size) : packed.length;
    if (size > most) return null;
    at += entryLength + file.readUInt16LE(at + 28) + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32);
  }
  return size;
}

async function sizeOf(packed: Buffer, most: number): Promise<number> {
  return unpack(packed, { maxOutputLength: most + 1 }).then((unpacked) => unpacked.length, () => Number.POSITIVE_INFINITY); // too long, or broken
}
