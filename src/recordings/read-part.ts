import { Readable } from 'node:stream';
import type { FileStore } from '../files/file-store.ts';
import type { StoredRecording } from './delete-recording.ts';
import { partOfWav, wavHeader } from './stereo-wav.ts';

/** What lies between two moments of a stored recording, as a WAV file of its own; `bytes` long. What lies outside of the recording is left out. */
export function readPart(store: FileStore, row: StoredRecording, { from, to }: { readonly from: Date; readonly to: Date }): { readonly bytes: number; readonly wav: Readable } {
  const begin = row.startedAt.getTime();
  const { start, frames, end } = partOfWav(row.bytes, from.getTime() - begin, to.getTime() - begin);
  const header = wavHeader(frames);
  async function* chunks(): AsyncGenerator<Buffer> {
    yield header;
    if (frames > 0) yield* store.read(row.path, { start, end }) as Readable & AsyncIterable<Buffer>;
  }
  return { bytes: header.length + end + 1 - start, wav: Readable.from(chunks(), { objectMode: false }) };
}
