import type { Exit, Language, Menu, MenuAction, MenuOption, MenuProgress } from './menu.ts';

/** What keys alone do not say. */
export type MenuFacts = {
  readonly menus: ReadonlyMap<string, Menu>;
  /** Of the digits with the key that came: the community of that code, and whether longer codes begin so. */
  readonly community: { readonly code: string | null; readonly hasLonger: boolean };
  /** Of the code that this key completes; null when it completes none. */
  readonly caseCheck: CaseCheck | null;
};
/** locked: too many wrong codes of late for that case, or from that number. reach: whose phone it is may speak with the citizen; not_now: and why that is not possible. */
export type CaseCheck = { readonly result: 'wrong' | 'locked' } | { readonly result: 'right'; readonly caseId: string; readonly prompt: string }
  | ({ readonly result: 'reach' } & Reach) | { readonly result: 'not_now'; readonly prompt: string };
/** A citizen to be called, and for whom. */
type Reach = { readonly caseId: string; readonly unitId: string; readonly number: string };

/** What a key, or silence, leads to. `note` is what may be written down of it: never digits that may be a secret. */
export type MenuStep =
  | { readonly type: 'ignore' }
  /** More keys are awaited. */
  | { readonly type: 'gather'; readonly progress: MenuProgress }
  | { readonly type: 'ask'; readonly progress: MenuProgress; readonly prompts: readonly string[]; readonly language?: Language | undefined;
    readonly note: object; /** The case whose state is told now. */ readonly toldCaseId?: string }
  | ({ readonly type: 'reach'; readonly note: object } & Reach)
  | { readonly type: 'leave'; readonly exit: Exit; readonly isOtherwise: boolean; readonly note: object };

/** YYYYMMDD-NNNNNN without the dash. */
const caseNumberDigits = 14;
/** The longest code of a community. */
const communityDigits = 6;
export const caseCodeDigits = 6;
/** Wrong codes a call may give. */
const maxWrongCodes = 3;

/** Into a menu, from outside or from another one; one that is gone leads to an operator. */
export function openMenu(menuId: string, facts: Pick<MenuFacts, 'menus'>, from: { before?: MenuProgress; language?: Language | undefined } = {}): MenuStep {
  const menu = facts.menus.get(menuId);
  if (!menu) return { type: 'leave', exit: { type: 'queue' }, isOtherwise: true, note: { menuId, why: 'no such menu' } };
  const { before, language } = from;
  const progress = { menuId, step: firstStep[menu.kind], digits: '', tries: 0, caseNumber: null, wrongCodes: before?.wrongCodes ?? 0, isServed: before?.isServed ?? false };
  return { type: 'ask', progress, prompts: menu.prompts, language, note: { menuId } };
}

const firstStep = { choice: 'choose', community: 'community', progress: 'case_number', masked: 'case_number' } as const;

export function pressKey(progress: MenuProgress, key: string, facts: MenuFacts): MenuStep {
  const menu = facts.menus.get(progress.menuId);
  if (!menu) return openMenu(progress.menuId, facts);
  switch (progress.step) {
    case 'telling': return pressKey(served(progress), key, facts);
    case 'choose': return choose(progress, key, menu, facts);
    case 'community': return earlyOption(progress, key, menu, facts) ?? keyCommunity(progress, key, menu, facts);
    case 'case_number': return earlyOption(progress, key, menu, facts) ?? keyCaseNumber(progress, key, menu);
    case 'case_code': return keyCaseCode(progress, key, menu, facts);
  }
}

/** The time to think is over. */
export function keepSilent(progress: MenuProgress, facts: MenuFacts): MenuStep {
  const menu = facts.menus.get(progress.menuId);
  if (!menu) return openMenu(progress.menuId, facts);
  if (progress.step === 'community' && progress.digits !== '') return endCommunity(progress, menu, facts);
  return tryAgain(progress, menu, 'silence');
}

/** The prompt is over: null where keys are awaited now, a step where more is to be heard. */
export function promptOver(progress: MenuProgress, facts: Pick<MenuFacts, 'menus'>): MenuStep | null {
  const menu = facts.menus.get(progress.menuId);
  if (progress.step !== 'telling' || !menu) return null;
  return { type: 'ask', progress: served(progress), prompts: menu.kind === 'progress' ? menu.toldPrompts : menu.prompts, note: { menuId: menu.id, told: true } };
}

function served(progress: MenuProgress): MenuProgress {
  return { ...progress, step: 'choose', digits: '', isServed: true };
}

/** The digits with this key, as the community's code is looked up by. */
export function keyed(progress: MenuProgress, key: string): string {
  return /^\d$/.test(key) ? progress.digits + key : progress.digits;
}

function choose(progress: MenuProgress, key: string, menu: Menu, facts: MenuFacts): MenuStep {
  const option = menu.options.find((one) => one.key === key);
  if (option) return act(progress, option, menu, facts);
  // The # after digits that were enough already.
  return key === '#' ? { type: 'ignore' } : tryAgain(progress, menu, 'wrong_key');
}

