import { v7 as uuid } from 'uuid';
import { newCall, type Call } from '../call.ts';

/** The call that waits in `asked`'s place: no leg, the same case, and who asked is whom it calls. */
export function openCallback(asked: Call, at: Date): Call {
  const { queueId, caseId, priority, skillCodes, language, callerNumber } = asked;
  const blank = newCall({ id: uuid(), direction: 'outbound', calledNumber: callerNumber ?? '', callerRaw: '', callerNumber: null, callerKind: 'unknown', legs: [] }, at);
  return { ...blank, state: 'waiting', callbackOf: asked.id, queueId, caseId, priority, skillCodes, language, queuedAt: asked.queuedAt ?? at };
}
