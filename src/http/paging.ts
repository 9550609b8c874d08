import { Type, type TSchema } from 'typebox';
import { AppError } from '../errors.ts';

export const pageQuery = { cursor: Type.Optional(Type.String({ maxLength: 200 })), limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }) };

export function Page<Item extends TSchema>(item: Item) {
  return Type.Object({ items: Type.Array(item), nextCursor: Type.Union([Type.String(), Type.Null()]) });
}

/** A page out of `limit + 1` rows; the cursor is the last item's key, opaque to the reader. */
export function pageOf<Row, Item>(
  rows: readonly Row[], limit: number, keyOf: (row: Row) => string, toItem: (row: Row) => Item,
): { items: Item[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(toItem), nextCursor: rows.length > limit && last ? Buffer.from(keyOf(last)).toString('base64url') : null };
}

export function readCursor(cursor: string | undefined, pattern: RegExp): string | null {
  if (cursor === undefined) return null;
  const key = Buffer.from(cursor, 'base64url').toString();
  if (!pattern.test(key)) throw new AppError('bad_request', { errors: [{ path: 'querystring/cursor', message: 'is not a cursor of this list' }] });
  return key;
}

export const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
export const Id = Type.String({ pattern: uuidPattern.source });
export const Time = Type.String({ format: 'date-time' });
/**
 * A moment somebody sends. Leap seconds, years before 1000 and zones beyond ±14:59 are valid dates that JavaScript
 * or PostgreSQL cannot hold.
 */
export const Instant = Type.String({
  format: 'date-time', pattern: '^[1-9]\\d{3}-\\d\\d-\\d\\dT\\d\\d:[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?(Z|[+-](0\\d|1[0-4]):[0-5]\\d)$',
});
export const NullableInstant = Type.Union([Instant, Type.Null()]);
/** The version of a row its edit starts from. */
export const Version = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });
export const NullableTime = Type.Union([Time, Type.Null()]);

/** A `NullableTime` as it is sent. */
export function iso(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}

export const NullableString = Type.Union([Type.String(), Type.Null()]);
