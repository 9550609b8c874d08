import type { CarriedCall, CarriedOffer } from '../calls/own-queue/carried-call.ts';

/*
 * The record of a call in Asterisk's own queue: a file, named by the citizen's channel, to which the dialplan adds a line for each
 * step (asterisk-conf/extensions.conf). Each begins with seconds since 1970, to the millisecond:
 *   queued <offered at> <called number> <queue> <caller, URI-encoded>   came into the queue
 *   rings <leg> <endpoint>, answered <leg>, gone <leg> <Q.850 cause>    a seat's phone
 *   left <QUEUESTATUS>                                                  the queue let the citizen go: CONTINUE when the seat hung up
 *   returned                                                            given over to the service
 *   ended <Q.850 cause>                                                 the citizen's channel is gone
 */
type Line = { readonly at: Date; readonly what: string; readonly words: readonly string[] };

/** Lines of one millisecond, in the order in which they can have happened. */
const order = ['returned', 'queued', 'rings', 'answered', 'gone', 'left', 'ended'];

/** What a record tells, whatever is missing, doubled or out of order; null where not even the caller's coming is told. */
export function readCarriedCall(channelId: string, text: string): CarriedCall | null {
  const lines = readLines(text);
  const first = lines.find((line) => line.what === 'queued');
  const last = lines.at(-1);
  if (!first || !last) return null;
  const [offeredAt = '', calledNumber = '', queueId = '', caller = ''] = first.words;
  const left = lines.findLast((line) => line.what === 'left');
  return {
    channelId, calledNumber, queueId, callerRaw: decode(caller), queuedAt: first.at,
    offeredAt: readTime(offeredAt) ?? first.at,
    offers: readOffers(lines),
    isReturned: lines.findLast((line) => line.what === 'queued' || line.what === 'returned')?.what === 'returned',
    endedAt: lines.findLast((line) => line.what === 'ended')?.at ?? null,
    endedBy: !left ? 'citizen' : left.words[0] === 'CONTINUE' ? 'operator' : 'system',
    lastAt: last.at,
  };
}

/** Whole lines only: one that has no end was cut off. */
function readLines(text: string): Line[] {
  const lines = new Set(text.split('\n').slice(0, -1));
  return [...lines].flatMap(readLine).sort((a, b) => a.at.getTime() - b.at.getTime() || order.indexOf(a.what) - order.indexOf(b.what));
}

function readLine(line: string): Line[] {
  const [time = '', what = '', ...words] = line.split(' ');
  const at = readTime(time);
  return at && order.includes(what) ? [{ at, what, words }] : [];
}

function readTime(text: string): Date | null {
  return /^\d{9,11}\.\d{3}$/.test(text) ? new Date(Math.round(Number(text) * 1000)) : null;
}

function readOffers(lines: readonly Line[]): CarriedOffer[] {
  return lines.flatMap(({ what, at, words: [legId = '', endpoint = ''] }) => {
    const seatId = /^seat-(\d{3,6})$/.exec(endpoint)?.[1];
    if (what !== 'rings' || !seatId || lines.find((line) => line.what === 'rings' && line.words[0] === legId)?.at !== at) return [];
    const step = (name: string): Line | undefined => lines.find((line) => line.what === name && line.words[0] === legId);
    const gone = step('gone');
    const cause = Number(gone?.words[1]);
    return [{ legId, seatId, ringingAt: at, answeredAt: step('answered')?.at ?? null, endedAt: gone?.at ?? null, cause: Number.isInteger(cause) ? cause : null }];
  });
}

/** A caller's number is text of whoever calls: what is not plain ASCII is no number. */
function decode(text: string): string {
  return /^(?:[^%]|%[2-7][0-9a-f])*$/i.test(text) ? decodeURIComponent(text) : '';
}
