import { readCalendar } from '../../calendar/read-calendar.ts';
import { readCalendarDigest } from '../../calendar/queries.ts';
import type { Calendar } from '../../calendar/workday-rules.ts';
import type { Deps } from '../../deps.ts';
import { write, type Tx } from '../../db/query.ts';
import { atOnce, transaction } from '../../db/transaction.ts';
import { publish } from '../../events/publish.ts';
import { ringLater, type Applied } from '../life/apply-case-act.ts';
import type { CaseRecord } from '../life/case-record.ts';
import { listParts, listRequests, lockCaseRecord, saveCaseRecord, savePart } from '../life/queries.ts';
import { insertCaseEvent } from '../queries.ts';
import { findOpenOrder, saveOrder } from '../supervision/queries.ts';
import { recount, warnAt, type Count } from './deadline-rules.ts';
import { decideWorkdays, keepAlarms } from './keep-deadlines.ts';
import { listCounted, saveDecideBy, type CountedRow } from './queries.ts';

/** Longer than any act that read the calendar of before and has not committed yet. */
const settleMs = 60_000;

/**
 * A step of the sweep: when official days were entered, changed or came with a new version, the deadlines they move are counted anew, once at
 * once and once more for acts of that very moment. A start looks, too, for what changed meanwhile.
 */
export function createCalendarFollower(): (deps: Deps) => Promise<void> {
  let followed: string | null = null;
  let again: number | null = null;
  return async (deps) => {
    const digest = await readCalendarDigest(deps.pool);
    const now = deps.now().getTime();
    const isNew = digest !== followed;
    if (!isNew && (again === null || now < again)) return;
    await followCalendar(deps);
    followed = digest;
    again = isNew ? now + settleMs : null;
  };
}

export async function followCalendar(deps: Deps): Promise<void> {
  const now = deps.now();
  const [calendar, rows] = await Promise.all([readCalendar(deps.pool), listCounted(deps.pool, now, decideWorkdays)]);
  const cases = new Set(rows.filter((row) => isMoved(calendar, row, now)).map((row) => row.caseId));
  for (const caseId of cases) await ringLater(deps, await transaction(deps.pool, (tx) => moveDeadlines(tx, deps, caseId)));
  if (cases.size > 0) deps.log.info({ cases: cases.size }, 'Deadlines were counted anew by the official days');
}

function isMoved(calendar: Calendar, row: CountedRow, now: Date): boolean {
  return recount(calendar, row.dueAt, row, row.stoppedAt ?? now).getTime() !== row.dueAt.getTime();
}

/** All deadlines of a case; its version stays, as with all that the clock does. */
async function moveDeadlines(tx: Tx, deps: Deps, caseId: string): Promise<Applied['alarms']> {
  const one = await lockCaseRecord(tx, caseId);
  if (!one || one.closedAt) return [];
  const at = deps.now();
  const [calendar, parts, requests, order] = await atOnce(readCalendar(tx), listParts(tx, caseId), listRequests(tx, caseId), findOpenOrder(tx, caseId));
  const since = one.stoppedAt ?? at;
  const count = (dueAt: Date, from: Date | null, workdays: number | null, now = at): Date => recount(calendar, dueAt, { countedFrom: from, countedWorkdays: workdays }, now);
  for (const part of parts.filter((each) => each.endedAt === null)) {
    const { countedFrom, signWorkdays, dueWorkdays, contactDueAt, contactWorkdays, signedAt, contactedAt } = part;
    await savePart(tx, { ...part, dueAt: count(part.dueAt, countedFrom, dueWorkdays, since), signDueAt: signedAt ? part.signDueAt : count(part.signDueAt, countedFrom, signWorkdays),
      contactDueAt: contactDueAt && !contactedAt ? count(contactDueAt, signedAt, contactWorkdays) : contactDueAt });
  }
  for (const { id, decideBy, askedAt } of requests.filter((each) => each.decidedAt === null)) if (decideBy) await saveDecideBy(tx, id, count(decideBy, askedAt, decideWorkdays));
  if (order && !order.answeredAt) await saveOrder(tx, { ...order, dueAt: recount(calendar, order.dueAt, order, at) });
  const moved = { ...one, ...totalClock(calendar, one, since) };
  await write(tx, saveCaseRecord(moved), insertCaseEvent({ caseId, at, type: 'deadline_counted_anew', userId: null, from: one.state, to: one.state, data: { dueAt: moved.dueAt, before: one.dueAt } }));
  await publish(tx, { type: 'case.changed', caseId });
  return keepAlarms(tx, moved, at);
}

function totalClock(calendar: Calendar, one: CaseRecord & Count, since: Date): Pick<CaseRecord, 'dueAt' | 'warnAt'> {
  const dueAt = one.dueAt && recount(calendar, one.dueAt, one, since);
  if (!dueAt || dueAt.getTime() === one.dueAt?.getTime()) return { dueAt: one.dueAt, warnAt: one.warnAt };
  return { dueAt, warnAt: warnAt('workdays', one.dispatchedAt ?? since, dueAt) };
}
