import { Type } from 'typebox';
import { countSeatsByReason } from '../../seats/queries.ts';
import { defineKind } from '../kind.ts';
import { names, position } from './fields.ts';

/** Those the service gives by itself; nobody can choose them. */
const ownReasons = ['signed_in', 'no_answer', 'declined', 'unreachable', 'forced'];

/** Why an operator at a seat takes no calls. */
export const notReadyReasonKind = defineKind({
  name: 'not-ready-reason', path: 'not-ready-reasons', source: 'not_ready_reasons', keyField: 'code', keyPattern: '^[a-z_]{1,40}$',
  body: Type.Object({ ...names, isSelectable: Type.Boolean({ default: true }), position }),
  isRequired: (_, code) => ownReasons.includes(code),
  check: ({ isSelectable }, _, code) =>
    (isSelectable && ownReasons.includes(code) ? [{ field: 'isSelectable', message: 'must be false: the service gives this reason by itself' }] : []),
  findUses: async (tx, code) => {
    const seats = await countSeatsByReason(tx, code);
    return seats > 0 ? [`${seats} seats that are not ready now`] : [];
  },
});
