type Span = { readonly from: string; readonly to: string };

/** What is wrong with the open times of a day, HH:MM each. */
export function findSpanFaults(spans: readonly Span[]): string[] {
  const faults = spans.filter((span) => span.from >= span.to).map((span) => `${span.from} to ${span.to} ends before it begins; past midnight, write two`);
  const ordered = [...spans].sort((a, b) => (a.from < b.from ? -1 : 1));
  for (const [index, span] of ordered.entries()) {
    const before = ordered[index - 1];
    if (before && before.to > span.from) faults.push(`${before.from} to ${before.to} and ${span.from} to ${span.to} overlap; make one of them`);
  }
  return faults;
}

/** Whether YYYY-MM-DD is a day that exists. */
export function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
