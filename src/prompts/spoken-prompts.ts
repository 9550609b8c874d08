import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Tx } from '../db/query.ts';
import { saveSpokenPrompts } from './queries.ts';

/** The list that the set-up speaks: key,text,english. Words that only English has are no prompts of their own here. */
const list = fileURLToPath(new URL('../../asterisk-conf/prompts.csv', import.meta.url));

/** Brings the rows to the list of this version of the service. */
export async function syncSpokenPrompts(tx: Tx): Promise<void> {
  const lines = readFileSync(list, 'utf8').trim().split('\n').slice(1);
  await saveSpokenPrompts(tx, lines.map((line) => {
    const [key = '', text = ''] = line.split(',');
    return { key, text };
  }).filter((prompt) => prompt.text !== ''));
}
