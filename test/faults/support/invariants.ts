import type { Logged } from '../../support/phone-log.ts';

/** What a citizen's phone saw, milliseconds by the machine's clock. */
export type Citizen = { readonly caller: string; readonly isPatient: boolean; readonly invitedMs: number; readonly overMs: number | null };
/** One ring of a seat's phone, and what came of it: the operator hung up (`bye`), or was hung up on (`told`). */
export type Ring = { readonly seat: string; readonly caller: string; readonly rungMs: number; readonly answeredMs: number | null; readonly byeMs: number | null; readonly toldMs: number | null };
/** A call's row with its case, when everything is over. */
export type Row = {
  readonly id: string; readonly callerNumber: string | null; readonly state: string; readonly outcome: string | null; readonly offeredAt: Date; readonly queuedAt: Date | null; readonly connectedAt: Date | null;
  readonly endedAt: Date | null; readonly caseState: string | null; readonly callbackReason: string | null; readonly partsSec: number | null; readonly totalSec: number | null;
  readonly isMatched: boolean;
};
export type Before = { readonly callerNumber: string | null; readonly state: string; readonly queuedAt: Date | null };
export type Evidence = {
  readonly atMs: number;
  readonly healedMs: number;
  /** Asterisk itself died, and with it every call. */
  readonly endsCalls: boolean;
  readonly citizens: readonly Citizen[];
  readonly rings: readonly Ring[];
  readonly before: readonly Before[];
  readonly rows: readonly Row[];
  /** What should be gone by now, each by its name. */
  readonly left: readonly string[];
};
export type Verdict = {
  readonly live: number; readonly lost: number; readonly missing: number;
  /** From the fault until a seat rings for somebody who called after it; by the service itself, not by Asterisk's own queue. Seconds. */
  readonly ringsSec: number | null; readonly servedSec: number | null;
  readonly violations: readonly string[];
};

/** Rings and rows of one moment may be apart by this on a machine that is busy, milliseconds. */
const slackMs = 3_000;

/** What must hold whatever happened, from what phones saw and what rows say. */
export function judge(evidence: Evidence): Verdict {
  const { atMs, citizens, rings } = evidence;
  const live = citizens.filter((one) => isLiveAt(one, atMs));
  const missing = citizens.filter(({ caller }) => rowsOf(evidence, caller).length === 0 || rowsOf(evidence, caller).some((row) => row.caseState === null));
  const lost = citizens.filter((one) => one.isPatient && isLost(evidence, one));
  const later = rings.filter(({ caller }) => (citizens.find((one) => one.caller === caller)?.invitedMs ?? 0) > atMs);
  const since = (some: readonly Ring[]): number | null => (some.length === 0 ? null : (Math.min(...some.map((ring) => ring.rungMs)) - atMs) / 1_000);
  return {
    live: live.length, lost: lost.length, missing: missing.length, ringsSec: since(later),
    servedSec: since(later.filter(({ caller }) => rowsOf(evidence, caller).some((row) => row.isMatched))),
    violations: [
      ...lost.filter((one) => !isExcused(evidence, one)).map(({ caller }) => `${caller} was lost: ${fate(evidence, caller)}`),
      ...missingOnes(evidence, missing.filter((one) => !isUnheard(evidence, one))),
      ...(later.length === 0 ? ['no seat rang for anybody who called after the fault'] : []),
      ...citizens.flatMap((one) => rowsOf(evidence, one.caller).length > 1 ? [`${one.caller} has ${rowsOf(evidence, one.caller).length} calls`] : rowsOf(evidence, one.caller).flatMap((row) => wrongIn(evidence, one, row))),
      ...cutShort(evidence), ...orderBroken(evidence), ...twoAtOnce(evidence), ...evidence.left.map((one) => `${one} is left behind`),
    ],
  };
}

function rowsOf({ rows }: Evidence, caller: string): Row[] {
  return rows.filter((row) => row.callerNumber === caller);
}

function isLiveAt({ invitedMs, overMs }: Citizen, atMs: number): boolean {
  return invitedMs <= atMs && (overMs === null || overMs > atMs);
}

/** Who did not give up was answered, and talked until the operator hung up; not so whose row says that the two could not be put through. */
function isLost(evidence: Evidence, { caller }: Citizen): boolean {
  return isFailed(evidence, caller) || !evidence.rings.some((ring) => ring.caller === caller && ring.byeMs !== null);
}

function isFailed(evidence: Evidence, caller: string): boolean {
  return rowsOf(evidence, caller)[0]?.outcome === 'failed';
}

