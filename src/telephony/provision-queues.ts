import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deps } from '../deps.ts';
import { listFormerNumbers } from '../configuration/queries.ts';
import { listNumbers, listQueues } from '../routing/queries.ts';
import type { AmiConnection } from './ami-connection.ts';
import type { AriConnection } from './ari-connection.ts';
import { readIfThere, replaceFile } from './asterisk-folder.ts';

/** The queue that stands in asterisk-conf/queues.conf: there in every Asterisk. */
export const lastResort = '12345';

/**
 * Gives Asterisk a queue of its own for each of ours, and the numbers that lead there while no service is there. Both are read
 * from files that its configuration includes, also when it starts without us. Queues that it does not know, because it
 * does not see our folder, are stood in for by the last resort. Returns the queues that it knows.
 */
export async function provisionQueues(deps: Deps, { ari, ami }: { readonly ari: AriConnection; readonly ami: AmiConnection }): Promise<ReadonlySet<string>> {
  const [queues, numbers, former] = await Promise.all([listQueues(deps.pool), listNumbers(deps.pool), listFormerNumbers(deps.pool)]);
  const folder = deps.config.HOTLINE_PROMPTS_DIR;
  const names = queues.map((queue) => queue.id).filter((id) => id !== lastResort);
  await keepFile(folder, 'queues.conf', names.map((id) => `[${id}](fallback)\n`).join(''));
  await ami.action('QueueReload', { Members: 'no', Rules: 'no', Parameters: 'yes' });
  const known = await readQueues(ami);
  const unknown = names.filter((id) => !known.has(id));
  if (unknown.length > 0) deps.log.warn({ queues: unknown }, 'Asterisk does not read the queues in HOTLINE_PROMPTS_DIR; while no service is there, their calls go to the queue 12345');
  const leading = new Map(numbers.map(({ number, queueId }) => [number, known.has(queueId) ? queueId : lastResort]));
  await keepFile(folder, 'numbers.conf', [...leading].map(([number, queue]) => `FALLBACK_${number} = ${queue}\n`).join(''));
  const gone = [lastResort, ...former].filter((number) => !leading.has(number)).map((number) => [number, ''] as const);
  for (const [number, queue] of [...leading, ...gone]) await ari.command('POST', '/asterisk/variable', { variable: `FALLBACK_${number}`, value: queue });
  return known;
}

/** Source: Asterisk AMI event QueueSummary. */
async function readQueues(ami: AmiConnection): Promise<ReadonlySet<string>> {
  const items = await ami.action('QueueSummary', {}, true);
  return new Set(items.filter((item) => item['event'] === 'QueueSummary').map((item) => item['queue'] ?? ''));
}

/** Only when it differs, so that Asterisk has nothing to read again. */
async function keepFile(folder: string, name: string, text: string): Promise<void> {
  const file = join(folder, name);
  await mkdir(folder, { recursive: true });
  if ((await readIfThere(file))?.toString() !== text) await replaceFile(file, text);
}
