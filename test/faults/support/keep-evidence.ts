import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { query } from '../../../src/db/query.ts';
import type { City } from './city.ts';
import type { Evidence } from './invariants.ts';

/** For whoever looks for the reason: what phones and rows said, the events of each call, and the logs, in the folder that FAULTS_EVIDENCE names. */
export async function keepEvidence({ pool, dataDir }: City, fault: string, evidence: Evidence): Promise<void> {
  const parent = process.env['FAULTS_EVIDENCE'];
  if (!parent) return;
  const folder = join(parent, fault.replaceAll(/[^a-z0-9]+/gi, '-'));
  mkdirSync(folder, { recursive: true });
  const events = await query<{ at: Date }>(pool, 'select e.*, c.caller_number from call_events e join calls c on c.id = e.call_id where c.id = any($1) order by e.id', [evidence.rows.map((row) => row.id)]);
  writeFileSync(join(folder, 'evidence.json'), JSON.stringify({ ...evidence, events: events.map((event) => ({ afterSec: (event.at.getTime() - evidence.atMs) / 1_000, ...event })) }, null, 1));
  for (const name of ['service.log', 'stand-by.log', 'asterisk.log']) {
    try {
      copyFileSync(join(dataDir, 'log', name), join(folder, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // no stand-by in this fault
    }
  }
}
