/** How a case stands with its total clock: green in time, yellow from `warnAt`, red from `dueAt`; stopped while it is suspended. */
export const lights = ['green', 'yellow', 'red', 'stopped'] as const;
export type Light = (typeof lights)[number];

type Clock = { readonly closedAt: Date | null; readonly stoppedAt: Date | null; readonly warnAt: Date | null; readonly dueAt: Date | null };

/** Null for a case without a running deadline: not dispatched yet, or closed. */
export function lightOf({ closedAt, stoppedAt, warnAt, dueAt }: Clock, now: Date): Light | null {
  if (closedAt !== null) return null;
  if (stoppedAt !== null) return 'stopped';
  if (dueAt === null) return null;
  if (dueAt <= now) return 'red';
  return warnAt !== null && warnAt <= now ? 'yellow' : 'green';
}

/** The same of open cases (`k`) in SQL, where `next_due_at` is the deadline of a clock that runs. `now`: the name of a value. */
export function lightSql(light: Light, now: string): string {
  switch (light) {
    case 'red': return `k.next_due_at <= ${now} and k.stopped_at is null`;
    case 'yellow': return `k.next_due_at > ${now} and k.warn_at <= ${now} and k.stopped_at is null`;
    case 'green': return `k.next_due_at > ${now} and k.due_at is not null and (k.warn_at is null or k.warn_at > ${now}) and k.stopped_at is null`;
    case 'stopped': return 'k.stopped_at is not null';
  }
}

/** Midnight in China, UTC+8 all the year, after this moment. */
export function endOfDay(now: Date): Date {
  const [day, shift] = [86_400_000, 8 * 3_600_000];
  return new Date((Math.floor((now.getTime() + shift) / day) + 1) * day - shift);
}
