import { inBox } from './boxes.ts';
import { caseConditions, isOfOpen, type ListFilter, type Written } from './list-filter.ts';
import { hasPart } from '../life/scope.ts';
import { fewUnits, mostParts, type Reader, type SubtreeSize } from './reader.ts';
import { all, Values, type Statement } from './sql-parts.ts';
import type { WordQuery } from './words-rules.ts';
import { hasWords } from './words-sql.ts';

/** `newest`: the youngest first. `due`: open cases, by what they wait for next. */
export type Sort = 'newest' | 'due';
/** Where a page begins: behind this key. `dueKey`: `next_due_at` as PostgreSQL writes it, for `due` only. */
export type PageKey = { readonly id: string; readonly dueKey: string | null };
export type Wanted = { readonly filter: ListFilter; readonly reader: Reader; readonly sort: Sort; readonly after: PageKey | null; readonly limit: number; readonly now: Date; readonly written?: Written };
/** What the way to a page depends on. `sizes`: of the subtrees that the list is limited to. `isTagged`: all cases have their tags. */
export type Known = { readonly categoryCodes: readonly string[] | null; readonly sizes: ReadonlyMap<string, SubtreeSize>; readonly isTagged: boolean };

/** A page of cases without the help of words; `words`: each case is looked at whether it has them. */
export function casePage(wanted: Wanted, known: Known, words?: WordQuery): Statement {
  const { filter, sort } = wanted;
  const values = new Values();
  const [unit, { units, parts }] = [...known.sizes].sort(([, one], [, other]) => one.units - other.units)[0] ?? [null, { units: 0, parts: 0 }];
  const isOpen = isOfOpen(filter) || sort === 'due';
  if (unit !== null && !isOpen && units <= fewUnits) return { text: unitPage(unit, wanted, known, values), values: values.list };
  const isGathered = unit !== null && parts < mostParts && filter.box === undefined;
  const text = `select k.id, ${dueKey(filter)}::text as due_key from cases k where ${all([
    conditionsOf(wanted, known, values, words, isGathered ? unit : null),
    isGathered && `k.id in (select p.case_id from unit_ancestors a join case_units p on p.unit_id = a.unit_id where a.ancestor_id = ${values.add(unit)})`,
    behind(wanted, values),
  ])}\norder by ${sort === 'newest' ? 'k.id desc' : `${dueKey(filter)}, k.id`} limit ${values.add(wanted.limit)}`;
  return { text, values: values.list };
}

/** The newest of each unit, put together. */
function unitPage(unit: string, wanted: Wanted, known: Known, values: Values): string {
  const limit = values.add(wanted.limit);
  return `select x.id, null as due_key from unit_ancestors a cross join lateral (
      select distinct p.case_id as id from case_units p cross join lateral (select from cases k where k.id = p.case_id and ${conditionsOf(wanted, known, values, undefined, unit)} offset 0) k
      where p.unit_id = a.unit_id ${wanted.after ? `and p.case_id < ${values.add(wanted.after.id)}` : ''} order by p.case_id desc limit ${limit}) x
    where a.ancestor_id = ${values.add(unit)} group by x.id order by x.id desc limit ${limit}`;
}

/** What is asked of each case (`k`), but for its place in the list. `seen`: a unit that needs no look any more. */
export function conditionsOf({ filter, reader, now, sort, written }: Omit<Wanted, 'limit' | 'after'>, { sizes, categoryCodes }: Known, values: Values, words?: WordQuery, seen: string | null = null): string {
  const isUnitBox = filter.box === 'unit' || filter.box === 'subtree' || (filter.box === 'mine' && reader.unitId !== null);
  const units = [...sizes.keys()].filter((unit) => unit !== seen && !(isUnitBox && unit === reader.unitId));
  return all([
    isOpenOnly(filter, sort) && 'k.closed_at is null',
    filter.box && inBox(filter.box, values, reader, sizes.get(reader.unitId ?? '')?.units ?? 0),
    caseConditions(filter, values, { reader, now, categoryCodes, written }),
    words && hasWords(words, values),
    ...units.map((unit) => hasPart(values.add(unit))),
  ]);
}

/** What waits for a decision may be closed; every other list in the order of deadlines is of open cases, as some filters are by themselves. */
export function isOpenOnly(filter: ListFilter, sort: Sort): boolean {
  return isOfOpen(filter) || (sort === 'due' && filter.box !== 'decide');
}

/** By what a list in the order of deadlines is put in order; what waits for a decision may be closed, and then has no deadline. */
export function dueKey({ box }: ListFilter): string {
  return box === 'decide' ? `coalesce(k.next_due_at, 'infinity'::timestamptz)` : 'k.next_due_at';
}

export function behind({ filter, sort, after }: Wanted, values: Values): string | null {
  if (!after) return null;
  return sort === 'newest' ? `k.id < ${values.add(after.id)}` : `(${dueKey(filter)}, k.id) > (${values.add(after.dueKey)}::timestamptz, ${values.add(after.id)}::uuid)`;
}
