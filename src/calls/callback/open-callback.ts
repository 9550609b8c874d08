import { v7 as uuid } from 'uuid';
import { missedPriority } from '../../routing/priority-rules.ts';
import { newCall, type Call } from '../call.ts';
import { inSec } from '../lifecycle-machine.ts';

/** The call that waits in `asked`'s place: no leg, the same case, and who asked is whom it calls. */
export function openCallback(asked: Call, at: Date): Call {
  const { queueId, caseId, priority, skillCodes, language, callerNumber } = asked;
  const blank = newCall({ id: uuid(), direction: 'outbound', calledNumber: callerNumber ?? '', callerRaw: '', callerNumber: null, callerKind: 'unknown', legs: [] }, at);
  return { ...blank, state: 'waiting', callbackOf: asked.id, queueId, caseId, priority, skillCodes, language, queuedAt: asked.queuedAt ?? at };
}

/** Waits for whom nobody answered, behind everybody who is on the line; the citizen has `afterSec` to call again first. */
export function openMissed(missed: Call, afterSec: number, at: Date): Call {
  return { ...openCallback(missed, at), priority: missedPriority, retryAt: inSec(afterSec, at) };
}
