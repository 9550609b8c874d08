import { chinaDayStart, chinaTime, type TimeRange } from '../calendar/opening-rules.ts';

const [dayMs, minuteMs] = [86_400_000, 60_000];
/** A window that is longer counts as several parts of the day, minutes. */
const partMin = 180;

/** The first moment from `at` on at which citizens may be called; `at` itself within a window. Null without windows. */
export function nextDecentMoment(windows: readonly TimeRange[], at: Date): Date | null {
  const ranges = inOrder(windows);
  const { minute } = chinaTime(at);
  if (ranges.some(({ from, to }) => minute >= from && minute < to)) return at;
  const start = chinaDayStart(at).getTime();
  const today = ranges.find(({ from }) => from > minute);
  const first = today ?? ranges[0];
  return first ? new Date(start + (today ? 0 : dayMs) + first.from * minuteMs) : null;
}

/** The end of the window in which `at` lies; null outside of all. */
export function decentUntil(windows: readonly TimeRange[], at: Date): Date | null {
  const { minute } = chinaTime(at);
  const window = inOrder(windows).find(({ from, to }) => minute >= from && minute < to);
  return window ? new Date(chinaDayStart(at).getTime() + window.to * minuteMs) : null;
}

/**
 * When to call again who was not reached at `at`: on the next day, in the part of the day after that of the last try, at a minute that `seed`
 * spreads, so that not all of a day are called at once.
 */
export function nextTry(windows: readonly TimeRange[], at: Date, seed: string): Date | null {
  const parts = inOrder(windows).flatMap(split);
  const { minute } = chinaTime(at);
  const last = parts.findLastIndex(({ from }) => from <= minute);
  const part = parts[(last + 1) % parts.length];
  if (!part) return null;
  const within = spread(seed) % Math.max(1, part.to - part.from);
  return new Date(chinaDayStart(at).getTime() + dayMs + (part.from + within) * minuteMs);
}

type Part = { readonly from: number; readonly to: number };

function inOrder(windows: readonly TimeRange[]): Part[] {
  return windows.map(({ from, to }) => ({ from: minutesOf(from), to: minutesOf(to) })).sort((one, other) => one.from - other.from);
}

function split({ from, to }: Part): Part[] {
  const count = Math.max(1, Math.floor((to - from) / partMin));
  const length = (to - from) / count;
  return Array.from({ length: count }, (_, index) => ({ from: Math.round(from + index * length), to: Math.round(from + (index + 1) * length) }));
}

function minutesOf(clock: string): number {
  const [hour = 0, minute = 0] = clock.split(':').map(Number);
  return hour * 60 + minute;
}

/** FNV-1a, 32 bit: an even spread is all that is asked of it. */
function spread(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return hash;
}
