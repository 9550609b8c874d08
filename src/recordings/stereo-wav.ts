import type { Silence } from './silence-rules.ts';

/** What Asterisk's MixMonitor writes with option D: 16-bit little-endian samples at 8 kHz, the citizen's and the others' in turn. */
export const rawBytesPerFrame = 4;
const sampleRate = 8_000;
const channels = 2;
const headerBytes = 58;

/** Milliseconds of a raw recording. */
export function rawDurationMs(bytes: number): number {
  return Math.round((Math.floor(bytes / rawBytesPerFrame) * 1_000) / sampleRate);
}

/** Without the half frame that a crash of Asterisk leaves. */
export function wholeFrames(bytes: number): number {
  return bytes - (bytes % rawBytesPerFrame);
}

/** Bytes of so many milliseconds, in whole frames. */
export function rawBytes(ms: number): number {
  return Math.round((ms * sampleRate) / 1_000) * rawBytesPerFrame;
}

const quiet = Buffer.alloc(rawBytes(1_000));

/** The raw recording with silence where it belongs, a second at a time. Places beyond its end are its end. */
export async function* withSilences(raw: AsyncIterable<Buffer>, silences: readonly Silence[]): AsyncGenerator<Buffer> {
  const left = silences.map(({ atMs, forMs }) => ({ at: rawBytes(atMs), bytes: rawBytes(forMs) })).sort((one, other) => one.at - other.at);
  let at = 0;
  for await (const chunk of raw) {
    let from = 0;
    for (let next = left[0]; next && next.at < at + chunk.length; next = left[0]) {
      if (next.at > at + from) yield chunk.subarray(from, next.at - at);
      from = next.at - at;
      yield* silent(next.bytes);
      left.shift();
    }
    yield chunk.subarray(from);
    at += chunk.length;
  }
  for (const { bytes } of left) yield* silent(bytes);
}

function* silent(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= quiet.length) yield quiet.subarray(0, Math.min(left, quiet.length));
}

/**
 * A raw recording as a WAV file, A-law, 16 kB a second: what the trunk carries, so hardly anything is lost, and half of
 * 16-bit PCM. Browsers play it (Chromium and Firefox decode A-law in WAV). `bytes` is the raw length; a half frame at its end is left out.
 */
export async function* encodeStereo(raw: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  const frames = Math.floor(bytes / rawBytesPerFrame);
  yield wavHeader(frames);
  let left = frames * channels;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of raw) {
    const whole = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const samples = Math.min(whole.length >> 1, left);
    const out = Buffer.allocUnsafe(samples);
    for (let at = 0; at < samples; at += 1) out[at] = aLaw[whole.readUInt16LE(at * 2)] ?? 0;
    rest = whole.subarray(samples * 2);
    left -= samples;
    if (samples > 0) yield out;
    if (left === 0) break;
  }
  if (left > 0) throw new Error('a raw recording became shorter while it was read');
}

/** Source: Microsoft Multimedia Standards Update 3.0, WAVE_FORMAT_ALAW (6): a format chunk of 18 bytes, and a fact chunk. */
export function wavHeader(frames: number): Buffer {
  const data = frames * channels;
  const header = Buffer.alloc(headerBytes);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(header.length - 8 + data + (data % 2), 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(18, 16);
  header.writeUInt16LE(6, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * channels, 28);
  header.writeUInt16LE(channels, 32);
  header.writeUInt16LE(8, 34);
  header.write('fact', 38, 'latin1');
  header.writeUInt32LE(4, 42);
  header.writeUInt32LE(frames, 46);
  header.write('data', 50, 'latin1');
  header.writeUInt32LE(data, 54);
  return header;
}

/** The bytes, both included, of what lies between two moments of a stored file of `bytes`, milliseconds from its beginning; cut to what is there. */
export function partOfWav(bytes: number, fromMs: number, toMs: number): { readonly start: number; readonly end: number; readonly frames: number } {
  const all = Math.max(0, Math.floor((bytes - headerBytes) / channels));
  const frameAt = (ms: number): number => Math.min(all, Math.max(0, Math.round((ms * sampleRate) / 1_000)));
  const [first, last] = [frameAt(fromMs), Math.max(frameAt(fromMs), frameAt(toMs))];
  return { start: headerBytes + first * channels, end: headerBytes + last * channels - 1, frames: last - first };
}

/** Source: ITU-T G.711, table 1a: sign, segment of the chord, four bits in it, every other bit inverted. */
export function encodeALaw(sample: number): number {
  const isPositive = sample >= 0;
  const magnitude = (isPositive ? sample : -sample - 1) >> 3;
  const segment = Math.max(0, 31 - Math.clz32(magnitude | 1) - 4);
  const bits = (magnitude >> Math.max(1, segment)) & 0xf;
  return ((segment << 4) | bits) ^ (isPositive ? 0xd5 : 0x55);
}

/** By the sample's two bytes read as an unsigned number. */
const aLaw = Uint8Array.from({ length: 65_536 }, (_, value) => encodeALaw(value >= 32_768 ? value - 65_536 : value));
