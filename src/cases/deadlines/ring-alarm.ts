import type { Deps } from '../../deps.ts';
import { write, type Tx } from '../../db/query.ts';
import { transaction } from '../../db/transaction.ts';
import { publish } from '../../events/publish.ts';
import { holdTree } from '../../units/queries.ts';
import { isAllowed } from '../case-machine.ts';
import { applyCaseActIn, ringLater, type Applied } from '../life/apply-case-act.ts';
import type { CaseRecord } from '../life/case-record.ts';
import { lockCaseRecord } from '../life/queries.ts';
import { insertCaseEvent } from '../queries.ts';
import { findOpenOrder } from '../supervision/queries.ts';
import { findAlarm, findDueAlarms, takeAlarm, type AlarmKind } from './queries.ts';

/** What the clock does by itself when it rings: it urges before the deadline, opens a supervision order at it, and brings in the unit above when that is not answered. */
const clockActs = {
  yellow: { act: 'urge', given: { note: '临近办理期限，请抓紧办理。', isCitizensWish: false } },
  red: { act: 'open_order', given: { reason: '超过办理期限，转入督办。' } },
  supervision: { act: 'escalate', given: { reason: '督办逾期未答复。' } },
} as const;
const clock = { userId: null, unitId: null };

/**
 * An alarm rings once, whoever wakes it and however often: that it has rung is committed together with what it does. What each asks for stands
 * on the case's timeline, and whoever watches hears of it.
 */
export async function ringAlarm(deps: Deps, alarmId: string): Promise<void> {
  const found = await findAlarm(deps.pool, alarmId);
  if (!found) return;
  const { caseId } = found;
  const rung = await transaction(deps.pool, async (tx) => {
    // The tree, if the unit above is brought in, then the case, as everywhere; what an act of that moment took away does not ring.
    if (actOf(found.kind)?.act === 'escalate') await holdTree(tx);
    const one = await lockCaseRecord(tx, caseId);
    const at = deps.now();
    const alarm = one && await takeAlarm(tx, alarmId, at);
    if (!alarm) return null;
    await write(tx, insertCaseEvent({ caseId, at, type: `alarm_${alarm.kind}`, userId: null, from: one.state, to: one.state, data: { partId: alarm.partId, dueAt: alarm.at } }));
    await publish(tx, { type: 'case.changed', caseId });
    return { kind: alarm.kind, alarms: await actByItself(deps, tx, one, alarm.kind) };
  });
  if (!rung) return;
  deps.log.info({ caseId, alarm: rung.kind }, 'A deadline of a case rang');
  await ringLater(deps, rung.alarms);
}

function actOf(kind: AlarmKind) {
  return kind in clockActs ? clockActs[kind as keyof typeof clockActs] : undefined;
}

async function actByItself(deps: Deps, tx: Tx, one: CaseRecord, kind: AlarmKind): Promise<Applied['alarms']> {
  const found = actOf(kind);
  if (!found) return [];
  const { act, given } = found;
  if (!isAllowed(act, one) || (act === 'open_order' && (await findOpenOrder(tx, one.id)))) return [];
  return (await applyCaseActIn(tx, deps, clock, { caseId: one.id, act, given })).alarms;
}

/** So many in one go of the sweep. */
const batch = 200;

/** Those that Redis forgot, or that fell into a time without a service. */
export async function ringDueAlarms(deps: Deps): Promise<void> {
  for (const alarmId of await findDueAlarms(deps.pool, deps.now(), batch)) await ringAlarm(deps, alarmId);
}
