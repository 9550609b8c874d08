import type { Db } from '../../db/query.ts';
import { boxes, boxesOf, inBox, type BoxName } from './boxes.ts';
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

export function countBox(box: BoxName, reader: Reader, subtreeSize: number, now: Date): Statement {
  const values = new Values();
  const inside = all([box !== 'decide' && 'k.closed_at is null', inBox(box, values, reader, subtreeSize), reader.unitId !== null && notAbout(values.add(reader.unitId))]);
  const [moment, end, most] = [now, endOfDay(now), countedTo].map((value) => values.add(value)) as [string, string, string];
  const count = (condition: string): string => `(select count(*) from (select from cases k where ${inside} and ${condition} limit ${most}) x)`;
  const dueToday = `k.next_due_at > ${moment} and k.next_due_at < ${end} and k.stopped_at is null`;
  return { text: `select ${count('true')} as count, ${count(dueToday)} as due_today, ${count(lightSql('yellow', moment))} as yellow, ${count(lightSql('red', moment))} as red`, values: values.list };
}