/** Before the first digit, keys that no code begins with are options: 0 for the operator. */
function earlyOption(progress: MenuProgress, key: string, menu: Menu, facts: MenuFacts): MenuStep | null {
  const option = progress.digits === '' && /^[0*#]$/.test(key) ? menu.options.find((one) => one.key === key) : undefined;
  return option ? act(progress, option, menu, facts) : null;
}

function act(progress: MenuProgress, { key, action }: MenuOption, menu: Menu, facts: MenuFacts): MenuStep {
  const note = { menuId: menu.id, key, action: action.type };
  switch (action.type) {
    case 'menu': return openMenu(action.menuId, facts, { before: progress, language: action.language });
    case 'repeat': return { type: 'ask', progress: { ...progress, digits: '' }, prompts: promptsOf(progress, menu), note };
    case 'message': return { type: 'ask', progress: { ...progress, step: 'telling', digits: '' }, prompts: action.prompts, note };
    case 'queue':
    case 'directory':
    case 'callback':
    case 'end': return { type: 'leave', exit: action, isOtherwise: false, note };
    default: return refuseUnknown(action, menu);
  }
}

/** An action that a newer version of the service wrote: the operator knows better. */
function refuseUnknown(action: never, menu: Menu): MenuStep {
  return { type: 'leave', exit: { type: 'queue' }, isOtherwise: true, note: { menuId: menu.id, why: `unknown action ${(action as MenuAction).type}` } };
}

function keyCommunity(progress: MenuProgress, key: string, menu: Menu, facts: MenuFacts): MenuStep {
  if (key === '*') return { type: 'gather', progress: { ...progress, digits: '' } };
  if (key === '#') return progress.digits === '' ? { type: 'ignore' } : endCommunity(progress, menu, facts);
  const next = { ...progress, digits: keyed(progress, key) };
  // A code that is none is heard out, or its last keys would count as wrong ones of their own.
  const isWhole = facts.community.code === null ? next.digits.length >= communityDigits : !facts.community.hasLonger;
  return isWhole ? endCommunity(next, menu, facts) : { type: 'gather', progress: next };
}

function endCommunity(progress: MenuProgress, menu: Menu, facts: MenuFacts): MenuStep {
  const { code } = facts.community;
  if (code === null) return tryAgain(progress, menu, 'unknown_code');
  return { type: 'leave', exit: { type: 'directory', code }, isOtherwise: false, note: { menuId: menu.id, directoryCode: code } };
}

function keyCaseNumber(progress: MenuProgress, key: string, menu: Menu): MenuStep {
  if (key === '*') return { type: 'gather', progress: { ...progress, digits: '' } };
  if (key === '#') return progress.digits === '' ? { type: 'ignore' } : tryAgain(progress, menu, 'number_too_short');
  const digits = keyed(progress, key);
  if (digits.length < caseNumberDigits) return { type: 'gather', progress: { ...progress, digits } };
  const asking = { ...progress, step: 'case_code', digits: '', caseNumber: `${digits.slice(0, 8)}-${digits.slice(8)}` } as const;
  return { type: 'ask', progress: asking, prompts: promptsOf(asking, menu), note: { menuId: menu.id } };
}

function keyCaseCode(progress: MenuProgress, key: string, menu: Menu, facts: MenuFacts): MenuStep {
  if (key === '*') return { type: 'gather', progress: { ...progress, digits: '' } };
  if (key === '#') return progress.digits === '' ? { type: 'ignore' } : tryAgain(progress, menu, 'code_too_short');
  const digits = keyed(progress, key);
  const check = facts.caseCheck;
  if (!check) return { type: 'gather', progress: { ...progress, digits } };
  const note = { menuId: menu.id, code: check.result };
  const asking = { ...progress, step: 'case_number', digits: '', caseNumber: null } as const;
  if (check.result === 'right') return { type: 'ask', progress: { ...asking, step: 'telling' }, prompts: [check.prompt], note, toldCaseId: check.caseId };
  if (check.result === 'reach') return { type: 'reach', caseId: check.caseId, unitId: check.unitId, number: check.number, note };
  if (check.result === 'not_now') return tryLater(asking, menu, check.prompt, note);
  const wrongCodes = progress.wrongCodes + 1;
  if (check.result === 'locked' || wrongCodes >= maxWrongCodes) return { type: 'leave', exit: menu.otherwise, isOtherwise: true, note };
  return { type: 'ask', progress: { ...asking, wrongCodes }, prompts: ['progress-wrong', ...menu.prompts], note };
}

/** What is asked at this step. */
function promptsOf({ step, isServed }: MenuProgress, menu: Menu): readonly string[] {
  if (step === 'case_code') return ['progress-ask-code'];
  return step === 'choose' && menu.kind === 'progress' && isServed ? menu.toldPrompts : menu.prompts;
}

/** Nobody is thrown out: after the last try the menu's `otherwise` holds. */
function tryAgain(progress: MenuProgress, menu: Menu, why: string): MenuStep {
  const tries = progress.tries + 1;
  const note = { menuId: menu.id, why };
  if (tries >= menu.tries) return { type: 'leave', exit: menu.otherwise, isOtherwise: true, note };
  return { type: 'ask', progress: { ...progress, digits: '', tries },
    prompts: [...(why === 'silence' ? [] : ['menu-wrong-key']), ...promptsOf(progress, menu)], note };
}

/** The code was right: only the time is not. Whoever goes on trying speaks with an operator at last. */
function tryLater(progress: MenuProgress, menu: Menu, prompt: string, note: object): MenuStep {
  const tries = progress.tries + 1;
  if (tries >= menu.tries) return { type: 'leave', exit: menu.otherwise, isOtherwise: true, note };
  return { type: 'ask', progress: { ...progress, tries }, prompts: [prompt, ...menu.prompts], note };
}
