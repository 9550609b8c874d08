/** Samples a second of everything Asterisk plays here. */
const playedRate = 8_000;
/** No prompt is longer, seconds. */
const longestSec = 60;

/** Mono 16-bit PCM at 8 kHz as a WAV file. Source: Microsoft RIFF/WAVE, PCM format chunk. */
export function encodeWav(samples: Int16Array): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.length * 2, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(playedRate, 24);
  header.writeUInt32LE(playedRate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.length * 2, 40);
  return Buffer.concat([header, Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)]);
}

export type Sound = { readonly rate: number; readonly samples: Int16Array };

/** The sound of a WAV file, stereo mixed to mono; or, as a text, why it cannot be a prompt. Nothing in the file is taken on trust. */
export function readWav(file: Buffer): Sound | string {
  if (file.length < 12 || file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE') return 'is not a WAV file (RIFF/WAVE); convert it to WAV';
  const chunks = readChunks(file);
  if (typeof chunks === 'string') return chunks;
  const [format, data] = [chunks.get('fmt '), chunks.get('data')];
  if (!format || format.length < 16) return 'has no format chunk; convert it anew';
  const fault = findFormatFault(format);
  if (fault) return fault;
  const [channels, rate] = [format.readUInt16LE(2), format.readUInt32LE(4)];
  const count = Math.floor((data?.length ?? 0) / (2 * channels));
  if (!data || count === 0) return 'holds no sound';
  if (count > longestSec * rate) return `is longer than ${longestSec} seconds; shorten it`;
  return { rate, samples: mix(data, channels, count) };
}

function readChunks(file: Buffer): Map<string, Buffer> | string {
  const chunks = new Map<string, Buffer>();
  for (let at = 12; at + 8 <= file.length; ) {
    const [name, size] = [file.toString('latin1', at, at + 4), file.readUInt32LE(at + 4)];
    if (at + 8 + size > file.length) return `ends in the middle of its chunk "${name.trim()}"; it was cut off, send it again`;
    if (!chunks.has(name)) chunks.set(name, file.subarray(at + 8, at + 8 + size));
    at += 8 + size + (size % 2); // chunks begin at even places
  }
  return chunks;
}

/** 1 is PCM; 0xFFFE names its coding in the first two bytes of a GUID. Source: Microsoft WAVEFORMATEXTENSIBLE. */
function findFormatFault(format: Buffer): string | null {
  const tag = format.readUInt16LE(0);
  const coding = tag === 0xfffe && format.length >= 26 ? format.readUInt16LE(24) : tag;
  const [channels, rate, bits] = [format.readUInt16LE(2), format.readUInt32LE(4), format.readUInt16LE(14)];
  if (coding !== 1) return 'is compressed; convert it to PCM';
  if (bits !== 16) return `has ${bits} bits a sample; convert it to 16`;
  if (channels !== 1 && channels !== 2) return `has ${channels} channels; convert it to mono or stereo`;
  if (rate < playedRate || rate > 48_000) return `has ${rate} samples a second; convert it to 8,000 to 48,000`;
  return null;
}

function mix(data: Buffer, channels: number, count: number): Int16Array {
  return Int16Array.from({ length: count }, (_, at) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) sum += data.readInt16LE((at * channels + channel) * 2);
    return Math.trunc(sum / channels);
  });
}

/**
 * Brought to 8 kHz by a windowed-sinc low-pass (3.6 kHz) at each output sample. The output samples fall on few places between
 * input samples, so the filter of each place is reckoned once: a minute at 48 kHz takes a tenth of a second.
 */
export function resampleTo8k({ rate, samples }: Sound): Int16Array {
  if (rate === playedRate) return samples;
  const output = new Int16Array(Math.floor((samples.length * playedRate) / rate));
  const half = Math.ceil((16 * rate) / playedRate);
  const filters = new Map<number, Float64Array>();
  for (let at = 0; at < output.length; at += 1) {
    const [first, place] = [Math.floor((at * rate) / playedRate), (at * rate) % playedRate];
    let filter = filters.get(place);
    if (!filter) filters.set(place, (filter = makeFilter(rate, half, place / playedRate)));
    let sum = 0;
    for (let tap = -half; tap <= half; tap += 1) sum += (samples[first + tap] ?? 0) * (filter[tap + half] ?? 0);
    output[at] = Math.max(-32768, Math.min(32767, Math.round(sum)));
  }
  return output;
}

function makeFilter(rate: number, half: number, offset: number): Float64Array {
  const cutoff = 3_600 / rate;
  return Float64Array.from({ length: 2 * half + 1 }, (_, index) => {
    const x = index - half - offset;
    if (Math.abs(x) > half) return 0;
    const sinc = x === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * x) / (Math.PI * x);
    return sinc * (0.54 + 0.46 * Math.cos((Math.PI * x) / half));
  });
}
