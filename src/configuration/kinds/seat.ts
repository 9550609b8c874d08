import { Type } from 'typebox';
import { AppError } from '../../errors.ts';
import { publish } from '../../events/publish.ts';
import { configureSeat, lockSeat, removeSeat } from '../../seats/queries.ts';
import { defineKind } from '../kind.ts';
import { Code } from './fields.ts';

/**
 * SIP extensions and the queues they serve. A seat is made apart, for its password is shown once; the password itself and its
 * digest stand in no change. A removed seat keeps its row, which calls and events name, and its number may be given again.
 */
export const seatKind = defineKind({
  name: 'seat', path: 'seats', source: 'seat_configuration', keyField: 'id', keyPattern: '^[0-9]{3,6}$',
  body: Type.Object({
    queueIds: Type.Array(Code, { maxItems: 100, uniqueItems: true }),
    isEnabled: Type.Boolean({ default: true, description: 'false: the phone is thrown off and cannot register; a call under way goes on' }),
  }),
  fixed: { passwordSetAt: Type.String({ format: 'date-time' }) },
  lasting: ['passwordSetAt'],
  isMadeApart: true,
  references: ({ queueIds }) => queueIds.map((key, index) => ({ field: `queueIds/${index}`, kind: 'queue', key })),
  write: async (tx, { key, item, version, at }) => {
    await publish(tx, { type: 'seat.changed', seatId: key });
    if (item) return configureSeat(tx, { id: key, ...(item as { queueIds: string[]; isEnabled: boolean }), version, at });
    const seat = await lockSeat(tx, key);
    const usedBy = [...(seat?.operatorId ? [`operator ${seat.operatorId}, who is signed in`] : []), ...(seat?.callId ? [`call ${seat.callId}`] : [])];
    if (usedBy.length > 0) throw new AppError('in_use', { usedBy });
    await removeSeat(tx, key, at);
  },
});
