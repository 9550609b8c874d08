import type { Deps } from '../../deps.ts';
import { write } from '../../db/query.ts';
import { transaction } from '../../db/transaction.ts';
import { publish } from '../../events/publish.ts';
import { lockCaseRecord, saveCaseRecord } from '../life/queries.ts';
import { insertCaseEvent } from '../queries.ts';
import { findAlarmCase, findDueAlarms, takeAlarm } from './queries.ts';

/**
 * An alarm rings once, whoever wakes it and however often: that it has rung is committed together with what it does. A red one puts the case under
 * supervision. What each asks for stands on the case's timeline, and whoever watches hears of it.
 */
export async function ringAlarm(deps: Deps, alarmId: string): Promise<void> {
  const caseId = await findAlarmCase(deps.pool, alarmId);
  if (!caseId) return;
  const kind = await transaction(deps.pool, async (tx) => {
    // The case first, as everywhere; what an act of that moment took away does not ring.
    const one = await lockCaseRecord(tx, caseId);
    const at = deps.now();
    const alarm = one && await takeAlarm(tx, alarmId, at);
    if (!alarm) return null;
    if (alarm.kind === 'red' && !one.isSupervised) await saveCaseRecord(tx, { ...one, isSupervised: true, updatedAt: at, version: one.version + 1 });
    await write(tx, insertCaseEvent({ caseId, at, type: `alarm_${alarm.kind}`, userId: null, from: one.state, to: one.state, data: { partId: alarm.partId, dueAt: alarm.at } }));
    await publish(tx, { type: 'case.changed', caseId });
    return alarm.kind;
  });
  if (kind) deps.log.info({ caseId, alarm: kind }, 'A deadline of a case rang');
}

/** So many in one go of the sweep. */
const batch = 200;

/** Those that Redis forgot, or that fell into a time without a service. */
export async function ringDueAlarms(deps: Deps): Promise<void> {
  for (const alarmId of await findDueAlarms(deps.pool, deps.now(), batch)) await ringAlarm(deps, alarmId);
}
