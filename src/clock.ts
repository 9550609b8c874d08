import type { Logger } from 'pino';
import { advance, notBefore, stepNews } from './clock-rules.ts';

export type Clock = {
  readonly now: () => Date;
  /** The next times are not before this one. */
  readonly notBefore: (time: Date) => void;
};

/** What tells the time; milliseconds. */
export type Sources = { readonly wall: () => number; readonly monotonic: () => number };

/** The service's only clock: whoever sets the machine's clock moves neither durations nor the order of callers nor deadlines. */
export function createClock(log: Logger, sources: Sources = { wall: () => Date.now(), monotonic: () => performance.now() }): Clock {
  let state = { time: sources.wall(), monotonic: sources.monotonic(), offset: 0 };
  let isApart = false;
  const go = (): Date => {
    state = advance(state, sources.monotonic(), sources.wall());
    const news = stepNews(isApart, state.offset);
    if (news !== null) isApart = news === 'stepped';
    const offsetSec = Math.round(state.offset / 1000);
    if (news === 'stepped') log.warn({ offsetSec }, 'The machine’s clock differs from the service’s, which goes on evenly and is led to it slowly');
    if (news === 'made_up') log.info('The service’s clock is the machine’s again');
    return new Date(state.time);
  };
  return {
    now: go,
    notBefore: (time) => {
      go();
      state = notBefore(state, time.getTime());
    },
  };
}
