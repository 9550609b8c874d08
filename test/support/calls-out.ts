import { expect } from 'vitest';
import type { hotline } from './hotline.ts';

type City = ReturnType<typeof hotline>;
type Desk = Awaited<ReturnType<City['seat']>>;

/** Calls that an operator makes from the screen. */
export function callsOut(city: City, desk: () => Desk) {
  const dial = (body: object) => desk().api.post<{ callId: string; caseId: string }>('/api/calls', body);
  /** The end of the call: recorded, the seat wraps up, the durations add up. */
  const outcomeOf = async (callId: string) => {
    const call = await city.endOf(callId);
    const shown = await city.shownCall(desk().api, callId);
    const { totalSec, wrapUpSec, ...parts } = shown.durations;
    expect(Object.values(parts).reduce<number>((sum, part) => sum + (part ?? 0), 0)).toBeCloseTo(totalSec ?? -1, 3);
    expect(wrapUpSec).toBeNull();
    expect((await desk().state()).state).toBe('wrap_up');
    const [own, party] = ['operator', 'citizen'].map((role) => shown.legs.find((leg) => leg.role === role));
    return { ...call, ...shown.durations, own, party };
  };
  return { dial, outcomeOf };
}
