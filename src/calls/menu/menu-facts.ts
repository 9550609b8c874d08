import { checkCaseCode } from '../../cases/check-case-code.ts';
import { checkUnitCode } from '../../cases/check-unit-code.ts';
import { queryOne, type Tx } from '../../db/query.ts';
import type { Deps } from '../../deps.ts';
import { findCommunity, findDirectoryEntries } from '../../directory/queries.ts';
import { caseCodeDigits, keyed, type CaseCheck } from '../../ivr/menu-machine.ts';
import { progressPrompt } from '../../ivr/progress-rules.ts';
import type { Menu, MenuProgress } from '../../ivr/menu.ts';
import { loadMenus } from '../../ivr/queries.ts';
import { findMenuOfNumber } from '../../routing/queries.ts';
import type { Call } from '../call.ts';
import type { CallEvent } from '../call-event.ts';
import type { IvrFacts } from './ivr-facts.ts';

const none = { community: { code: null, hasLonger: false }, caseCheck: null, entries: new Map<string, never>() };

/** What a call needs to know that enters the menu; null: its number has none. */
export async function findEntryMenu(tx: Tx, entryMenuId: string | null): Promise<{ ivr?: IvrFacts }> {
  return entryMenuId === null ? {} : { ivr: { ...none, entryMenuId, menus: await loadMenus(tx) } };
}

/**
 * What a call in its greeting or in a menu needs to know; nothing for others. A code that is complete is looked at here, in the call's
 * transaction, and counts as an attempt.
 */
export async function findMenuFacts(deps: Deps, tx: Tx, call: Call, event: CallEvent): Promise<{ ivr?: IvrFacts }> {
  if (call.state === 'greeting') return findEntryMenu(tx, await findMenuOfNumber(tx, call.calledNumber));
  if (call.state !== 'menu' || !call.menu) return {};
  const menus = await loadMenus(tx);
  const key = event.type === 'digit' ? event.digit : '';
  const community = call.menu.step === 'community' ? await findCommunity(tx, keyed(call.menu, key)) : none.community;
  const caseCheck = await checkCode(deps, tx, { call, key, isMasked: menus.get(call.menu.menuId)?.kind === 'masked' });
  const codes = [...directoryCodes(menus.get(call.menu.menuId)), ...(community.code === null ? [] : [community.code])];
  const entries = codes.length > 0 ? await findDirectoryEntries(tx, codes) : none.entries;
  return { ivr: { entryMenuId: null, menus, community, caseCheck, entries } };
}

function directoryCodes(menu: Menu | undefined): string[] {
  if (!menu) return [];
  return [menu.otherwise, ...menu.options.map(({ action }) => action)].flatMap((action) => (action.type === 'directory' ? [action.code] : []));
}

async function checkCode(deps: Deps, tx: Tx, { call, key, isMasked }: { call: Call; key: string; isMasked: boolean }): Promise<CaseCheck | null> {
  const menu: MenuProgress | null = call.menu;
  const code = menu?.step === 'case_code' && /^\d$/.test(key) ? keyed(menu, key) : '';
  if (!menu?.caseNumber || code.length < caseCodeDigits) return null;
  const attempt = { callId: call.id, callerNumber: call.callerNumber, caseNumber: menu.caseNumber, code };
  if (isMasked) return checkMasked(deps, tx, attempt);
  const check = await checkCaseCode(deps, tx, attempt);
  return check.result === 'right' ? { result: 'right', caseId: check.found.id, prompt: progressPrompt(check.found) } : { result: check.result };
}

/** As with the button (outbound/masked-call.ts): one call about a case at a time. */
async function checkMasked(deps: Deps, tx: Tx, attempt: Parameters<typeof checkUnitCode>[2]): Promise<CaseCheck> {
  const check = await checkUnitCode(deps, tx, attempt);
  if (check.result === 'no_number') return { result: 'not_now', prompt: 'dial-unreachable' };
  if (check.result !== 'admitted') return { result: check.result };
  const isBusy = await queryOne(tx, `select id from calls where case_id = $1 and state <> 'ended'`, [check.caseId]);
  return isBusy ? { result: 'not_now', prompt: 'dial-busy' } : { ...check, result: 'reach' };
}
