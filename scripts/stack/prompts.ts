import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeWav, resampleTo8k } from '../../src/prompts/wav-rules.ts';
import { makeOnce } from './cache-folder.ts';
import { debianProgram } from './debian-program.ts';
import { runTool } from './run-tool.ts';
import type { Settings } from './settings.ts';
import { toneLoop } from './tone-loop.ts';

const list = fileURLToPath(new URL('../../asterisk-conf/prompts.csv', import.meta.url));
/** As in asterisk-conf/Dockerfile. At 210 notice and greeting take 9 s, so that a caller can be with a seat within 15; -z: no pause at the end. */
const voices = { zh: ['-v', 'cmn', '-a', '80', '-s', '210', '-z'], en: ['-v', 'en', '-a', '80', '-s', '160', '-z'] };

/** A prompt in one language; `file` is its path below sounds/ without `.wav`, where Asterisk looks for it: English in a folder of its own. */
type Prompt = { readonly file: string; readonly own: string; readonly text: string; readonly voice: readonly string[] };

/** Out of `key,text,english`. The English is the rest of the line and may hold commas; a text that is missing makes no prompt. */
function readPrompts(list: string): Prompt[] {
  return list.trim().split('\n').slice(1).flatMap((line) => {
    const [key = '', text = '', ...rest] = line.split(',');
    const prompts = [{ file: `hotline/${key}`, own: key, text, voice: voices.zh }, { file: `en/hotline/${key}`, own: `en/${key}`, text: rest.join(','), voice: voices.en }];
    return prompts.filter((prompt) => prompt.text !== '');
  });
}

/** Speaks every text of prompts.csv, once: the WAV files are cached by voices and texts. Returns their folder. */
export async function speakPrompts({ cacheDir, signal, onProgress }: Pick<Settings, 'cacheDir' | 'signal' | 'onProgress'>, root: string): Promise<string> {
  const text = readFileSync(list, 'utf8');
  const stamp = createHash('sha256').update(JSON.stringify(voices) + text).digest('hex').slice(0, 12);
  return makeOnce(join(cacheDir, `prompts-${stamp}`), async (work) => {
    const prompts = readPrompts(text);
    onProgress(`Speaking ${prompts.length} prompts`);
    for (const folder of ['hotline', 'en/hotline']) mkdirSync(join(work, folder), { recursive: true });
    for (const prompt of prompts) await speak(root, prompt, join(work, `${prompt.file}.wav`), signal);
  });
}

/** Lays out sounds and music. A site's own recording in `<data>/prompts/<key>.wav` or `<data>/prompts/en/<key>.wav` (8 kHz, mono, 16 bit) wins over what is spoken. */
export async function makePrompts(settings: Settings, root: string, soundsDir: string, musicDir: string): Promise<void> {
  for (const folder of [join(soundsDir, 'hotline'), join(soundsDir, 'en/hotline'), join(musicDir, 'silence')]) mkdirSync(folder, { recursive: true });
  const spoken = await speakPrompts(settings, root);
  for (const prompt of readPrompts(readFileSync(list, 'utf8'))) {
    const own = join(settings.dataDir, 'prompts', `${prompt.own}.wav`);
    copyFileSync(existsSync(own) ? own : join(spoken, `${prompt.file}.wav`), join(soundsDir, `${prompt.file}.wav`));
  }
  writeFileSync(join(musicDir, 'silence/silence.wav'), encodeWav(new Int16Array(80_000)));
  const music = join(musicDir, 'waiting.wav');
  if (existsSync(music)) return; // perhaps the city's own
  writeFileSync(`${music}.part`, encodeWav(toneLoop()));
  renameSync(`${music}.part`, music);
}

async function speak(root: string, { text, voice }: Prompt, file: string, signal: AbortSignal): Promise<void> {
  const program = debianProgram(root, 'usr/bin/espeak-ng');
  const end = await runTool(program.command, [...program.args, ...voice, '--stdout', text], { signal, env: { ESPEAK_DATA_PATH: join(dirname(program.command), 'espeak-ng-data') } });
  if (!end.isGood || end.output.length < 1000) throw new Error(`espeak-ng could not speak a prompt: ${end.errors}`);
  writeFileSync(file, encodeWav(resampleTo8k(readSpoken(end.output))));
}

/** What espeak-ng pipes: mono, 16 bit; its header does not know yet how much follows. */
function readSpoken(wav: Buffer): { rate: number; samples: Int16Array } {
  const data = wav.subarray(44);
  return { rate: wav.readUInt32LE(24), samples: Int16Array.from({ length: data.length >> 1 }, (_, at) => data.readInt16LE(at * 2)) };
}
