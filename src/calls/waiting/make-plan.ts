import { chinaDayStart } from '../../calendar/opening-rules.ts';
import type { Deps } from '../../deps.ts';
import type { Db } from '../../db/query.ts';
import { atOnce } from '../../db/transaction.ts';
import { demandOf } from '../../routing/skill-rules.ts';
import { findTurns, listFreeSeats, listWaiting, type SeatWish } from './match-queries.ts';
import { planMatches, type FreeSeat, type Match, type WaitingCall } from './match-rules.ts';

type Plan = { readonly calls: ReadonlyMap<string, WaitingCall>; readonly matches: readonly Match[] };

/** Who should get which seat as the rows are now; made without locks, so each pair is to be looked at again. */
export async function makePlan({ now }: Pick<Deps, 'now'>, db: Db): Promise<Plan> {
  const waiting = (await listWaiting(db, now())).map(({ queueSkills, skillCodes, ...call }): WaitingCall => ({ ...call, demand: demandOf(queueSkills, skillCodes) }));
  const calls = new Map(waiting.map((call) => [call.id, call]));
  if (waiting.length === 0) return { calls, matches: [] };
  const seats = await findSeats(db, waiting, now());
  const inTurn = new Set(waiting.filter((call) => call.strategy === 'round_robin').map((call) => call.queueId));
  const turns = seats.length > 0 && inTurn.size > 0 ? await findTurns(db, [...inTurn]) : new Map<string, string>();
  return { calls, matches: planMatches(waiting, seats, turns) };
}

/**
 * Seats that may be chosen. Where only idleness counts, as many of a queue as there are callers are enough, for the others take at
 * most one fewer: one caller and 750 ready seats is one row, not 750.
 */
async function findSeats(db: Db, waiting: readonly WaitingCall[], at: Date): Promise<FreeSeat[]> {
  const wishes = new Map<string, SeatWish>();
  for (const { queueId, strategy, demand } of waiting) {
    const isPlain = strategy === 'longest_idle' && demand.length === 0 && wishes.get(queueId)?.limit !== null;
    wishes.set(queueId, { queueId, limit: isPlain ? waiting.length : null, countsCalls: strategy === 'fewest_calls' });
  }
  const seats = new Map<string, FreeSeat>();
  const found = await atOnce(...[...wishes.values()].map(async (wish) => ({ wish, rows: await listFreeSeats(db, wish, chinaDayStart(at), at) })));
  for (const { wish: { queueId }, rows } of found) {
    for (const { leads, ...row } of rows) {
      const seat = seats.get(row.id);
      seats.set(row.id, { ...row, answeredToday: Math.max(row.answeredToday, seat?.answeredToday ?? 0), queueIds: [...(seat?.queueIds ?? []), queueId],
        leadsQueueIds: [...(seat?.leadsQueueIds ?? []), ...(leads ? [queueId] : [])] });
    }
  }
  return [...seats.values()];
}
