/** The service's time and what it was made of; milliseconds. */
export type ClockState = { readonly time: number; readonly monotonic: number; /** How far the wall clock is ahead. */ readonly offset: number };

/** So much faster or slower than real time the service's clock goes to meet the wall clock again: an hour is made up in 20 hours. */
const slewRate = 0.05;

/** The time now: it advances with the monotonic clock and is led to the wall clock slowly, so that it never goes back and never jumps. */
export function advance(state: ClockState, monotonic: number, wall: number): ClockState {
  const elapsed = Math.max(0, monotonic - state.monotonic);
  const straight = state.time + elapsed;
  const most = elapsed * slewRate;
  const time = straight + Math.min(most, Math.max(-most, wall - straight));
  return { time, monotonic: state.monotonic + elapsed, offset: wall - time };
}

/** Nothing that is written from now on may be older than what stands there: the clock begins behind it at the earliest. */
export function notBefore(state: ClockState, time: number): ClockState {
  return time <= state.time ? state : { ...state, time, offset: state.offset - (time - state.time) };
}

/** From so much on the clocks differ in a way worth a line: somebody set the wall clock. */
const stepMs = 2_000;
const madeUpMs = 100;

/** What there is to be said: that a step was seen, and later that it is made up. */
export function stepNews(wasApart: boolean, offset: number): 'stepped' | 'made_up' | null {
  if (!wasApart && Math.abs(offset) >= stepMs) return 'stepped';
  return wasApart && Math.abs(offset) <= madeUpMs ? 'made_up' : null;
}