/** Nobody can help those who are on the line of an Asterisk that dies, or call while it is dead; and who could not be put through is called back. */
function isExcused(evidence: Evidence, { caller, invitedMs, overMs }: Citizen): boolean {
  const { endsCalls, atMs, healedMs } = evidence;
  return (isFailed(evidence, caller) && rowsOf(evidence, caller)[0]?.callbackReason === 'abandoned') || (endsCalls && invitedMs <= healedMs && (overMs === null || overMs > atMs));
}

/** Called while no Asterisk was there to hear it. */
function isUnheard({ endsCalls, atMs, healedMs }: Evidence, { invitedMs }: Citizen): boolean {
  return endsCalls && invitedMs > atMs - 1_000 && invitedMs <= healedMs;
}

/** Those whom a seat rang for without any row were given by Asterisk's own queue: one line for all. */
function missingOnes(evidence: Evidence, missing: readonly Citizen[]): string[] {
  const passedBy = missing.filter(({ caller }) => rowsOf(evidence, caller).length === 0 && evidence.rings.some((ring) => ring.caller === caller));
  const others = missing.filter((one) => !passedBy.includes(one));
  return [
    ...(passedBy.length === 0 ? [] : [`${passedBy.length} callers whom Asterisk’s own queue gave to a seat have no call and no case: ${passedBy.map(({ caller }) => caller).join(', ')}`]),
    ...others.map(({ caller }) => `${caller} has no ${rowsOf(evidence, caller).length === 0 ? 'call' : 'case'}: ${fate(evidence, caller)}`),
  ];
}

function fate(evidence: Evidence, caller: string): string {
  const from = evidence.atMs;
  const rings = evidence.rings.filter((ring) => ring.caller === caller)
    .map((ring) => `${ring.seat} rang ${sec(ring.rungMs, from)}, answered ${sec(ring.answeredMs, from)}, ${ring.toldMs === null ? `hung up ${sec(ring.byeMs, from)}` : `was hung up on ${sec(ring.toldMs, from)}`}`);
  const citizen = evidence.citizens.find((one) => one.caller === caller);
  const row = rowsOf(evidence, caller)[0];
  return `called ${sec(citizen?.invitedMs ?? null, from)}, over ${sec(citizen?.overMs ?? null, from)}; ${rings.join('; ') || 'no seat rang'}; ${row ? `row ${row.state} ${row.outcome ?? ''}` : 'no row'}`;
}

function sec(ms: number | null, from: number): string {
  return ms === null ? 'never' : `${((ms - from) / 1_000).toFixed(1)} s`;
}

/** What is wrong in the one row of a citizen's call. */
function wrongIn(evidence: Evidence, citizen: Citizen, row: Row): string[] {
  const { caller } = citizen;
  // The last: whoever answered while nobody could connect the two was alone, and the citizen was offered to another.
  const ring = evidence.rings.findLast((one) => one.caller === caller && one.answeredMs !== null);
  const before = evidence.before.find((one) => one.callerNumber === caller && one.state === 'waiting');
  const isAnswered = row.outcome === 'answered';
  const gaveUp = !ring && !evidence.endsCalls;
  return [
    ...(row.state === 'ended' ? [] : [`${caller}: the call never ended, it is ${row.state}`]),
    ...(isAnswered === (ring !== undefined) || isNotPutThrough(evidence, ring, row) ? [] : [`${caller}: outcome ${String(row.outcome)}, but the phones: ${fate(evidence, caller)}`]),
    ...(gaveUp && row.callbackReason !== 'abandoned' ? [`${caller} gave up, and the case is ${String(row.caseState)} without a callback`] : []),
    ...(before?.queuedAt && row.queuedAt?.getTime() !== before.queuedAt.getTime() ? [`${caller} lost the place in the queue`] : []),
    ...(row.totalSec === null || row.partsSec === null || Math.abs(row.totalSec - row.partsSec) < 0.01 ? [] : [`${caller}: parts of ${row.partsSec} s in a call of ${row.totalSec} s`]),
    ...untrue(evidence, `${caller}: came`, row.offeredAt, citizen.invitedMs),
    ...untrue(evidence, `${caller}: was connected`, row.connectedAt, ring?.answeredMs ?? null),
    // Over is when the last one is gone, or when the operator hung up and nobody was there to let the citizen go.
    ...untrue(evidence, `${caller}: ended`, row.endedAt, citizen.overMs, ring?.byeMs ?? undefined),
  ];
}

