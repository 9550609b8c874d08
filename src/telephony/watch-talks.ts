import type { Logger } from 'pino';
import { pause } from './backoff.ts';
import { stasisArgs, type AriChannel } from './ari-channel.ts';
import type { AriConnection } from './ari-connection.ts';
import { unlessMissing } from './ari-http.ts';
import { isOurs, type AriBridge } from './ari-bridge.ts';
import { createLeadWatch } from './lead-mark.ts';
import { leftAlone, type Look } from './left-alone-rules.ts';
import { isSpyBridge } from './spy-ids.ts';
import type { Talks } from './talks.ts';

const lookEveryMs = 1_000;

export type TalksWatch = { /** Begins to look; begun already, it goes on. */ readonly start: () => void; readonly stop: () => void };

/**
 * While the database is away nobody may follow events, for nothing could be written down; but nobody is left alone in a call either.
 * Once a second, over HTTP, with what Asterisk says and what this process remembers. It does nothing while another process leads.
 */
export function createTalksWatch({ ari, talks, log, now }: { ari: AriConnection; talks: Talks; log: Logger; now: () => Date }): TalksWatch {
  const isLed = createLeadWatch(ari);
  let life: AbortController | null = null;

  async function watch(signal: AbortSignal): Promise<void> {
    let known: readonly string[] = [];
    for (let isFailing = false; !signal.aborted; await pause(lookEveryMs, signal)) {
      try {
        if (!(await isLed())) known = await look(known, signal);
        isFailing = false;
      } catch (error) {
        if (!isFailing) log.warn({ err: error }, 'Calls cannot be watched while the database is away: Asterisk does not answer');
        isFailing = true;
      }
    }
  }

  /** `known`: the channels of the last look. */
  async function look(known: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    const seen = await readLook(ari);
    if (signal.aborted) return [];
    const present = new Set(seen.channels.map((channel) => channel.id));
    for (const id of [...known, ...talks.channelIds]) if (!present.has(id)) talks.noteEnd(id, now());
    for (const { id, isSpy, channelIds } of seen.bridges) if (!isSpy && channelIds.length > 1) talks.note(id, channelIds, true);
    for (const { callId, channelIds } of leftAlone(talks.list(), seen)) {
      log.info({ callId, legs: channelIds.length }, 'Whoever was left alone in a call is hung up, while the database is away');
      for (const id of channelIds) await unlessMissing(ari.command('DELETE', `/channels/${encodeURIComponent(id)}`, { reason_code: '16' }));
    }
    return seen.channels.filter((channel) => channel.role !== null).map((channel) => channel.id);
  }

  return {
    start: () => {
      if (life) return;
      life = new AbortController();
      void watch(life.signal);
    },
    stop: () => {
      life?.abort();
      life = null;
    },
  };
}

async function readLook(ari: AriConnection): Promise<Look> {
  const channels = (await ari.command('GET', '/channels')) as AriChannel[];
  const bridges = (await ari.command('GET', '/bridges')) as AriBridge[];
  return {
    channels: channels.map((channel) => {
      const [role = null, callId] = stasisArgs(channel) ?? [];
      return { id: channel.id, role, callId: role === 'operator' || role === 'party' ? callId ?? null : null };
    }),
    bridges: bridges.filter(isOurs).map((bridge) => ({ id: bridge.id, isSpy: isSpyBridge(bridge.id), channelIds: bridge.channels })),
  };
}
