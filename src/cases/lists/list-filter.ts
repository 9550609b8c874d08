import { query, type Db } from '../../db/query.ts';
import { vault } from '../identity/vault.ts';
import type { BoxName } from './boxes.ts';
import { lightSql, type Light } from './light-rules.ts';
import { notAbout } from '../life/scope.ts';
import type { Reader } from './reader.ts';
import { all, type Values } from './sql-parts.ts';
import { firstIdOf } from './words-rules.ts';

export type ListFilter = {
  readonly box?: BoxName | undefined;
  /** Words of the text, or a case's number or its beginning. */
  readonly q?: string | undefined;
  readonly state?: readonly string[] | undefined;
  readonly type?: readonly string[] | undefined;
  /** With the categories below it. */
  readonly category?: string | undefined;
  readonly district?: string | undefined;
  /** Units with a part in it now or before: this one and those below it. */
  readonly unitId?: string | undefined;
  readonly urgency?: readonly string[] | undefined;
  readonly channel?: readonly string[] | undefined;
  /** Opened at or after, and before. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Open cases due at or after, and before. */
  readonly dueFrom?: string | undefined;
  readonly dueTo?: string | undefined;
  readonly light?: Light | undefined;
  readonly overdue?: boolean | undefined;
  readonly supervised?: boolean | undefined;
  readonly confidential?: boolean | undefined;
  readonly ownerId?: string | undefined;
  readonly number?: string | undefined;
  /** Normalised; finds no confidential case, or the filter would tell who reported. */
  readonly phone?: string | undefined;
  readonly leaderAnswered?: boolean | undefined;
};

const closedStates = ['answered', 'declined', 'handed_over', 'closed', 'archived'];

/** Whether only open cases can be in the list: then it is read from the few that are open, among millions. */
export function isOfOpen({ box, state, light, overdue, dueFrom, dueTo }: ListFilter): boolean {
  // A unit may ask for the review of a case that is closed (甄别), and somebody decides that.
  if (box === 'decide') return light !== undefined || overdue === true;
  return box !== undefined || light !== undefined || overdue === true || dueFrom !== undefined || dueTo !== undefined
    || (state !== undefined && !state.some((one) => closedStates.includes(one)));
}

/** A category with all below it. */
export async function listCategoryCodes(db: Db, code: string): Promise<string[]> {
  const rows = await query<{ code: string }>(db, `with recursive below as (select code from case_categories where code = $1
    union select c.code from case_categories c join below b on c.parent_code = b.code) select code from below`, [code]);
  return rows.map((row) => row.code);
}

/** Days by which a case's id may be younger than its call: those that Asterisk's own queue took are written down once the service is back, after a weekend at the latest. */
export const writtenWithinDays = 3;
/** All others within so many days, ten minutes; what is later has the index `cases_written_late`. */
const soonDays = 10 / 1_440;
const isLate = `uuid_extract_timestamp(k.id) - k.opened_at > interval '10 minutes'`;
/** Which of the cases opened before a moment: those written down soon and perhaps some others, or those that were written down late. */
export type Written = 'soon' | 'late';
export type ConditionContext = { readonly reader: Reader; readonly now: Date; readonly categoryCodes: readonly string[] | null; readonly written?: Written | undefined };

/** Days from 1970 (UTC), with their fraction. */
export function daysTo(at: string): number {
  return Date.parse(at) / 86_400_000;
}

/** What the filter asks of a case (`k`), but for its words, its box and its units. */
export function caseConditions(filter: ListFilter, values: Values, { reader, now, categoryCodes, written }: ConditionContext): string {
  const given = <Value>(value: Value | undefined, condition: (name: string) => string): string | null => value === undefined ? null : condition(values.add(value));
  const any = (column: string) => (name: string): string => `k.${column} = any(${name})`;
  const is = (column: string) => (name: string): string => `k.${column} = ${name}`;
  const { from, to, light, overdue, phone } = filter;
  return all([
    isOfOpen(filter) && 'k.closed_at is null',
    given(filter.state, any('state')), given(filter.type, any('type')), given(categoryCodes ?? undefined, any('category_code')), given(filter.district, is('district_code')),
    given(filter.urgency, any('urgency')), given(filter.channel, any('channel')), given(filter.supervised, is('is_supervised')), given(filter.confidential, is('is_confidential')),
    given(filter.ownerId, is('owner_id')), given(filter.number, is('number')), given(filter.leaderAnswered, is('is_leader_answered')),
    // The id tells about when a case was opened, so that years are not read to find a month.
    given(from, (name) => `k.opened_at >= ${name} and k.id >= ${values.add(firstIdOf(daysTo(from ?? '') - 1))}`),
    given(to, (name) => `k.opened_at < ${name} and k.id < ${values.add(firstIdOf(daysTo(to ?? '') + (written === 'soon' ? soonDays : writtenWithinDays)))}`), written === 'late' && isLate,
    given(filter.dueFrom, (name) => `k.due_at >= ${name}`), given(filter.dueTo, (name) => `k.due_at < ${name}`),
    light && lightSql(light, values.add(now)), overdue === true && lightSql('red', values.add(now)),
    given(phone === undefined ? undefined : vault().indexesOf(phone), (name) => `not k.is_confidential and k.id in (select i.case_id from case_identities i where i.phone_index = any(${name}))`),
    reader.unitId !== null && notAbout(values.add(reader.unitId)),
  ]);
}
