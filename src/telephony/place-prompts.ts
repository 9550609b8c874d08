import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deps } from '../deps.ts';
import { findRecordingOf, isRecording, listRecorded } from '../prompts/queries.ts';
import { readIfThere, replaceFile } from './asterisk-folder.ts';

/**
 * Puts the uploaded recordings where Asterisk looks first, and takes away those that are no longer wanted; the next caller
 * hears it so. A file that never was uploaded is somebody's own and stays.
 */
export async function placePrompts(deps: Deps): Promise<void> {
  const folder = deps.config.HOTLINE_PROMPTS_DIR;
  await mkdir(folder, { recursive: true });
  const wanted = new Map((await listRecorded(deps.pool)).map(({ key, sha256 }) => [key, sha256]));
  for (const [key, sha256] of wanted) {
    const file = join(folder, `${key}.wav`);
    if ((await checksum(file)) === sha256) continue;
    const audio = await findRecordingOf(deps.pool, key);
    if (!audio) continue; // taken away meanwhile, which is a change of its own
    await replaceFile(file, audio);
    deps.log.info({ prompt: key }, 'Gave a recorded prompt to Asterisk');
  }
  for (const name of await readdir(folder)) {
    const key = /^([a-z0-9-]+)\.wav$/.exec(name)?.[1];
    if (key === undefined || wanted.has(key)) continue;
    const sha256 = await checksum(join(folder, name));
    if (sha256 === null || !(await isRecording(deps.pool, sha256))) continue;
    await rm(join(folder, name), { force: true });
    deps.log.info({ prompt: key }, 'Took a recorded prompt away from Asterisk');
  }
}

async function checksum(file: string): Promise<string | null> {
  const content = await readIfThere(file);
  return content && createHash('sha256').update(content).digest('hex');
}
