import { Type, type Static } from 'typebox';
import { countLiveCallsOfQueue } from '../../calls/queries.ts';
import { defineKind, itemsOf } from '../kind.ts';
import { Code, codePattern, Name, NullableCode, optionalInteger } from './fields.ts';
import { findCycle } from './overflow-rules.ts';

const Body = Type.Object({
  name: Name,
  maxWaiting: Type.Integer({ minimum: 0, maximum: 10_000, default: 200, description: 'Callers that may wait; one more hears that the lines are full' }),
  ringTimeoutSec: Type.Integer({ minimum: 3, maximum: 120, default: 20 }),
  wrapUpSec: Type.Integer({ minimum: 0, maximum: 600, default: 30 }),
  announceEverySec: Type.Union([Type.Literal(0), Type.Integer({ minimum: 10, maximum: 3_600 })], { default: 30, description: '0: positions are not announced' }),
  musicClass: Type.Enum(['default'], { default: 'default' }),
  strategy: Type.Enum(['longest_idle', 'fewest_calls', 'round_robin', 'skill_first', 'last_operator_first'], { default: 'longest_idle' }),
  skills: Type.Array(Type.Object({ skillCode: Code, minLevel: Type.Integer({ minimum: 1, maximum: 5 }) }, { additionalProperties: false }),
    { maxItems: 20, default: [], description: 'Who lacks one is offered none of its calls' }),
  overflowQueueId: NullableCode,
  overflowAfterSec: optionalInteger(1, 7_200, 'Callers who waited so long may also be served by the overflow queue'),
  overflowWaiting: optionalInteger(1, 10_000, 'From so many waiting callers on, more go to the overflow queue, as they do when nobody is there to serve them'),
  hoursCode: NullableCode,
  nightQueueId: NullableCode,
  callbackOfferAfterSec: optionalInteger(1, 7_200, 'A callback that keeps the place is offered after so long'),
  missedCallbackAfterSec: Type.Union([Type.Integer({ minimum: 0, maximum: 7_200 }), Type.Null()],
    { default: 60, description: 'Who hung up before an operator answered is called back by itself, so long after, when seats are free; null: by hand' }),
  repeatWithinMin: Type.Integer({ minimum: 0, maximum: 1_440, default: 0, description: 'Who calls again within so many minutes comes first; 0: nobody' }),
  asksRating: Type.Boolean({ default: false, description: 'The citizen is asked for a mark, one digit, when the operator hangs up first or passes the call on' }),
});
export type QueueItem = Static<typeof Body>;

export const queueKind = defineKind({
  name: 'queue', path: 'queues', source: 'queues', keyField: 'id', keyPattern: codePattern, body: Body,
  references: (queue) => [
    { field: 'overflowQueueId', kind: 'queue', key: queue.overflowQueueId },
    { field: 'nightQueueId', kind: 'queue', key: queue.nightQueueId },
    { field: 'hoursCode', kind: 'opening-hours', key: queue.hoursCode },
    ...queue.skills.map((skill, index) => ({ field: `skills/${index}/skillCode`, kind: 'skill', key: skill.skillCode })),
  ],
  check: (queue, all, id) => {
    const faults = [];
    const hasMoment = queue.overflowAfterSec !== null || queue.overflowWaiting !== null;
    if (!queue.overflowQueueId && hasMoment) faults.push({ field: 'overflowQueueId', message: 'is missing; name the queue that callers overflow to, or leave out when' });
    if (queue.nightQueueId && !queue.hoursCode) faults.push({ field: 'hoursCode', message: 'is missing; say when the night queue takes over' });
    const cycle = findCycle(itemsOf<QueueItem>(all, 'queue'), id);
    if (cycle) faults.push({ field: 'overflowQueueId', message: `leads in a circle (${cycle.join(' → ')}); let one of these queues overflow nowhere` });
    if (new Set(queue.skills.map((skill) => skill.skillCode)).size < queue.skills.length) faults.push({ field: 'skills', message: 'names a skill twice; give one level for each' });
    return faults;
  },
  findUses: async (tx, id) => {
    const calls = await countLiveCallsOfQueue(tx, id);
    return calls > 0 ? [`${calls} live calls`] : [];
  },
});
