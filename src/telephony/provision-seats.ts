import type { Deps } from '../deps.ts';
import { listSeatAccounts } from '../seats/queries.ts';
import { seatEndpoint } from '../seats/seat.ts';
import type { AmiConnection } from './ami-connection.ts';
import type { AriConnection } from './ari-connection.ts';
import { unlessMissing } from './ari-http.ts';
import { listContacts } from './contacts.ts';
import { asWritten, isAsWanted, objectKinds, seatObjects, type Fields, type ObjectKind } from './seat-objects.ts';

/** Requests under way at once: fewer than the sockets of one service (ari-http.ts), which calls need as well. */
const atOnce = 16;

type Links = { readonly ari: AriConnection; readonly ami: AmiConnection };
type Put = { readonly kind: ObjectKind; readonly name: string; readonly fields: Fields };

/**
 * Makes Asterisk have exactly the seats of the rows, without a reload: what is missing or different is written, what is left
 * over removed. Seats live in Asterisk's own database (sorcery.conf), so an Asterisk that kept it needs nothing; an empty
 * one gets everything back. `only`: the seats to look at, all unless told. Done twice it does nothing more.
 */
export async function provisionSeats(deps: Deps, { ari, ami }: Links, only?: readonly string[]): Promise<void> {
  const accounts = (await listSeatAccounts(deps.pool)).filter((seat) => seat.isEnabled && (only?.includes(seat.id) ?? true));
  const there = await listSeatEndpoints(ami);
  const wanted = new Set(accounts.map((seat) => seatEndpoint(seat.id)));
  const left = [...there].filter((name) => !wanted.has(name) && (only?.some((id) => seatEndpoint(id) === name) ?? true));
  const puts = (await inParallel(accounts, (seat) => findDifferences(ari, seat))).flat();
  const renewed = puts.filter((put) => put.kind === 'auth').map((put) => put.name);
  if (puts.length + left.length === 0) return;
  // A phone must not register anew between its contact's end and the new password, so the old one goes first.
  await inParallel([...left, ...renewed], (name) => remove(ari, 'auth', name));
  await throwOff({ ari, ami }, new Set([...left, ...renewed]));
  for (const kind of objectKinds) {
    await inParallel(puts.filter((put) => put.kind === kind), (put) => write(ari, put));
    await inParallel(left, (name) => remove(ari, kind, name));
  }
  deps.log.info({ written: new Set(puts.map((put) => put.name)).size, removed: left.length }, 'Gave seats to Asterisk');
}

async function inParallel<One, Result>(all: readonly One[], work: (one: One) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  await Promise.all(Array.from({ length: Math.min(atOnce, all.length) }, async () => {
    for (let index = next++; index < all.length; index = next++) results[index] = await work(all[index] as One);
  }));
  return results;
}

/** By AMI, for ARI goes on listing some endpoints that were removed. Source: Asterisk AMI event EndpointList. */
async function listSeatEndpoints(ami: AmiConnection): Promise<Set<string>> {
  const endpoints = await ami.action('PJSIPShowEndpoints', {}, true);
  return new Set(endpoints.map((one) => one['objectname'] ?? '').filter((name) => /^seat-\d+$/.test(name)));
}

async function findDifferences(ari: AriConnection, seat: { id: string; sipDigest: string }): Promise<Put[]> {
  const name = seatEndpoint(seat.id);
  const wanted = seatObjects(seat);
  const puts: Put[] = [];
  for (const kind of objectKinds) if (!isAsWanted(wanted[kind], await find(ari, kind, name))) puts.push({ kind, name, fields: asWritten(wanted[kind]) });
  return puts;
}

/** Ends the registrations of these seats; calls that are under way go on. Source: Asterisk AMI event ContactList. */
async function throwOff({ ari, ami }: Links, names: ReadonlySet<string>): Promise<void> {
  if (names.size === 0) return;
  const ids = (await listContacts(ami)).map((contact) => contact['objectname'] ?? '').filter((id) => names.has(id.split(';')[0] ?? ''));
  await inParallel(ids, (id) => unlessMissing(ari.command('DELETE', `/asterisk/config/dynamic/res_pjsip/contact/${encodeURIComponent(id)}`)));
}

function path(kind: ObjectKind, name: string): string {
  return `/asterisk/config/dynamic/res_pjsip/${kind}/${name}`;
}

async function find(ari: AriConnection, kind: ObjectKind, name: string): Promise<Fields | null> {
  const fields = (await unlessMissing(ari.command('GET', path(kind, name)))) as { attribute: string; value: string }[] | undefined;
  return fields ? Object.fromEntries(fields.map(({ attribute, value }) => [attribute, value])) : null;
}

async function write(ari: AriConnection, { kind, name, fields }: Put): Promise<void> {
  await ari.command('PUT', path(kind, name), {}, { fields: Object.entries(fields).map(([attribute, value]) => ({ attribute, value })) });
}

async function remove(ari: AriConnection, kind: ObjectKind, name: string): Promise<void> {
  await unlessMissing(ari.command('DELETE', path(kind, name)));
}
