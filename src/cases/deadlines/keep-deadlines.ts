import { v7 as uuid } from 'uuid';
import { readCalendar } from '../../calendar/read-calendar.ts';
import { addWorkdays, type Calendar } from '../../calendar/workday-rules.ts';
import { write, type Db, type Tx } from '../../db/query.ts';
import { atOnce, sendAlong } from '../../db/transaction.ts';
import type { CaseRecord, Part } from '../life/case-record.ts';
import { listParts, listRequests } from '../life/queries.ts';
import { listInstructions, listOrders } from '../supervision/queries.ts';
import { wantedAlarms } from './alarm-rules.ts';
import { addSpan, chooseRule, countOf, extendCount, extendDue, resumeCount, resumeDue, startClock, uncounted, warnAt, type Count, type DeadlineRule, type Facts } from './deadline-rules.ts';
import { deleteAlarms, insertAlarms, listAlarms, listCategoriesAbove, listRules, type Alarm } from './queries.ts';

/** Working days in which a request is decided on, and in which the citizen is called back. */
const callbackWorkdays = 1;
export const decideWorkdays = 2;

/** What deadlines are reckoned by. `categoryCodes`: the case's category and those above it. */
export type Reckoning = { readonly calendar: Calendar; readonly rules: readonly DeadlineRule[]; readonly categoryCodes: readonly string[] };

export async function readReckoning(db: Db, categoryCode: string | null): Promise<Reckoning> {
  const [calendar, rules, categoryCodes] = await atOnce(readCalendar(db), listRules(db), categoryCode === null ? [] : listCategoriesAbove(db, categoryCode));
  return { calendar, rules, categoryCodes };
}

function ruleOf({ rules, categoryCodes }: Reckoning, one: CaseRecord): DeadlineRule {
  const flags: Facts['flags'] = [...(one.isSupervised ? ['supervised' as const] : []), ...(one.isComplex ? ['complex' as const] : []), ...(one.state === 'rework' ? ['rework' as const] : [])];
  return chooseRule(rules, { type: one.type, urgency: one.urgency, flags, categoryCodes });
}

/** A unit's own clock from its arrival there. */
export function clockOfPart(reckoning: Reckoning, one: CaseRecord, at: Date): Pick<Part, 'signDueAt' | 'dueAt' | 'countedFrom' | 'signWorkdays' | 'dueWorkdays'> {
  const [{ calendar }, rule] = [reckoning, ruleOf(reckoning, one)];
  const isCounted = rule.unit === 'workdays';
  return { signDueAt: addSpan(calendar, at, { unit: rule.unit, amount: rule.signAmount }), dueAt: startClock(calendar, at, rule).dueAt,
    countedFrom: isCounted ? at : null, signWorkdays: isCounted ? rule.signAmount : null, dueWorkdays: isCounted ? rule.amount : null };
}

/** By when the citizen should hear from a unit that signed now. */
export function contactClock(reckoning: Reckoning, one: CaseRecord, at: Date): Pick<Part, 'contactDueAt' | 'contactWorkdays'> {
  const { unit, contactAmount: amount } = ruleOf(reckoning, one);
  return { contactDueAt: addSpan(reckoning.calendar, at, { unit, amount }), contactWorkdays: unit === 'workdays' ? amount : null };
}

/** By when a request should be decided on. */
export function decideBy({ calendar }: Reckoning, at: Date): Date {
  return addWorkdays(calendar, at, decideWorkdays);
}

/** By when a unit answers a supervision order: as long as a supervised case has. */
export function orderClock({ calendar, rules }: Reckoning, at: Date): Count & { readonly dueAt: Date } {
  const rule = chooseRule(rules.filter((one) => one.flag === 'supervised' || one.flag === null), { type: null, urgency: 'normal', flags: ['supervised'], categoryCodes: [] });
  return { dueAt: addSpan(calendar, at, rule), ...countOf(at, rule) };
}

