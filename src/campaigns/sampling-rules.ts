/** A case whose citizen may be asked. `number`: the keyed hash of the citizen's number; `cell`: whose quota the answers count for. */
export type Candidate = { readonly caseId: string; readonly number: string; readonly cell: string };

/** Each number once, with its latest case (ids are in the order of time), which the citizen remembers best; in the order of ids. */
export function onePerNumber(candidates: readonly Candidate[]): Candidate[] {
  const latest = new Map<string, Candidate>();
  for (const one of candidates) {
    const known = latest.get(one.number);
    if (!known || known.caseId < one.caseId) latest.set(one.number, one);
  }
  return [...latest.values()].sort((one, other) => (one.caseId < other.caseId ? -1 : 1));
}

/**
 * A simple random sample without replacement of `size` numbers, or all there are: each as likely as any other, and the same again for the same seed
 * and candidates, in whatever order they come. Does not depend on the keys under which numbers are hashed.
 * Source: R. Durstenfeld, "Algorithm 235: Random permutation", CACM 7 (1964), stopped after `size` steps.
 */
export function drawSample(candidates: readonly Candidate[], { size, seed }: { readonly size: number; readonly seed: number }): Candidate[] {
  const left = onePerNumber(candidates);
  const random = randomNumbers(seed);
  const drawn = Math.min(size, left.length);
  for (let at = 0; at < drawn; at += 1) {
    const other = at + Math.floor(random() * (left.length - at));
    [left[at], left[other]] = [left[other] as Candidate, left[at] as Candidate];
  }
  return left.slice(0, drawn);
}

/**
 * Numbers from 0 to below 1, 32 bits of each at random; among a million candidates no chance is off by more than 0.03 %.
 * Source: xoshiro128**, D. Blackman and S. Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47 (2021); its state from the seed by
 * SplitMix's steps, as its authors advise.
 */
function randomNumbers(seed: number): () => number {
  let mixed = seed | 0;
  const mix = (): number => {
    mixed = (mixed + 0x9e3779b9) | 0;
    let value = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    value = Math.imul(value ^ (value >>> 15), 0x735a2d97);
    return value ^ (value >>> 15);
  };
  let [a, b, c, d] = [mix(), mix(), mix(), mix()];
  return () => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result / 0x1_0000_0000;
  };
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

export type CellCount = { readonly cell: string; readonly citizens: number };

/** How many citizens of each cell could be drawn. */
export function countCells(candidates: readonly Candidate[]): CellCount[] {
  const counts = new Map<string, number>();
  for (const { cell } of onePerNumber(candidates)) counts.set(cell, (counts.get(cell) ?? 0) + 1);
  return [...counts].map(([cell, citizens]) => ({ cell, citizens })).sort((one, other) => (one.cell < other.cell ? -1 : 1));
}
