import type { Static } from 'typebox';
import { AppError } from '../../errors.ts';
import type { Deps } from '../../deps.ts';
import { uuidPattern } from '../../http/paging.ts';
import { normalizePhone } from '../phone-number-rules.ts';
import { boxes, boxesOf } from './boxes.ts';
import { endOfDay } from './light-rules.ts';
import type { ListFilter } from './list-filter.ts';
import type { PageKey, Sort } from './page-of-cases.ts';
import type { Reader } from './reader.ts';
import type { ListQuery } from './schemas.ts';

/** A filter as it is asked for, made one that this reader may use. Throws `forbidden` for a box or a search by number that is not theirs. */
export function readFilter(deps: Deps, reader: Reader, asked: Omit<Static<typeof ListQuery>, 'cursor' | 'limit'>): { filter: ListFilter; sort: Sort } {
  const { sort, mine, dueToday, phone, state, type, urgency, channel, dueFrom, dueTo, ...same } = asked;
  const { box } = same;
  if (box !== undefined && !boxesOf(reader).includes(box)) throw new AppError('forbidden', { permission: boxes[box].permissions });
  if (phone !== undefined && !reader.actor.permissions.has('identity.read')) throw new AppError('forbidden', { permission: 'identity.read' });
  if (mine === true && reader.userId === null) throw new AppError('forbidden', { permission: 'a person’s login' });
  const now = deps.now();
  const [start, end] = dueToday === true ? [now, endOfDay(now)].map((at) => at.toISOString()) : [];
  const filter: ListFilter = {
    ...same, state: state?.split(','), type: type?.split(','), urgency: urgency?.split(','), channel: channel?.split(','),
    dueFrom: latest(dueFrom, start), dueTo: earliest(dueTo, end),
    ownerId: mine === true ? reader.userId ?? undefined : same.ownerId,
    phone: phone === undefined ? undefined : findable(deps, phone),
  };
  return { filter, sort: sort ?? (box === undefined ? 'newest' : 'due') };
}

function latest(one: string | undefined, other: string | undefined): string | undefined {
  return [one, other].filter((at) => at !== undefined).sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1);
}

function earliest(one: string | undefined, other: string | undefined): string | undefined {
  return [one, other].filter((at) => at !== undefined).sort((a, b) => Date.parse(a) - Date.parse(b)).at(0);
}

/** The number as it stands in the rows. */
function findable(deps: Deps, phone: string): string {
  const { number } = normalizePhone(phone, deps.config.HOTLINE_AREA_CODE);
  if (number === null) throw new AppError('number_not_dialable', { field: 'phone' });
  return number;
}

const dueCursor = new RegExp(`^(infinity|[0-9:.+ -]{19,40})\\|(${uuidPattern.source.slice(1, -1)})$`);

/** The key a cursor stands for. Source of its form: `writeCursor`. */
export function readAfter(cursor: string | undefined, sort: Sort): PageKey | null {
  if (cursor === undefined) return null;
  const text = Buffer.from(cursor, 'base64url').toString();
  if (sort === 'newest' && uuidPattern.test(text)) return { id: text, dueKey: null };
  const [, dueKey, id] = (sort === 'due' && dueCursor.exec(text)) || [];
  if (dueKey === undefined || id === undefined) throw new AppError('bad_request', { errors: [{ path: 'querystring/cursor', message: 'is not a cursor of this list' }] });
  return { id, dueKey };
}

export function writeCursor({ id, dueKey }: PageKey, sort: Sort): string {
  return sort === 'newest' ? id : `${dueKey ?? 'infinity'}|${id}`;
}
