import { setTimeout as later } from 'node:timers';
import { startFaultProxy, type FaultProxy, type Filter } from '../../support/fault-proxy.ts';

/** What befalls each of Asterisk's events: how often one is lost, comes twice or comes late, 0 to 1; and how long each and the late ones wait, milliseconds. */
export type Trouble = { readonly lost?: number; readonly doubled?: number; readonly late?: number; readonly lateMs?: number; readonly slowMs?: number };
export type EventProxy = FaultProxy & {
  /** From now on, by chance that repeats itself with the same seed; null ends it. */
  readonly trouble: (trouble: Trouble | null, seed?: number) => void;
  /** What befell so far. */
  readonly toll: { lost: number; doubled: number; late: number };
};

/** Stands between the service and ARI, and knows WebSocket frames: events are lost, doubled or late as a whole, never in pieces. */
export async function startEventProxy(port: number): Promise<EventProxy> {
  let trouble: Trouble | null = null;
  let chance = seeded(1);
  const toll = { lost: 0, doubled: 0, late: 0 };
  const befall = (frame: Buffer, forward: (bytes: Buffer) => void): void => {
    const { lost = 0, doubled = 0, late = 0, lateMs = 0, slowMs = 0 } = trouble ?? {};
    // As much chance for each event, whatever is asked, so that a seed always tells the same story.
    const [isLost, isDoubled, isLate] = [chance() < lost, chance() < doubled, chance() < late];
    const waitMs = slowMs + (isLate ? lateMs : 0);
    const send = (): void => { if (waitMs === 0) forward(frame); else later(() => forward(frame), waitMs); };
    if (isLost) { toll.lost += 1; return; }
    if (isLate) toll.late += 1;
    send();
    if (isDoubled) { toll.doubled += 1; send(); }
  };
  const proxy = await startFaultProxy({ port, isForLoad: true, filter: frameFilter((frame, forward) => (trouble && isText(frame) ? befall(frame, forward) : forward(frame))) });
  return { ...proxy, toll, trouble: (next, seed = 1) => { trouble = next; chance = seeded(seed); } };
}

/** Passes on what is no WebSocket as it is, and gives each frame of one to `onFrame`. */
function frameFilter(onFrame: (frame: Buffer, forward: (bytes: Buffer) => void) => void): Filter {
  return (forward) => {
    let isUpgraded = false;
    let rest = Buffer.alloc(0);
    return (bytes) => {
      if (!isUpgraded && !bytes.toString('latin1', 0, 12).startsWith('HTTP/1.1 101')) return forward(bytes);
      rest = Buffer.concat([rest, bytes]);
      if (!isUpgraded) {
        const end = rest.indexOf('\r\n\r\n') + 4;
        if (end < 4) return;
        isUpgraded = true;
        forward(rest.subarray(0, end));
        rest = rest.subarray(end);
      }
      for (let length = frameLength(rest); length !== null && length <= rest.length; length = frameLength(rest)) {
        onFrame(rest.subarray(0, length), forward);
        rest = rest.subarray(length);
      }
    };
  };
}

/** Length of the first frame with its head, once that is there; a server does not mask. Source: RFC 6455, 5.2. */
function frameLength(bytes: Buffer): number | null {
  const short = (bytes[1] ?? 0) & 0x7f;
  if (bytes.length < 2 || (short === 126 && bytes.length < 4) || (short === 127 && bytes.length < 10)) return null;
  if (short === 126) return 4 + bytes.readUInt16BE(2);
  return short === 127 ? 10 + Number(bytes.readBigUInt64BE(2)) : 2 + short;
}

function isText(frame: Buffer): boolean {
  return ((frame[0] ?? 0) & 0x0f) === 1;
}

/** Numbers from 0 to 1 that look like chance. Source: Numerical Recipes, the quick linear congruential generator. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
