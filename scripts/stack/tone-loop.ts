const rate = 8_000;

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
