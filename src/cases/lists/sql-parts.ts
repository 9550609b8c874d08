import type { Db } from '../../db/query.ts';
import { queryAnew } from '../../db/query.ts';

/** A statement under construction: its values, and the names by which its text knows them. */
export class Values {
  readonly list: unknown[] = [];

  /** The value's place in the text, `$3`. */
  add(value: unknown): string {
    this.list.push(value);
    return `$${this.list.length}`;
  }
}

export type Statement = { readonly text: string; readonly values: readonly unknown[] };

/** Lists are planned each time anew: which index is best depends on the unit, the word, the state that is asked for. */
export async function run<Row>(db: Db, { text, values }: Statement): Promise<Row[]> {
  return queryAnew<Row>(db, text, values);
}

export function all(conditions: readonly (string | null | undefined | false)[]): string {
  const given = conditions.filter((condition): condition is string => typeof condition === 'string');
  return given.length === 0 ? 'true' : given.join('\n  and ');
}