type Change = { readonly reckoning: () => Promise<Reckoning>; readonly before: CaseRecord; readonly after: CaseRecord; readonly at: Date; readonly extendBy?: number | undefined; readonly dueAt?: Date | undefined };
type Clock = Pick<CaseRecord, 'deadlineCode' | 'warnAt' | 'dueAt' | 'countedFrom' | 'countedWorkdays'>;

/**
 * The total clock after an act. It begins with the first dispatch, and anew with a rework; a return leaves it alone. A granted extension and
 * the end of a suspension move it, and so does a deadline that a conference fixed.
 */
export async function nextClock({ reckoning, before, after, at, extendBy, dueAt }: Change): Promise<Clock> {
  const kept: Clock = { deadlineCode: after.deadlineCode, warnAt: after.warnAt, dueAt: after.dueAt, countedFrom: after.countedFrom, countedWorkdays: after.countedWorkdays };
  const isBegun = after.dispatchedAt !== null && before.dispatchedAt === null;
  const isReworked = after.state === 'rework' && before.state === 'callback';
  const isResumed = before.stoppedAt !== null && after.stoppedAt === null;
  if (!isBegun && !isReworked && !isResumed && extendBy === undefined && dueAt === undefined) return kept;
  const known = await reckoning();
  const { calendar, rules } = known;
  const rule = ruleOf(known, after);
  const unit = rules.find((one) => one.code === after.deadlineCode)?.unit ?? rule.unit;
  const from = after.dispatchedAt ?? at;
  const moved = (due: Date, count: Count): Clock => ({ ...kept, ...count, dueAt: due, warnAt: warnAt(unit, from, due) });
  if (dueAt !== undefined) return { ...moved(dueAt, uncounted), deadlineCode: after.deadlineCode ?? rule.code };
  if (isBegun || isReworked) return { deadlineCode: rule.code, ...startClock(calendar, at, rule), ...countOf(at, rule) };
  if (isResumed && before.stoppedAt && after.dueAt) {
    const stop = { dueAt: after.dueAt, stoppedAt: before.stoppedAt, at };
    return moved(resumeDue(calendar, unit, stop), resumeCount(calendar, unit, after, stop));
  }
  return extendBy !== undefined && after.dueAt ? moved(extendDue(calendar, after.dueAt, extendBy), extendCount(after.dueAt, after, extendBy)) : kept;
}

/** Makes the alarms of a case what they should be; those that have rung stay. Gives the new ones, to be set after the commit. */
export async function keepAlarms(tx: Tx, one: CaseRecord, at: Date): Promise<{ readonly alarmId: string; readonly at: Date }[]> {
  const [parts, requests, there, orders, instructions] = await atOnce(listParts(tx, one.id), listRequests(tx, one.id), listAlarms(tx, one.id), listOrders(tx, one.id), listInstructions(tx, one.id));
  const wanted = wantedAlarms(one, { parts, requests, orders, instructions }, one.state === 'callback' ? await callbackBy(tx, there, at) : null);
  const key = (alarm: { kind: string; partId: string | null; at: Date }): string => `${alarm.kind} ${alarm.partId ?? ''} ${alarm.at.getTime()}`;
  const [has, wants] = [new Set(there.map(key)), new Set(wanted.map(key))];
  const gone = there.filter((alarm) => alarm.rungAt === null && !wants.has(key(alarm))).map((alarm) => alarm.id);
  const fresh = wanted.filter((alarm) => !has.has(key(alarm))).map((alarm) => ({ ...alarm, id: uuid(), caseId: one.id }));
  sendAlong(tx, write(tx, gone.length > 0 ? deleteAlarms(gone) : undefined, fresh.length > 0 ? insertAlarms(fresh) : undefined));
  return fresh.map((alarm) => ({ alarmId: alarm.id, at: alarm.at }));
}

/** The next working day after the review; one that was set stays. */
async function callbackBy(tx: Tx, there: readonly Alarm[], at: Date): Promise<Date> {
  const set = there.find((alarm) => alarm.kind === 'callback' && alarm.rungAt === null);
  return set?.at ?? addWorkdays(await readCalendar(tx), at, callbackWorkdays);
}
