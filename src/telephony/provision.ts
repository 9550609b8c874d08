import type { Deps } from '../deps.ts';
import { listNumbers } from '../routing/queries.ts';
import { listSeatAccounts } from '../seats/queries.ts';
import { seatEndpoint } from '../seats/seat.ts';
import { seatRealm } from '../seats/sip-digest.ts';
import type { AriConnection } from './ari-connection.ts';
import { AriError } from './ari-http.ts';

type Field = { readonly attribute: string; readonly value: string };

/**
 * Makes Asterisk know every seat and every number, without a reload. Seats live in Asterisk's own database
 * (sorcery.conf), so an Asterisk that kept it needs nothing; an empty one gets everything back.
 */
export async function provision(deps: Deps, ari: AriConnection): Promise<void> {
  for (const number of await listNumbers(deps.pool)) {
    // Read by the dialplan when no service is there: which of Asterisk's own queues takes the call.
    await ari.command('POST', '/asterisk/variable', { variable: `FALLBACK_${number.number}`, value: number.queueId });
  }
  let created = 0;
  for (const seat of await listSeatAccounts(deps.pool)) {
    const name = seatEndpoint(seat.id);
    if ((await findDigest(ari, name)) === seat.sipDigest) continue;
    created += 1;
    await put(ari, 'auth', name, { auth_type: 'userpass', username: name, realm: seatRealm, md5_cred: seat.sipDigest });
    await put(ari, 'aor', name, { max_contacts: '1', remove_existing: 'yes', qualify_frequency: '0', default_expiration: '60', maximum_expiration: '120', minimum_expiration: '10' });
    await put(ari, 'endpoint', name, {
      context: 'from-seats', aors: name, auth: name, disallow: 'all', allow: 'alaw,ulaw,g722', direct_media: 'no',
      rtp_symmetric: 'yes', force_rport: 'yes', rewrite_contact: 'yes', callerid: `"${name}" <${seat.id}>`, dtmf_mode: 'auto',
    });
  }
  if (created > 0) deps.log.info({ seats: created }, 'Gave seats to Asterisk');
}

async function findDigest(ari: AriConnection, name: string): Promise<string | undefined> {
  try {
    const fields = (await ari.command('GET', `/asterisk/config/dynamic/res_pjsip/auth/${name}`)) as Field[];
    return fields.find((field) => field.attribute === 'md5_cred')?.value;
  } catch (error) {
    if (error instanceof AriError && error.status === 404) return undefined;
    throw error;
  }
}

async function put(ari: AriConnection, kind: string, name: string, values: Readonly<Record<string, string>>): Promise<void> {
  const fields = Object.entries(values).map(([attribute, value]) => ({ attribute, value }));
  await ari.command('PUT', `/asterisk/config/dynamic/res_pjsip/${kind}/${name}`, {}, { fields });
}
