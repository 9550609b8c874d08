import { findAlert } from '../alerts/queries.ts';
import { findCall } from '../calls/queries.ts';
import { findNumbers } from '../calls/sealing/queries.ts';
import { changeConfiguration, type Author } from '../configuration/change-configuration.ts';
import { callerRuleKind } from '../configuration/kinds/caller-rule.ts';
import { findItem } from '../configuration/queries.ts';
import { audit } from '../auth/audit.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';

/**
 * Blocks the number behind an abuse alert: a row of the configuration like any other, with its history. Whoever reports in
 * confidence is not blocked: the list of blocked numbers would name them.
 */
export async function blockCaller(deps: Deps, author: Author, alertId: string, block: { reason: string; endsAt: string }): Promise<void> {
  const alert = await findAlert(deps.pool, alertId);
  const call = alert?.callId ? await findCall(deps.pool, alert.callId) : undefined;
  if (alert?.kind !== 'abuse' || !call) throw new AppError('not_found', { entity: 'abuse alert', id: alertId });
  if (call.isConfidential) throw new AppError('confidential_stays');
  // Sealed when the case was confidential for a while.
  const numbers = await findNumbers(deps.pool, call.id);
  const number = numbers?.callerNumber ?? numbers?.calledNumber ?? null;
  if (number === null) throw new AppError('caller_unknown');
  const current = await findItem(deps.pool, callerRuleKind, number);
  const item = { treatment: 'blocked', ...block, endsAt: new Date(block.endsAt).toISOString() };
  await changeConfiguration(deps, author, { kind: callerRuleKind, key: number, item, version: current?.version });
  await audit(deps.pool, author.actor, author.trace, { action: 'caller.blocked', entity: 'alert', entityId: alertId, reason: block.reason, details: { callId: call.id, endsAt: item.endsAt } });
}
