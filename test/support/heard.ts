import { encodeALaw } from '../../src/recordings/stereo-wav.ts';

const rate = 8_000;

/** A second of a tone, A-law at 8 kHz, for a phone that speaks. Whole hertz, so that it can be played again and again. */
export function tone(hertz: number): Buffer {
  return Buffer.from(Array.from({ length: rate }, (_, at) => encodeALaw(Math.round(8_000 * Math.sin((2 * Math.PI * hertz * at) / rate)))));
}

/** Which of the tones each side of a stereo A-law WAV holds from `fromMs` to `toMs`. */
export function tonesIn(wav: Buffer, fromMs: number, toMs: number, tones: readonly number[]): { left: number[]; right: number[] } {
  const [from, to] = [fromMs, toMs].map((ms) => Math.max(0, Math.round((ms * rate) / 1_000))) as [number, number];
  const side = (channel: number): number[] => tones.filter((hertz) => {
    let [real, imaginary] = [0, 0];
    for (let at = from; at < to; at += 1) {
      const value = decodeALaw(wav[58 + at * 2 + channel] ?? 0xd5);
      real += value * Math.cos((2 * Math.PI * hertz * at) / rate);
      imaginary += value * Math.sin((2 * Math.PI * hertz * at) / rate);
    }
    return Math.hypot(real, imaginary) / (to - from) > 500;
  });
  return { left: side(0), right: side(1) };
}

/** Source: ITU-T G.711, table 1a, read backwards. */
export function decodeALaw(code: number): number {
  const value = code ^ 0x55;
  const [segment, bits] = [(value >> 4) & 7, value & 0xf];
  const magnitude = segment === 0 ? (bits << 4) + 8 : ((bits << 4) + 0x108) << (segment - 1);
  return value & 0x80 ? magnitude : -magnitude;
}
