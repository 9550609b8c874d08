import { sealAnew } from '../cases/identity/seal-identities.ts';
import type { Deps } from '../deps.ts';
import { resealSms } from './queries.ts';

/** Messages that wait, sealed by the newest key; see `sealIdentities`. */
export async function resealMessages(deps: Pick<Deps, 'pool' | 'log'>, signal: AbortSignal): Promise<void> {
  await sealAnew(deps, signal, 'Text messages', resealSms);
}
