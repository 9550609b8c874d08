/** How a case stands with its total clock (see `lightOf` of cases/life): green in time, yellow from `warnAt`, red from `dueAt`, stopped while it is suspended. */
export const lights = ['green', 'yellow', 'red', 'stopped'] as const;
export type Light = (typeof lights)[number];

/** Open cases (`k`) of that light, where `next_due_at` is the deadline of a clock that runs. `now`: the name of a value. */
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
