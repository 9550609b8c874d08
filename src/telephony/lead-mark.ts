import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { AriConnection } from './ari-connection.ts';

/*
 * The leader's sign of life in Asterisk itself: for the dialplan, which takes an application whose connection is frozen for present and would leave its
 * callers in silence (asterisk-conf/extensions.conf), and for processes that cannot ask the database whether somebody leads. Tried on Asterisk 22.10.1:
 * GET /applications/hotline answers the same whether or not a connection of the application is open, as long as a channel is in it.
 */
const leader = 'HOTLINE_LEADER';
const markEveryMs = 1_000;
/** A mark that did not change for this long was left by a leader that is gone, milliseconds; extensions.conf has the same. */
const staleMs = 5_000;

export type LeadMark = { readonly start: () => void; readonly stop: () => Promise<void> };

/** Who leads, and what Asterisk's clock said when that was known last: changes while this process leads, and is taken away after. */
export function createLeadMark(ari: AriConnection, log: Logger): LeadMark {
  const own = randomUUID();
  let timer: NodeJS.Timeout | undefined;
  // Asterisk may be away, which the connection says.
  const quietly = (work: () => Promise<void>): Promise<void> => work().catch((error: unknown) => log.debug({ err: error }, 'The mark of the leader could not be set'));
  const mark = (): void => void quietly(async () => {
    const clock = await read(ari, 'EPOCH');
    if (timer) await write(ari, `${own}:${clock}`); // else it was stopped meanwhile, and nobody would take the mark away
  });
  return {
    start: () => {
      timer = setInterval(mark, markEveryMs);
      mark();
    },
    stop: async () => {
      clearInterval(timer);
      timer = undefined;
      await quietly(async () => { if ((await read(ari)).startsWith(own)) await write(ari, ''); });
    },
  };
}

/** Tells at each look whether somebody may be leading; a mark is believed until it has stood still. */
export function createLeadWatch(ari: AriConnection): () => Promise<boolean> {
  let seen = { mark: '', since: 0 };
  return async () => {
    const mark = await read(ari);
    if (mark !== seen.mark) seen = { mark, since: performance.now() };
    return mark !== '' && performance.now() - seen.since < staleMs;
  };
}

/** A global variable; `EPOCH`: Asterisk's own clock, seconds since 1970. */
async function read(ari: AriConnection, variable = leader): Promise<string> {
  return ((await ari.command('GET', '/asterisk/variable', { variable })) as { value: string }).value;
}

async function write(ari: AriConnection, value: string): Promise<void> {
  await ari.command('POST', '/asterisk/variable', { variable: leader, value });
}
