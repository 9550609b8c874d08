/** One line of the table: what was measured, of us and of what it is compared with in the same run. */
export type Figure = {
  readonly name: string;
  readonly ours: string;
  readonly peer: string;
  /** What must be reached; empty for what is only reported. */
  readonly mark: string;
  /** Null for what is only reported. */
  readonly isReached: boolean | null;
  /** The numbers behind the line, for the JSON. */
  readonly numbers: Readonly<Record<string, number>>;
};

/** The value below which a part of all lies (0 to 1); NaN of none. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

export function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

export function sec(valueMs: number): string {
  return `${(valueMs / 1_000).toFixed(1)} s`;
}

/** For a README and a terminal alike: a Markdown table. */
export function table(figures: readonly Figure[], [ours, peer] = ['the hotline', 'app_queue']): string {
  const rows = figures.map(({ name, ours, peer, mark, isReached }) => [name, ours, peer, mark, isReached === null ? '' : isReached ? 'yes' : '**no**']);
  return [['figure', ours, peer, 'must reach', 'reached'], ['---', '---', '---', '---', '---'], ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
