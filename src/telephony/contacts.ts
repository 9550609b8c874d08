import type { Deps } from '../deps.ts';
import { inOrder } from '../calls/in-order.ts';
import { listSeatAccounts } from '../seats/queries.ts';
import { setRegistrations } from '../seats/set-registrations.ts';
import type { AmiConnection, AmiItem } from './ami-connection.ts';

/** Contact states of a phone that is not there. Source: Asterisk AMI event ContactStatus. */
const gone = new Set(['Removed', 'Unreachable']);

/** The contacts of each seat that are there; a phone that registers anew has two for a moment. */
const contactsOf = new Map<string, Set<string>>();

/** Every contact that Asterisk has, as its AMI event ContactList tells it. */
export async function listContacts(ami: AmiConnection): Promise<AmiItem[]> {
  return ami.action('PJSIPShowContacts', {}, true).catch((error: unknown) => {
    // Asterisk answers an empty list with "No Contacts found".
    if (String(error).includes('No Contacts found')) return [];
    throw error;
  });
}

/** All seats' registrations, read afresh after each AMI connect. */
export async function readContacts(deps: Deps, ami: AmiConnection): Promise<void> {
  await inOrder('contacts', async () => {
    const contacts = await listContacts(ami);
    contactsOf.clear();
    for (const contact of contacts) note(contact['aor'] ?? contact['objectname'] ?? '', contact['uri'] ?? '', contact['status'] ?? '');
    const seats = (await listSeatAccounts(deps.pool)).map((seat) => seat.id);
    await setRegistrations(deps, seats.filter((seatId) => contactsOf.has(seatId)), true);
    await setRegistrations(deps, seats.filter((seatId) => !contactsOf.has(seatId)), false);
  });
}

/** A phone registered, went, or answers no more. */
export function onAmiEvent(deps: Deps, event: AmiItem): void {
  if (event['event'] !== 'ContactStatus') return;
  inOrder('contacts', async () => {
    const seatId = note(event['aor'] ?? '', event['uri'] ?? '', event['contactstatus'] ?? '');
    if (seatId) await setRegistrations(deps, [seatId], contactsOf.has(seatId));
  }).catch((error: unknown) => deps.log.error({ err: error }, 'A seat’s registration could not be noted'));
}

function note(aor: string, uri: string, status: string): string | undefined {
  const seatId = /seat-(\d+)/.exec(aor)?.[1];
  if (!seatId) return undefined;
  const uris = contactsOf.get(seatId) ?? new Set();
  if (gone.has(status)) uris.delete(uri);
  else uris.add(uri);
  if (uris.size > 0) contactsOf.set(seatId, uris);
  else contactsOf.delete(seatId);
  return seatId;
}
