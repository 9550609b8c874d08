import type { Permission } from '../../auth/permissions.ts';
import { hasPart } from '../life/scope.ts';
import type { Reader } from './reader.ts';
import type { Values } from './sql-parts.ts';

/** The boxes of an inbox, in the order in which they are shown; each holds open cases, `decide` also closed ones whose review was asked for. */
export const boxNames = ['mine', 'unit', 'subtree', 'dispatch', 'decide', 'review', 'callback'] as const;
export type BoxName = (typeof boxNames)[number];

type Box = {
  readonly nameZh: string;
  /** Any of these opens it. */
  readonly permissions: readonly Permission[];
  /** For units only, or for the hotline only; both when absent. */
  readonly isOfUnit?: boolean;
};

export const boxes: Readonly<Record<BoxName, Box>> = {
  mine: { nameZh: '我的', permissions: ['case.edit', 'case.handle'] },
  unit: { nameZh: '本单位', permissions: ['case.handle'], isOfUnit: true },
  subtree: { nameZh: '本单位及下级', permissions: ['case.handle'], isOfUnit: true },
  dispatch: { nameZh: '待派单', permissions: ['case.dispatch'], isOfUnit: false },
  decide: { nameZh: '待审批', permissions: ['case.dispatch', 'case.decide', 'case.instruct'], isOfUnit: false },
  review: { nameZh: '待审核', permissions: ['case.review'], isOfUnit: false },
  callback: { nameZh: '待回访', permissions: ['case.survey'], isOfUnit: false },
};

export function boxesOf({ actor, unitId }: Reader): BoxName[] {
  return boxNames.filter((name) => {
    const { permissions, isOfUnit } = boxes[name];
    return actor.kind === 'user' && permissions.some((permission) => actor.permissions.has(permission)) && (isOfUnit === undefined || isOfUnit === (unitId !== null));
  });
}

/** Whose word each kind of request waits for. */
const decidedBy: Readonly<Record<string, Permission>> = {
  return: 'case.dispatch', extension: 'case.decide', suspension: 'case.decide', review: 'case.decide', submission: 'case.instruct',
};

/** From so many units on, a subtree's open cases are picked out of all open ones in their order, instead of being gathered unit by unit. */
const largeSubtree = 400;

/** Whether a box is put together from what leads to its cases, rather than read in the order of deadlines. */
export function isGathered(name: BoxName, subtreeSize: number): boolean {
  return name === 'mine' || name === 'unit' || name === 'decide' || (name === 'subtree' && subtreeSize <= largeSubtree);
}

/** What of the cases (`k`) lies in the box. `subtreeSize`: units at and below the reader's. */
export function inBox(name: BoxName, values: Values, { actor, userId, unitId }: Reader, subtreeSize: number): string {
  switch (name) {
    case 'mine': return unitId === null ? `k.owner_id = ${values.add(userId)}`
      : `k.id in (select p.case_id from case_units p where p.signed_by = ${values.add(userId)} and p.ended_at is null)`;
    case 'unit': return `k.id in (select p.case_id from case_units p where p.unit_id = ${values.add(unitId)} and p.ended_at is null)`;
    case 'subtree': return !isGathered(name, subtreeSize) ? hasPart(values.add(unitId), true)
      : `k.id in (select p.case_id from unit_ancestors a join case_units p on p.unit_id = a.unit_id where a.ancestor_id = ${values.add(unitId)} and p.ended_at is null)`;
    case 'dispatch': return `k.state = 'pending_dispatch'`;
    case 'decide': {
      const kinds = Object.keys(decidedBy).filter((kind) => actor.permissions.has(decidedBy[kind] ?? 'case.decide'));
      const disputed = actor.permissions.has('case.decide') ? ` union select d.id from cases d where d.closed_at is null and d.state = 'disputed'` : '';
      return `k.id = any(array(select q.case_id from case_requests q where q.decided_at is null and q.kind = any(${values.add(kinds)})${disputed}))`;
    }
    case 'review': return `k.state = 'feedback'`;
    case 'callback': return `k.state = 'callback'`;
  }
}
