import type { Static } from 'typebox';
import { AppError } from '../../errors.ts';
import type { Deps } from '../../deps.ts';
import { atOnce, sendAlong, transaction } from '../../db/transaction.ts';
import { write, type Tx } from '../../db/query.ts';
import { publish } from '../../events/publish.ts';
import { holdTree } from '../../units/queries.ts';
import { isAllowed, targets, type CaseState } from '../case-machine.ts';
import { carryMerged } from '../duplicates/carry-merged.ts';
import { keepAlarms, nextClock, readReckoning, type Reckoning } from '../deadlines/keep-deadlines.ts';
import { insertCaseEvent } from '../queries.ts';
import type { Act, Outcome, Scene, Who } from './act.ts';
import { acts, placingActs, type ActName } from './acts.ts';
import type { CaseRecord } from './case-record.ts';
import { listParts, listRequests, lockCaseRecord, saveCaseRecord } from './queries.ts';

export type Ask<Name extends ActName = ActName> = { readonly caseId: string; readonly act: Name; readonly given: Static<(typeof acts)[Name]['body']>; /** Left out by the system. */ readonly version?: number | undefined };
export type Applied = { readonly one: CaseRecord; readonly alarms: readonly { readonly alarmId: string; readonly at: Date }[] };

/**
 * The one way of a case after the desk: locked, decided by the table and the act's own rules, saved with its clocks and its line of the
 * timeline, and told to all after the commit.
 * @throws AppError for an act that the state, the reader's unit or a rule does not allow, and for a case that was changed meanwhile.
 */
export async function applyCaseAct<Name extends ActName>(deps: Deps, who: Who, ask: Ask<Name>): Promise<CaseRecord> {
  const { one, alarms } = await transaction(deps.pool, (tx) => applyCaseActIn(tx, deps, who, ask));
  await ringLater(deps, alarms);
  deps.log.info({ caseId: one.id, userId: who.userId, action: ask.act, to: one.state }, 'A case went on');
  return one;
}

/** After the commit: the sweep finds what is lost here. */
export async function ringLater(deps: Deps, alarms: Applied['alarms']): Promise<void> {
  await Promise.all(alarms.map(({ alarmId, at }) => deps.jobs.wake('ring-case-alarm', { alarmId }, at)));
}

/** Who holds a case already has called `holdTree` before it, for an act of `placingActs`. */
export async function applyCaseActIn<Name extends ActName>(tx: Tx, deps: Deps, who: Who, { caseId, act, given, version }: Ask<Name>): Promise<Applied> {
  // In this order: what lies beside the case is read once it is held.
  const [, current, all, requests] = await atOnce(placingActs.has(act) ? holdTree(tx) : undefined, lockCaseRecord(tx, caseId), listParts(tx, caseId), listRequests(tx, caseId));
  if (!current) throw new AppError('not_found', { entity: 'case', id: caseId });
  if (version !== undefined && current.version !== version) throw new AppError('stale_version', { version: current.version });
  if (!isAllowed(act, current)) throw new AppError('action_not_allowed', { state: current.state, action: act, allowed: (Object.keys(acts) as ActName[]).filter((name) => isAllowed(name, current)) });
  const at = deps.now();
  let read: Promise<Reckoning> | undefined;
  const reckoning = (): Promise<Reckoning> => read ??= readReckoning(tx, current.categoryCode);
  const parts = all.filter((part) => part.endedAt === null);
  const scene: Scene = { tx, deps, who, at, current, parts, handledBy: [...new Set(all.map((part) => part.unitId))], own: parts.find((part) => part.unitId === who.unitId), requests: requests.filter((one) => one.decidedAt === null), reckoning };
  const outcome = await (acts[act] as Act).run(scene, given);
  // What the clock does spoils nobody's form: it changes nothing that is written in one.
  const after: CaseRecord = { ...current, ...outcome.set, state: leadsTo(act, current.state, outcome), ownerId: current.ownerId ?? who.userId, updatedAt: at, version: current.version + (who.userId === null ? 0 : 1) };
  const one = { ...after, ...(await nextClock({ reckoning, before: current, after, at, extendBy: outcome.extendBy, dueAt: outcome.dueAt })) };
  sendAlong(tx, write(tx, saveCaseRecord(one), insertCaseEvent({ caseId, at, type: act, userId: who.userId, from: current.state, to: one.state, data: { ...outcome.data, dueAt: one.dueAt } })));
  const [alarms] = await atOnce(keepAlarms(tx, one, at), carryMerged(tx, current, one, at));
  await publish(tx, { type: 'case.changed', caseId });
  return { one, alarms };
}

function leadsTo(act: ActName, from: CaseState, outcome: Outcome): CaseState {
  const possible = targets(act, from);
  const to = outcome.to ?? (possible.length === 1 ? possible[0] : undefined);
  if (!to || !possible.includes(to)) throw new Error(`${act} does not lead from ${from} to ${to ?? 'anywhere'}`);
  return to;
}
