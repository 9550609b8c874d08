import { meetsDemand, skillScore, type Demand, type HeldSkill } from '../../routing/skill-rules.ts';

export type Strategy = 'longest_idle' | 'fewest_calls' | 'round_robin' | 'skill_first' | 'last_operator_first';

/** A caller who waits, as far as the choice of a seat needs it. */
export type WaitingCall = {
  readonly id: string;
  readonly queueId: string;
  readonly strategy: Strategy;
  readonly demand: readonly Demand[];
  /** last_operator_first: who spoke with this number last. */
  readonly lastOperatorId: string | null;
};

/** A seat that is ready, with a registered phone. */
export type FreeSeat = {
  readonly id: string;
  readonly operatorId: string;
  readonly queueIds: readonly string[];
  readonly skills: readonly HeldSkill[];
  readonly idleSince: Date;
  /** Queues whose calls its operator answers first of all now, on a leader's day (领导接听). */
  readonly leadsQueueIds: readonly string[];
  /** fewest_calls: calls of citizens its operator answered today. */
  readonly answeredToday: number;
};

export type Match = { readonly callId: string; readonly seatId: string };

export function canServe(seat: Pick<FreeSeat, 'queueIds' | 'skills'>, call: Pick<WaitingCall, 'queueId' | 'demand'>): boolean {
  return seat.queueIds.includes(call.queueId) && meetsDemand(seat.skills, call.demand);
}

/**
 * Who gets which seat. `calls` stand in the order in which they are served, and each takes the best of the seats that are left,
 * by the strategy of its queue. `turns`: the seat that each queue offered a call to last.
 */
export function planMatches(calls: readonly WaitingCall[], seats: readonly FreeSeat[], turns: ReadonlyMap<string, string>): Match[] {
  const free = new Set(seats);
  const last = new Map(turns);
  const matches: Match[] = [];
  for (const call of calls) {
    if (free.size === 0) break;
    const seat = bestSeat(call, free, last.get(call.queueId));
    if (!seat) continue;
    free.delete(seat);
    last.set(call.queueId, seat.id);
    matches.push({ callId: call.id, seatId: seat.id });
  }
  return matches;
}

function bestSeat(call: WaitingCall, free: Iterable<FreeSeat>, lastSeatId: string | undefined): FreeSeat | undefined {
  const byStrategy = comparison(call, lastSeatId);
  const leads = (seat: FreeSeat): number => Number(seat.leadsQueueIds.includes(call.queueId));
  const isBetter: Comparison = (one, other) => leads(other) - leads(one) || byStrategy(one, other);
  let best: FreeSeat | undefined;
  for (const seat of free) {
    if (canServe(seat, call) && (!best || isBetter(seat, best) < 0)) best = seat;
  }
  return best;
}

type Comparison = (one: FreeSeat, other: FreeSeat) => number;

const longestIdle: Comparison = (one, other) => one.idleSince.getTime() - other.idleSince.getTime() || byId(one, other);

function byId(one: FreeSeat, other: FreeSeat): number {
  return one.id < other.id ? -1 : Number(one.id > other.id);
}

/** Below 0 when `one` goes before `other`. Source of the words: Asterisk's queues.conf (leastrecent, fewestcalls, rrmemory). */
function comparison(call: WaitingCall, lastSeatId: string | undefined): Comparison {
  switch (call.strategy) {
    case 'longest_idle': return longestIdle;
    case 'fewest_calls': return (one, other) => one.answeredToday - other.answeredToday || longestIdle(one, other);
    case 'skill_first': return (one, other) => skillScore(other.skills, call.demand) - skillScore(one.skills, call.demand) || longestIdle(one, other);
    case 'last_operator_first': return (one, other) =>
      Number(other.operatorId === call.lastOperatorId) - Number(one.operatorId === call.lastOperatorId) || longestIdle(one, other);
    // Round the numbers of the seats: those behind the last one first.
    case 'round_robin': return (one, other) => Number(isBehind(other, lastSeatId)) - Number(isBehind(one, lastSeatId)) || byId(one, other);
  }
}

function isBehind(seat: FreeSeat, lastSeatId: string | undefined): boolean {
  return lastSeatId !== undefined && seat.id > lastSeatId;
}
