/** Samples a second of everything Asterisk plays here. */
const rate = 8_000;

/** Mono 16-bit PCM at 8 kHz as a WAV file. Source: Microsoft RIFF/WAVE, PCM format chunk. */
export function encodeWav(samples: Int16Array): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.length * 2, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.length * 2, 40);
  return Buffer.concat([header, Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)]);
}

/** A mono 16-bit WAV of any rate, brought to 8 kHz by a windowed-sinc low-pass (3.6 kHz) at each output sample. */
export function resampleTo8k(wav: Buffer): Int16Array {
  const from = wav.readUInt32LE(24);
  const data = wav.subarray(44);
  const input = new Int16Array(data.length >> 1);
  for (let at = 0; at < input.length; at += 1) input[at] = data.readInt16LE(at * 2);
  const output = new Int16Array(Math.floor((input.length * rate) / from));
  const cutoff = 3_600 / from;
  const half = 32;
  for (let at = 0; at < output.length; at += 1) {
    const centre = (at * from) / rate;
    let sum = 0;
    for (let tap = Math.ceil(centre - half); tap <= centre + half; tap += 1) {
      const x = tap - centre;
      const sinc = x === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * x) / (Math.PI * x);
      sum += (input[tap] ?? 0) * sinc * (0.54 + 0.46 * Math.cos((Math.PI * x) / half));
    }
    output[at] = Math.max(-32768, Math.min(32767, Math.round(sum)));
  }
  return output;
}

/** Music on hold until a city brings its own: a quiet pentatonic loop of 16 soft notes. */
export function toneLoop(): Int16Array {
  const notes = [392, 440, 523, 587, 659, 587, 523, 440, 392, 330, 392, 440, 523, 440, 392, 330];
  const noteSamples = rate / 2;
  return Int16Array.from({ length: notes.length * noteSamples }, (_, at) => {
    const frequency = notes[Math.floor(at / noteSamples)] ?? 440;
    const seconds = (at % noteSamples) / rate;
    return Math.round(3_000 * Math.exp(-4 * seconds) * Math.sin(2 * Math.PI * frequency * seconds));
  });
}
