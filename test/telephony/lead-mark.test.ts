import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AriChannel } from '../../src/telephony/ari-channel.ts';
import type { AriConnection } from '../../src/telephony/ari-connection.ts';
import { unlessMissing } from '../../src/telephony/ari-http.ts';
import { createLeadMark, createLeadWatch } from '../../src/telephony/lead-mark.ts';
import { asteriskLinks } from '../support/asterisk-links.ts';
import { until } from '../support/until.ts';

describe('the mark of who leads', () => {
  const links = asteriskLinks();
  beforeEach(() => links.before());
  afterEach(() => links.after());
  const read = async (ari: AriConnection, variable: string): Promise<string> => ((await ari.command('GET', '/asterisk/variable', { variable })) as { value: string }).value;
  const write = (ari: AriConnection, value: string): Promise<unknown> => ari.command('POST', '/asterisk/variable', { variable: 'HOTLINE_LEADER', value });

  /** Where the dialplan brings somebody who calls 12345, while an application is connected. */
  async function ledTo(ari: AriConnection): Promise<string> {
    const [id, farId] = [randomUUID(), randomUUID()];
    await ari.command('POST', '/channels', { endpoint: 'Local/12345@from-trunk', context: 'from-seats', extension: '100', priority: 1, channelId: farId, otherChannelId: id });
    try {
      return await until(async () => {
        const { dialplan } = (await ari.command('GET', `/channels/${id}`)) as AriChannel;
        return ['Stasis', 'Queue'].includes(dialplan.app_name) && dialplan.app_name;
      }, 'the caller is somewhere');
    } finally {
      for (const one of [id, farId]) await unlessMissing(ari.command('DELETE', `/channels/${one}`)); // the one goes with the other
    }
  }

  it('says each second what Asterisk’s clock says, and goes with the leader', async () => {
    const { connection, log, start, connected } = links.ari(links.ariPort);
    start();
    await connected();
    const mark = createLeadMark(connection, log);
    const isLed = createLeadWatch(connection);
    mark.start();
    const marked = async (): Promise<number> => Number((await read(connection, 'HOTLINE_LEADER')).split(':')[1] ?? NaN);
    await until(async () => await marked() > 0, 'the first mark');
    const [first, clock] = [await marked(), Number(await read(connection, 'EPOCH'))];
    expect(Math.abs(clock - first)).toBeLessThan(60);
    expect(await isLed()).toBe(true);
    await until(async () => await marked() > first, 'the next mark');
    await mark.stop();
    expect([await read(connection, 'HOTLINE_LEADER'), await isLed()]).toEqual(['', false]);
  });

  it('keeps nobody with a service that stands still', async () => {
    const { connection, start, connected } = links.ari(links.ariPort);
    start();
    await connected();
    const aged = async (seconds: number): Promise<string> => {
      await write(connection, `${randomUUID()}:${Number(await read(connection, 'EPOCH')) - seconds}`);
      return ledTo(connection);
    };
    try {
      await write(connection, '');
      expect(await ledTo(connection)).toBe('Stasis'); // nobody has said anything yet
      expect(await aged(0)).toBe('Stasis');
      expect(await aged(-3_600)).toBe('Stasis'); // the clock was set back
      expect(await aged(60)).toBe('Queue');
    } finally {
      await write(connection, '');
    }
  });
});
