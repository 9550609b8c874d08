import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeWav, readWav, resampleTo8k } from '../../src/prompts/wav-rules.ts';

const tone = (rate: number, hertz: number, seconds: number) =>
  Int16Array.from({ length: Math.round(rate * seconds) }, (_, at) => Math.round(10_000 * Math.sin((2 * Math.PI * hertz * at) / rate)));
/** How much of the sound is at `hertz`: its amplitude there. */
const amplitude = (samples: Int16Array, hertz: number): number => {
  let [sine, cosine] = [0, 0];
  for (const [at, sample] of samples.entries()) {
    sine += sample * Math.sin((2 * Math.PI * hertz * at) / 8_000);
    cosine += sample * Math.cos((2 * Math.PI * hertz * at) / 8_000);
  }
  return (2 * Math.hypot(sine, cosine)) / samples.length;
};
/** A WAV file of any form, with another chunk before the sound. */
const wav = ({ rate = 8_000, channels = 1, bits = 16, tag = 1, samples = tone(8_000, 440, 0.1) } = {}): Buffer => {
  const data = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const file = Buffer.alloc(12 + 8 + 5 + 1 + 24 + 8);
  file.write('RIFF', 0);
  file.writeUInt32LE(file.length + data.length - 8, 4);
  file.write('WAVELIST', 8);
  file.writeUInt32LE(5, 16);
  file.write('fmt ', 26);
  file.writeUInt32LE(16, 30);
  [tag, channels].forEach((value, index) => file.writeUInt16LE(value, 34 + index * 2));
  file.writeUInt32LE(rate, 38);
  file.writeUInt16LE(bits, 48);
  file.write('data', 50);
  file.writeUInt32LE(data.length, 54);
  return Buffer.concat([file, data]);
};
const soundOf = (file: Buffer) => {
  const sound = readWav(file);
  if (typeof sound === 'string') throw new Error(sound);
  return sound;
};

describe('a recording that is uploaded', () => {
  it('comes out as it went in when it has the form that Asterisk plays', () => {
    fc.assert(fc.property(fc.int16Array({ minLength: 1, maxLength: 500 }), (samples) => {
      expect(resampleTo8k(soundOf(encodeWav(samples)))).toEqual(samples);
      expect(soundOf(wav({ samples })).samples).toEqual(samples);
    }));
  });

  it.each([11_025, 16_000, 22_050, 44_100, 48_000])('at %i samples a second keeps its tone and its length, and tones that 8 kHz cannot carry are gone', (rate) => {
    const low = resampleTo8k({ rate, samples: tone(rate, 1_000, 1) });
    expect(Math.abs(low.length - 8_000)).toBeLessThan(2);
    expect(amplitude(low, 1_000)).toBeGreaterThan(9_500);
    expect(amplitude(low, 1_000)).toBeLessThan(10_500);
    const high = 5_000;
    // 5 kHz would be heard as 3 kHz.
    expect(amplitude(resampleTo8k({ rate, samples: tone(rate, high, 1) }), 8_000 - high)).toBeLessThan(100);
  });

  it('in stereo is mixed', () => {
    expect([...soundOf(wav({ channels: 2, samples: Int16Array.from([100, 300, -100, -300, 32_767, 32_767]) })).samples]).toEqual([200, -200, 32_767]);
  });

  it.each([
    ['what is no WAV', Buffer.from('ID3 some music that is an MP3 file'), 'is not a WAV file'],
    ['a compressed one', wav({ tag: 6 }), 'is compressed'],
    ['24 bits', wav({ bits: 24 }), '24 bits'],
    ['six channels', wav({ channels: 6 }), '6 channels'],
    ['4 kHz', wav({ rate: 4_000 }), '4000 samples'],
    ['96 kHz', wav({ rate: 96_000 }), '96000 samples'],
    ['silence without end', wav({ samples: new Int16Array(0) }), 'no sound'],
    ['more than a minute', wav({ samples: new Int16Array(8_000 * 60 + 1) }), 'longer than 60'],
    ['half a file', wav().subarray(0, 200), 'cut off'],
  ])('is refused when it is %s', (_what, file, why) => {
    expect(readWav(file)).toContain(why);
  });

  it('never makes the reader fail, whatever it holds', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(60), (bytes, at) => {
      const file = wav();
      file.set(bytes.subarray(0, Math.max(0, file.length - at)), at);
      expect(['string', 'object']).toContain(typeof readWav(file));
      expect(['string', 'object']).toContain(typeof readWav(Buffer.from(bytes)));
    }));
  });
});