/** An operator answered while nobody could put the two through, and the citizen did not wait for another: to be called back. */
function isNotPutThrough({ atMs, healedMs }: Evidence, ring: Ring | undefined, row: Row): boolean {
  const answeredMs = ring?.answeredMs ?? 0;
  return row.callbackReason === 'abandoned' && answeredMs > atMs - slackMs && answeredMs < healedMs;
}

/** What happened unseen is known when somebody looks again; else a row's time is the phone's. */
function untrue({ atMs, healedMs }: Evidence, what: string, told: Date | null, seenMs: number | null, earliestMs = seenMs ?? 0): string[] {
  if (told === null || seenMs === null) return [];
  const latest = seenMs >= atMs - slackMs && seenMs <= healedMs ? Math.max(seenMs, healedMs) : seenMs;
  const isTrue = told.getTime() >= Math.min(seenMs, earliestMs) - slackMs && told.getTime() <= latest + slackMs;
  return isTrue ? [] : [`${what} at ${told.toISOString()}, the phone says ${new Date(seenMs).toISOString()}`];
}

/** Those who waited when the fault struck are rung for in the order of their places. */
function orderBroken({ before, rings }: Evidence): string[] {
  const first = before.filter((one) => one.state === 'waiting').map((one) => ({ ...one, rungMs: rings.find((ring) => ring.caller === one.callerNumber)?.rungMs }))
    .filter((one) => one.rungMs !== undefined).sort((one, other) => (one.queuedAt?.getTime() ?? 0) - (other.queuedAt?.getTime() ?? 0));
  return first.flatMap((one, index) => first.slice(index + 1).some((later) => (later.rungMs ?? 0) + slackMs / 2 < (one.rungMs ?? 0)) ? [`${one.callerNumber ?? ''} was overtaken`] : []);
}

/** Who talked when the fault struck went on talking: no operator was hung up on, unless the citizen did it. */
function cutShort({ atMs, endsCalls, rings, citizens }: Evidence): string[] {
  const talked = rings.filter((ring) => ring.answeredMs !== null && ring.answeredMs < atMs - 500 && (ring.toldMs ?? 0) > atMs);
  return endsCalls ? [] : talked.filter(({ caller }) => citizens.some((one) => one.caller === caller && one.isPatient)).map(({ caller, seat }) => `${caller} and ${seat} were cut off`);
}

/** No seat is given a second call while it has one; a phone whose Asterisk died does not know that its call is over. */
function twoAtOnce({ rings, endsCalls, healedMs }: Evidence): string[] {
  return rings.filter((ring) => !endsCalls || ring.rungMs > healedMs).flatMap((ring) => {
    const endMs = ring.byeMs ?? ring.toldMs;
    const other = rings.find((one) => one !== ring && one.seat === ring.seat && one.rungMs >= ring.rungMs && one.rungMs < (endMs ?? 0) - 50);
    return other && endMs !== null ? [`${ring.seat} was rung for ${other.caller} while it had ${ring.caller}`] : [];
  });
}

/** The phones' lines put together: who called, and which seats rang for them. */
export function readPhones(citizens: readonly { readonly isPatient: boolean; readonly log: readonly Logged[] }[], seats: readonly Logged[]): { citizens: Citizen[]; rings: Ring[] } {
  const last = (log: readonly Logged[], what: string, caller: string): number | null => log.find((line) => line.what === what && line.caller === caller)?.atMs ?? null;
  return {
    citizens: citizens.flatMap(({ isPatient, log }) => log.filter((line) => line.what === 'invite').map(({ caller, atMs }) => ({ caller, isPatient, invitedMs: atMs, overMs: last(log, 'over', caller) }))),
    rings: seats.filter((line) => line.what === 'invite').map((line) => ringOf(line, seats)).sort((one, other) => one.rungMs - other.rungMs),
  };
}

/** Lines of the same seat and caller up to the next ring for that caller at that seat. */
function ringOf(invite: Logged, lines: readonly Logged[]): Ring {
  const own = lines.filter((line) => line.seat === invite.seat && line.caller === invite.caller && line.atMs >= invite.atMs);
  const next = own.find((line) => line.what === 'invite' && line.atMs > invite.atMs)?.atMs ?? Infinity;
  const at = (what: string): number | null => own.find((line) => line.what === what && line.atMs < next)?.atMs ?? null;
  return { seat: invite.seat, caller: invite.caller, rungMs: invite.atMs, answeredMs: at('answer'), byeMs: at('bye'), toldMs: at('told') };
}
