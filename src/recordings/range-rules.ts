/** What of a file is asked for: all of it, the bytes from `start` to `end` (included), or nothing that is there. */
export type Wanted = 'all' | 'none' | { readonly start: number; readonly end: number };

/**
 * Reads a Range header. More than one range, another unit, or what is no range at all counts as not asked for, as a server may.
 * Source: RFC 9110 §14.1.2, §14.2 and, for `If-Range`, §13.1.5: a part only of the very file the reader has a part of.
 */
export function wantedRange(headers: { readonly range?: string | undefined; readonly ifRange?: string | undefined }, etag: string, bytes: number): Wanted {
  const { range, ifRange } = headers;
  if (range === undefined || (ifRange !== undefined && ifRange.trim() !== etag)) return 'all';
  const match = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(range);
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return 'all';
  if (first === '') return suffix(Number(last), bytes);
  const [start, end] = [Number(first), last === '' ? bytes - 1 : Number(last)];
  if (last !== '' && end < start) return 'all';
  return start < bytes ? { start, end: Math.min(end, bytes - 1) } : 'none';
}

function suffix(length: number, bytes: number): Wanted {
  return length === 0 || bytes === 0 ? 'none' : { start: Math.max(0, bytes - length), end: bytes - 1 };
}
