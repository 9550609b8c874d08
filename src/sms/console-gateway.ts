import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SmsGateway } from './sms.ts';

/** For development: what would be sent stands in a file of the data folder that only its owner reads, a line each. */
export function consoleGateway(dataDir: string): SmsGateway {
  return {
    name: 'console',
    async send({ messageId, purpose, recipient, text }) {
      await appendFile(join(dataDir, 'sms.jsonl'), `${JSON.stringify({ at: new Date().toISOString(), messageId, purpose, recipient, text })}\n`, { mode: 0o600 });
      return { gatewayMessageId: messageId };
    },
    close: () => Promise.resolve(),
  };
}
