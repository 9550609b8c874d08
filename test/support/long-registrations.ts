import { seatEndpoint } from '../../src/seats/seat.ts';
import { seatObjects } from '../../src/telephony/seat-objects.ts';
import type { Place } from './own-stack.ts';

/** A day, seconds. */
export const longSec = 86_400;

/** A crowd's phone answers where it registered, so it cannot register anew while it does: Asterisk is told to grant it a day instead of two minutes. */
export async function grantLongRegistrations({ env }: Pick<Place, 'env'>, ids: readonly string[]): Promise<void> {
  const authorization = `Basic ${Buffer.from(`${env['ASTERISK_ARI_USER'] ?? ''}:${env['ASTERISK_ARI_PASSWORD'] ?? ''}`).toString('base64')}`;
  for (const id of ids) {
    const { aor } = seatObjects({ id, sipDigest: '' });
    const fields = Object.entries({ ...aor, maximum_expiration: String(longSec) }).map(([attribute, value]) => ({ attribute, value }));
    const answer = await fetch(`${env['ASTERISK_ARI_URL'] ?? ''}/asterisk/config/dynamic/res_pjsip/aor/${seatEndpoint(id)}`,
      { method: 'PUT', headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify({ fields }) });
    if (!answer.ok) throw new Error(`Asterisk did not take the seat: ${answer.status} ${await answer.text()}`);
  }
}
