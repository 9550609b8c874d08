import { v7 as uuid } from 'uuid';
import { readCalendar } from '../../calendar/read-calendar.ts';
import { addWorkdays } from '../../calendar/workday-rules.ts';
import type { Db, Tx } from '../../db/query.ts';
import { atOnce } from '../../db/transaction.ts';
import type { CaseRecord, Part } from '../life/case-record.ts';
import { listParts, listRequests } from '../life/queries.ts';
import { listInstructions, listOrders } from '../supervision/queries.ts';
import { wantedAlarms } from './alarm-rules.ts';
import { addSpan, chooseRule, countOf, extendCount, extendDue, resumeCount, resumeDue, startClock, uncounted, warnAt, type Count, type DeadlineRule, type Facts } from './deadline-rules.ts';
import { deleteAlarms, insertAlarm, listAlarms, listCategoriesAbove, listRules, type Alarm } from './queries.ts';

/** Working days in which a request is decided on, and in which the citizen is called back. */
const callbackWorkdays = 1;
export const decideWorkdays = 2;

async function readRule(db: Db, one: CaseRecord): Promise<DeadlineRule> {
  const flags: Facts['flags'] = [...(one.isSupervised ? ['supervised' as const] : []), ...(one.isComplex ? ['complex' as const] : []), ...(one.state === 'rework' ? ['rework' as const] : [])];
  const categoryCodes = one.categoryCode ? await listCategoriesAbove(db, one.categoryCode) : [];
  return chooseRule(await listRules(db), { type: one.type, urgency: one.urgency, flags, categoryCodes });
}

/** A unit's own clock from its arrival there. */
export async function clockOfPart(tx: Tx, one: CaseRecord, at: Date): Promise<Pick<Part, 'signDueAt' | 'dueAt' | 'countedFrom' | 'signWorkdays' | 'dueWorkdays'>> {
  const [calendar, rule] = [await readCalendar(tx), await readRule(tx, one)];
  const isCounted = rule.unit === 'workdays';
  return { signDueAt: addSpan(calendar, at, { unit: rule.unit, amount: rule.signAmount }), dueAt: startClock(calendar, at, rule).dueAt,
    countedFrom: isCounted ? at : null, signWorkdays: isCounted ? rule.signAmount : null, dueWorkdays: isCounted ? rule.amount : null };
}

/** By when the citizen should hear from a unit that signed now. */
export async function contactClock(tx: Tx, one: CaseRecord, at: Date): Promise<Pick<Part, 'contactDueAt' | 'contactWorkdays'>> {
  const { unit, contactAmount: amount } = await readRule(tx, one);
  return { contactDueAt: addSpan(await readCalendar(tx), at, { unit, amount }), contactWorkdays: unit === 'workdays' ? amount : null };
}

/** By when a request should be decided on. */
export async function decideBy(tx: Tx, at: Date): Promise<Date> {
  return addWorkdays(await readCalendar(tx), at, decideWorkdays);
}

/** By when a unit answers a supervision order: as long as a supervised case has. */
export async function orderClock(tx: Tx, at: Date): Promise<Count & { readonly dueAt: Date }> {
  const rule = chooseRule((await listRules(tx)).filter((one) => one.flag === 'supervised' || one.flag === null), { type: null, urgency: 'normal', flags: ['supervised'], categoryCodes: [] });
  return { dueAt: addSpan(await readCalendar(tx), at, rule), ...countOf(at, rule) };
}

type Change = { readonly before: CaseRecord; readonly after: CaseRecord; readonly at: Date; readonly extendBy?: number | undefined; readonly dueAt?: Date | undefined };
type Clock = Pick<CaseRecord, 'deadlineCode' | 'warnAt' | 'dueAt' | 'countedFrom' | 'countedWorkdays'>;

/**
 * The total clock after an act. It begins with the first dispatch, and anew with a rework; a return leaves it alone. A granted extension and
 * the end of a suspension move it, and so does a deadline that a conference fixed.
 */
export async function nextClock(tx: Tx, { before, after, at, extendBy, dueAt }: Change): Promise<Clock> {
  const kept: Clock = { deadlineCode: after.deadlineCode, warnAt: after.warnAt, dueAt: after.dueAt, countedFrom: after.countedFrom, countedWorkdays: after.countedWorkdays };
  const isBegun = after.dispatchedAt !== null && before.dispatchedAt === null;
  const isReworked = after.state === 'rework' && before.state === 'callback';
  const isResumed = before.stoppedAt !== null && after.stoppedAt === null;
  if (!isBegun && !isReworked && !isResumed && extendBy === undefined && dueAt === undefined) return kept;
  const calendar = await readCalendar(tx);
  const rule = await readRule(tx, after);
  const unit = (await listRules(tx)).find((one) => one.code === after.deadlineCode)?.unit ?? rule.unit;
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
  await deleteAlarms(tx, there.filter((alarm) => alarm.rungAt === null && !wants.has(key(alarm))).map((alarm) => alarm.id));
  const fresh = wanted.filter((alarm) => !has.has(key(alarm))).map((alarm) => ({ ...alarm, id: uuid(), caseId: one.id }));
  for (const alarm of fresh) await insertAlarm(tx, alarm);
  return fresh.map((alarm) => ({ alarmId: alarm.id, at: alarm.at }));
}

/** The next working day after the review; one that was set stays. */
async function callbackBy(tx: Tx, there: readonly Alarm[], at: Date): Promise<Date> {
  const set = there.find((alarm) => alarm.kind === 'callback' && alarm.rungAt === null);
  return set?.at ?? addWorkdays(await readCalendar(tx), at, callbackWorkdays);
}
