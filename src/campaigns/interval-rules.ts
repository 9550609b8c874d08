export type Interval = { readonly low: number; readonly high: number };

/** The 0.975 quantile of the standard normal distribution: two sides, 95 %. */
const z = 1.959963984540054;

/**
 * The 95 % interval of a share, 0–1; null of nothing. Holds for a simple random sample: quotas and who does not answer bend it, and nothing is taken
 * off for a sample that is a large part of the population.
 * Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927) 209–212, without continuity correction;
 * recommended for any n by Brown, Cai and DasGupta, Statistical Science 16 (2001) 101–133.
 */
export function wilson(count: number, of: number): Interval | null {
  if (of === 0) return null;
  const share = count / of;
  const scale = 1 + (z * z) / of;
  const middle = (share + (z * z) / (2 * of)) / scale;
  const half = (z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of))) / scale;
  // At the ends the formula gives 0 and 1 but for rounding.
  return { low: count === 0 ? 0 : middle - half, high: count === of ? 1 : middle + half };
}

export type Mean = { readonly mean: number; readonly sd: number | null; readonly low: number | null; readonly high: number | null; readonly of: number };

/**
 * The mean of values, each with how often it was given, its standard deviation (n − 1) and its 95 % interval by Student's t; null of nothing, and
 * without an interval of one. Source: Student, "The probable error of a mean", Biometrika 6 (1908) 1–25.
 */
export function meanOf(values: readonly { readonly value: number; readonly count: number }[]): Mean | null {
  const of = values.reduce((sum, { count }) => sum + count, 0);
  if (of === 0) return null;
  const mean = values.reduce((sum, { value, count }) => sum + value * count, 0) / of;
  if (of === 1) return { mean, sd: null, low: null, high: null, of };
  const sd = Math.sqrt(values.reduce((sum, { value, count }) => sum + count * (value - mean) ** 2, 0) / (of - 1));
  const half = (studentT(of - 1) * sd) / Math.sqrt(of);
  return { mean, sd, low: mean - half, high: mean + half, of };
}

/** Source: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, column 0.975, degrees of freedom 1 to 30. */
const table = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086,
  2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042];

/** The 0.975 quantile of Student's t. Above the table by expansion, to four decimals. Source: Abramowitz and Stegun, 26.7.5. */
export function studentT(degrees: number): number {
  return table[degrees - 1] ?? z + (z ** 3 + z) / (4 * degrees) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2) + (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * degrees ** 3);
}
