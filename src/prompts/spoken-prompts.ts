import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Tx } from '../db/query.ts';
import { saveSpokenPrompts } from './queries.ts';

/** The list that the set-up speaks: key,text. */
const list = fileURLToPath(new URL('../../asterisk-conf/prompts.csv', import.meta.url));

/** Brings the rows to the list of this version of the service. */
export async function syncSpokenPrompts(tx: Tx): Promise<void> {
  const lines = readFileSync(list, 'utf8').trim().split('\n').slice(1);
  await saveSpokenPrompts(tx, lines.map((line) => ({ key: line.split(',')[0] ?? '', text: line.slice(line.indexOf(',') + 1) })));
}
