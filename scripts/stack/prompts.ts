import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { debianProgram } from './debian-program.ts';
import type { Settings } from './settings.ts';
import { encodeWav, resampleTo8k, toneLoop } from './wav.ts';

const list = fileURLToPath(new URL('../../asterisk-conf/prompts.csv', import.meta.url));

/**
 * Speaks every text of prompts.csv, once: WAV files are cached by text. A site's own recording in
 * `<data>/prompts/<key>.wav` (8 kHz, mono, 16 bit) wins.
 */
export function makePrompts(settings: Settings, root: string, soundsDir: string, musicDir: string): void {
  const cache = join(settings.cacheDir, 'prompts');
  for (const folder of [cache, soundsDir, musicDir]) mkdirSync(folder, { recursive: true });
  const rows = readFileSync(list, 'utf8').trim().split('\n').slice(1).map((line) => line.split(','));
  for (const [key = '', ...rest] of rows) {
    const text = rest.join(',');
    const own = join(settings.dataDir, 'prompts', `${key}.wav`);
    const spoken = join(cache, `${createHash('sha256').update(`cmn ${text}`).digest('hex').slice(0, 16)}.wav`);
    if (!existsSync(own) && !existsSync(spoken)) speak(root, text, spoken);
    copyFileSync(existsSync(own) ? own : spoken, join(soundsDir, `${key}.wav`));
  }
  const music = join(musicDir, 'waiting.wav');
  if (!existsSync(music)) writeFileSync(music, encodeWav(toneLoop()));
}

function speak(root: string, text: string, file: string): void {
  const program = debianProgram(root, 'usr/bin/espeak-ng');
  const result = spawnSync(program.command, [...program.args, '-v', 'cmn', '-a', '80', '-s', '150', '--stdout', text],
    { maxBuffer: 16 << 20, env: { ...process.env, ESPEAK_DATA_PATH: join(root, program.args[1]?.split(':')[0]?.slice(root.length) ?? '', 'espeak-ng-data') } });
  if (result.status !== 0 || result.stdout.length < 1000) throw new Error(`espeak-ng could not speak a prompt: ${result.stderr.toString()}`);
  writeFileSync(`${file}.part`, encodeWav(resampleTo8k(result.stdout)));
  renameSync(`${file}.part`, file);
}
