import type { Deps } from '../deps.ts';
import { listSeatAccounts } from '../seats/queries.ts';
import { setRegistrations } from '../seats/set-registrations.ts';
import type { AmiConnection, AmiItem } from './ami-connection.ts';

/** Contact states of a phone that is not there. Source: Asterisk AMI event ContactStatus. */
const gone = new Set(['Removed', 'Unreachable']);

/** All seats' registrations, read afresh after each AMI connect. */
export async function readContacts(deps: Deps, ami: AmiConnection): Promise<void> {
  const contacts = await ami.action('PJSIPShowContacts', {}, true).catch((error: unknown) => {
    // Asterisk answers an empty list with "No Contacts found".
    if (String(error).includes('No Contacts found')) return [];
    throw error;
  });
  const registered = new Set(contacts.filter((contact) => !gone.has(contact['status'] ?? '')).map((contact) => seatOf(contact['aor'] ?? contact['endpoint'] ?? contact['uri'] ?? '')));
  const seats = (await listSeatAccounts(deps.pool)).map((seat) => seat.id);
  await setRegistrations(deps, seats.filter((seatId) => registered.has(seatId)), true);
  await setRegistrations(deps, seats.filter((seatId) => !registered.has(seatId)), false);
}

/** A phone registered, went, or answers no more. */
export function onAmiEvent(deps: Deps, event: AmiItem): void {
  if (event['event'] !== 'ContactStatus') return;
  const seatId = seatOf(event['aor'] ?? '');
  if (!seatId) return;
  setRegistrations(deps, [seatId], !gone.has(event['contactstatus'] ?? ''))
    .catch((error: unknown) => deps.log.error({ err: error, seatId }, 'A seat’s registration could not be noted'));
}

function seatOf(name: string): string | undefined {
  return /seat-(\d+)/.exec(name)?.[1];
}
