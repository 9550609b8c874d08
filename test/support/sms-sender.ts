import { setTimeout as pause } from 'node:timers/promises';
import { createPool } from '../../src/db/pool.ts';
import type { Deps } from '../../src/deps.ts';
import { createLogger } from '../../src/log.ts';
import { httpGateway } from '../../src/sms/http-gateway.ts';
import { sendDueSms } from '../../src/sms/send-sms.ts';
import './identity-key.ts';

/** A process that sends what is due until it is ended: `sms-sender.ts <database> <gateway> <key>`. */
const [databaseUrl = '', url = '', key = ''] = process.argv.slice(2);
const log = createLogger('silent');
const deps = { pool: createPool(databaseUrl, log), log, now: () => new Date(), jobs: { wake: () => Promise.resolve() } } as unknown as Deps;
const gateway = httpGateway({ url, key });
process.stdout.write('up\n');
for (;;) {
  await sendDueSms(deps, gateway);
  await pause(5);
}
