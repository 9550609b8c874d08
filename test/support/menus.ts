import fc from 'fast-check';
import type { CallEvent } from '../../src/calls/call-event.ts';
import type { IvrFacts } from '../../src/calls/menu/ivr-facts.ts';
import type { DirectoryEntry } from '../../src/directory/queries.ts';
import type { CaseCheck } from '../../src/ivr/menu-machine.ts';
import type { Menu, MenuOption } from '../../src/ivr/menu.ts';

const menu = (id: string, kind: Menu['kind'], options: readonly MenuOption[], more: Partial<Menu> = {}): [string, Menu] =>
  [id, { id, kind, nameZh: id, nameEn: id, prompts: [`${id}-prompt`], toldPrompts: kind === 'progress' ? ['told'] : [], options, timeoutSec: 5, tries: 3,
    otherwise: { type: 'queue' }, version: 1, ...more }];

export const menus: ReadonlyMap<string, Menu> = new Map([
  menu('main', 'choice', [
    { key: '1', action: { type: 'queue' } }, { key: '2', action: { type: 'menu', menuId: 'progress' } }, { key: '3', action: { type: 'menu', menuId: 'community' } },
    { key: '4', action: { type: 'queue', queueId: 'english', language: 'en', skillCodes: ['english'], priority: 3 } },
    { key: '5', action: { type: 'message', prompts: ['hours'] } }, { key: '6', action: { type: 'directory', code: '119' } },
    { key: '7', action: { type: 'menu', menuId: 'gone' } }, { key: '8', action: { type: 'callback' } }, { key: '0', action: { type: 'menu', menuId: 'masked' } }, { key: '*', action: { type: 'repeat' } },
  ]),
  menu('progress', 'progress', [{ key: '0', action: { type: 'queue' } }, { key: '9', action: { type: 'end' } }]),
  menu('masked', 'masked', [{ key: '0', action: { type: 'queue' } }]),
  menu('community', 'community', [{ key: '0', action: { type: 'queue' } }], { otherwise: { type: 'directory', code: '119' } }),
]);

const entry = (code: string, keyedCode: string | null): [string, DirectoryEntry] =>
  [code, { code, kind: keyedCode ? 'community' : 'emergency', nameZh: code, nameEn: code, number: '057186710101', keyedCode, version: 1 }];
const entries = new Map([entry('119', null), entry('community-101', '101')]);

const maskedChecks: Readonly<Record<string, CaseCheck>> = { '654321': { result: 'reach', caseId: 'other', unitId: 'unit', number: '13800005555' }, '111111': { result: 'not_now', prompt: 'dial-busy' } };

/** Of one event: the community 101, and the case 20261124-000001 with the code 123456, for its unit 654321 and at a bad time 111111, as the service would have found them. */
export function ivrFacts(progress: { readonly menuId: string; readonly step: string; readonly digits: string } | null, event: CallEvent | null, isLocked = false): IvrFacts {
  const key = event?.type === 'digit' && /^\d$/.test(event.digit) ? event.digit : '';
  const digits = (progress?.digits ?? '') + key;
  const isCode = progress?.step === 'case_code' && digits.length === 6 && key !== '';
  return {
    menus, entries, entryMenuId: 'main',
    community: { code: digits === '101' ? 'community-101' : null, hasLonger: digits !== '101' && '101'.startsWith(digits) },
    caseCheck: !isCode ? null : isLocked ? { result: 'locked' } : progress.menuId === 'masked' ? maskedChecks[digits] ?? { result: 'wrong' } : digits === '123456' ? { result: 'right', caseId: 'other', prompt: 'progress-received' } : { result: 'wrong' },
  };
}

export const press = (digit: string): CallEvent => ({ type: 'digit', legId: 'citizen', digit });
export const anyKey: fc.Arbitrary<CallEvent> = fc.constantFrom(...'0123456789*#').map(press);
