import { createLogger } from '../../src/log.ts';
import { AmiConnection } from '../../src/telephony/ami-connection.ts';
import type { Place } from './own-stack.ts';

/** The phones in Asterisk's own queues, by AMI. */
export async function listFallbackMembers({ env }: Place): Promise<string[]> {
  const ami = new AmiConnection({ host: '127.0.0.1', port: Number(env['ASTERISK_AMI_PORT']), user: env['ASTERISK_AMI_USER'] ?? '',
    password: env['ASTERISK_AMI_PASSWORD'] ?? '', log: createLogger('silent') });
  await new Promise<void>((resolve) => ami.start({ onEvent: () => undefined, onConnected: resolve }));
  const items = await ami.action('QueueStatus', {}, true).finally(() => ami.stop());
  return items.filter((item) => item['event'] === 'QueueMember').map((item) => item['location'] ?? item['interface'] ?? '');
}
