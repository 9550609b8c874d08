import { AppError } from '../errors.ts';

/** A year and a day: longer than that is no report. */
const mostDays = 366;

/** From `from` until before `to`; a 422 for one that is empty or too long. */
export function readPeriod(asked: { readonly from: string; readonly to: string }): { readonly from: Date; readonly to: Date } {
  const [from, to] = [new Date(asked.from), new Date(asked.to)];
  if (to <= from || to.getTime() - from.getTime() > mostDays * 86_400_000) throw new AppError('reference_unknown', { field: 'to', mostDays });
  return { from, to };
}
