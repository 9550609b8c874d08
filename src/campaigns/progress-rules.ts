import type { SurveyState } from '../surveys/survey-machine.ts';

/** Where those who were drawn stand; all but `sampled` add up to it. */
export type Progress = Readonly<Record<'sampled' | 'open' | 'calling' | 'answered' | 'refused' | 'unreachable' | 'quotaFull' | 'withdrawn', number>>;

const places = {
  due: 'open', by_sms: 'open', by_person: 'open', calling: 'calling', completed: 'answered', refused: 'refused', not_reached: 'unreachable', quota_full: 'quotaFull', cancelled: 'withdrawn',
} as const satisfies Record<SurveyState, keyof Progress>;

export function progressOf(states: readonly { readonly state: SurveyState; readonly count: number }[]): Progress {
  const progress = { sampled: 0, open: 0, calling: 0, answered: 0, refused: 0, unreachable: 0, quotaFull: 0, withdrawn: 0 };
  for (const { state, count } of states) {
    progress.sampled += count;
    progress[places[state]] += count;
  }
  return progress;
}

/** How fast it went is read from so long, milliseconds, and from no fewer ends. */
const lookBackMs = 30 * 60_000;
const leastEnds = 10;
export function paceSince(at: Date, startedAt: Date): Date {
  return new Date(Math.max(at.getTime() - lookBackMs, startedAt.getTime()));
}

type Pace = {
  /** Whether citizens are called just now: the campaign runs and the machine is not paused. */
  readonly isCalling: boolean;
  /** Until when today; null outside of decent hours. */
  readonly decentUntil: Date | null;
  readonly since: Date;
  readonly endedSince: number;
  readonly left: number;
  /** When the last of those who are left is called; null where one waits for an answer by link. */
  readonly lastDueAt: Date | null;
};

/**
 * When nobody will be left to ask, by how it went until now; null where that would be a guess: while nobody is called, after too few ends, and
 * when somebody is called on another day or answers a link at a time of their own.
 */
export function expectedEnd({ isCalling, decentUntil, since, endedSince, left, lastDueAt }: Pace, at: Date): Date | null {
  if (!isCalling || !decentUntil || !lastDueAt || left === 0 || endedSince < leastEnds || lastDueAt >= decentUntil) return null;
  const byPace = at.getTime() + (left * (at.getTime() - since.getTime())) / endedSince;
  const end = new Date(Math.max(byPace, lastDueAt.getTime()));
  return end < decentUntil ? end : null;
}
