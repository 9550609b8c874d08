import { seatEndpoint } from '../seats/seat.ts';
import { seatRealm } from '../seats/sip-digest.ts';

/** The SIP objects of a seat, in the order in which they are made; who has an endpoint left has not been removed wholly. */
export const objectKinds = ['auth', 'aor', 'endpoint'] as const;
export type ObjectKind = (typeof objectKinds)[number];
export type Fields = Readonly<Record<string, string>>;

/** What Asterisk must have of a seat, in the words in which it shows it. Source: Asterisk 22, res_pjsip configuration. */
export function seatObjects(seat: { readonly id: string; readonly sipDigest: string }): Readonly<Record<ObjectKind, Fields>> {
  const name = seatEndpoint(seat.id);
  return {
    auth: { auth_type: 'userpass', username: name, realm: seatRealm, md5_cred: seat.sipDigest },
    aor: { max_contacts: '1', remove_existing: 'true', qualify_frequency: '0', default_expiration: '60', maximum_expiration: '120', minimum_expiration: '10' },
    endpoint: {
      context: 'from-seats', aors: name, auth: name, allow: '(alaw|ulaw|g722)', direct_media: 'false',
      rtp_symmetric: 'true', force_rport: 'true', rewrite_contact: 'true', callerid: `"${name}" <${seat.id}>`, dtmf_mode: 'auto',
    },
  };
}

/** The same in the words in which Asterisk takes it. */
export function asWritten(fields: Fields): Fields {
  const { allow, ...others } = fields;
  return allow === undefined ? fields : { disallow: 'all', allow: allow.replaceAll(/[()]/g, '').replaceAll('|', ','), ...others };
}

export function isAsWanted(wanted: Fields, shown: Fields | null): boolean {
  return shown !== null && Object.entries(wanted).every(([attribute, value]) => shown[attribute] === value);
}
