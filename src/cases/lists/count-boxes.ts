import type { Db } from '../../db/query.ts';
import { boxes, boxesOf, inBox, isGathered, type BoxName } from './boxes.ts';
import { endOfDay, lightSql } from './light-rules.ts';
import { notAbout } from '../life/scope.ts';
import { sizeOfSubtree, type Reader } from './reader.ts';
import { all, run, Values, type Statement } from './sql-parts.ts';

/** Badges say "1000 and more" beyond this; what is exact beyond that is a report, and no business of every screen every minute. */
export const countedTo = 1_000;

export type BoxCount = { readonly box: BoxName; readonly nameZh: string; readonly count: number; readonly dueToday: number; readonly yellow: number; readonly red: number };

/** The reader's boxes with how much lies in each, up to `countedTo`. */
export async function countBoxes(db: Db, reader: Reader, now: Date): Promise<BoxCount[]> {
  const size = reader.unitId === null ? 0 : (await sizeOfSubtree(db, reader.unitId)).units;
  return Promise.all(boxesOf(reader).map(async (box) => {
    const [row] = await run<Omit<BoxCount, 'box' | 'nameZh'>>(db, countBox(box, reader, size, now));
    if (!row) throw new Error('a count has no row');
    return { box, nameZh: boxes[box].nameZh, ...row };
  }));
}

/**
 * What is gathered from a unit or a person is few and counted in one pass. What is read in the order of deadlines ends at the cap: the first so many tell
 * the count and the red ones, which come first.
 */
export function countBox(box: BoxName, reader: Reader, subtreeSize: number, now: Date): Statement {
  const values = new Values();
  const inside = all([box !== 'decide' && 'k.closed_at is null', inBox(box, values, reader, subtreeSize), reader.unitId !== null && notAbout(values.add(reader.unitId))]);
  const [moment, end, most] = [now, endOfDay(now), countedTo].map((value) => values.add(value)) as [string, string, string];
  const today = `k.next_due_at > ${moment} and k.next_due_at < ${end} and k.stopped_at is null`;
  const [yellow, red] = [lightSql('yellow', moment), lightSql('red', moment)];
  const first = (condition: string, order: string): string => `(select k.next_due_at, k.stopped_at, k.warn_at from cases k where ${inside} and ${condition}${order} limit ${most}) k`;
  const text = isGathered(box, subtreeSize)
    ? `select ${[['count', 'true'], ['due_today', today], ['yellow', yellow], ['red', red]].map(([name, which]) => `least(count(*) filter (where ${which ?? ''}), ${most}::integer) as ${name ?? ''}`).join(', ')} from cases k where ${inside}`
    : `select count(*) as count, (select count(*) from ${first(today, '')}) as due_today, (select count(*) from ${first(yellow, '')}) as yellow, count(*) filter (where ${red}) as red
      from ${first('true', ' order by k.next_due_at')}`;
  return { text, values: values.list };
}
