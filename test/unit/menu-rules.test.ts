import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkMenu, menuReferences, type MenuItem } from '../../src/ivr/menu-rules.ts';
import { progressPrompt } from '../../src/ivr/progress-rules.ts';
import type { MenuOption } from '../../src/ivr/menu.ts';

const choice = (options: readonly MenuOption[], more: Partial<MenuItem> = {}): MenuItem =>
  ({ kind: 'choice', prompts: ['p'], toldPrompts: [], options, timeoutSec: 5, tries: 3, otherwise: { type: 'queue' }, ...more });
const to = (menuId: string, key = '1'): MenuOption => ({ key, action: { type: 'menu', menuId } });
const operator: MenuOption = { key: '0', action: { type: 'queue' } };
const check = (menu: MenuItem, menus: Record<string, MenuItem> = {}) => checkMenu('a', menu, new Map([...Object.entries(menus), ['a', menu]]));

describe('the rules of a menu', () => {
  it('let a shallow one be', () => {
    expect(check(choice([operator, to('b')]), { b: choice([operator]) })).toEqual([]);
    expect(check(choice([operator], { kind: 'progress', toldPrompts: ['t'] }))).toEqual([]);
  });

  it.each<[string, MenuItem, Record<string, MenuItem>, string]>([
    ['three in a row', choice([to('b')]), { b: choice([to('c')]), c: choice([operator]) }, 'options'],
    ['a loop of one', choice([to('a')]), {}, 'options'],
    ['a loop of two', choice([to('b')]), { b: choice([to('a')]) }, 'options'],
    ['a loop behind it', choice([to('b')]), { b: choice([to('b')]) }, 'options'],
    ['a key twice', choice([operator, operator]), {}, 'options'],
    ['a choice of nothing', choice([]), {}, 'options'],
    ['a key that begins codes', choice([to('b', '2')], { kind: 'community' }), { b: choice([operator]) }, 'options'],
    ['progress without what is told', choice([operator], { kind: 'progress' }), {}, 'toldPrompts'],
    ['an end for who was not served', choice([{ key: '9', action: { type: 'end' } }]), {}, 'options'],
    ['an end for who does nothing', choice([operator], { otherwise: { type: 'end' } }), {}, 'otherwise'],
  ])('refuse %s', (_what, menu, menus, field) => {
    expect(check(menu, menus).map((fault) => fault.field)).toContain(field);
  });

  it('name every prompt, queue, skill, entry and menu, so that the check of the whole finds those that are missing', () => {
    const menu = choice([to('b'), { key: '2', action: { type: 'queue', queueId: 'q', skillCodes: ['s'] } }, { key: '3', action: { type: 'message', prompts: ['m'] } }], { otherwise: { type: 'directory', code: 'd' } });
    expect(menuReferences(menu).map(({ kind, key }) => `${kind} ${key}`)).toEqual(['prompt p', 'prompt m', 'directory-entry d', 'menu b', 'queue q', 'skill s']);
  });

  it('never let a caller pass more than two menus, however menus are joined', () => {
    const ids = ['a', 'b', 'c', 'd'];
    const anyMenu = fc.uniqueArray(fc.constantFrom(...ids), { maxLength: 2 }).map((targets) => choice([operator, ...targets.map((id, index) => to(id, String(index + 1)))]));
    fc.assert(fc.property(fc.tuple(anyMenu, anyMenu, anyMenu, anyMenu), (list) => {
      const menus = new Map(ids.map((id, index) => [id, list[index] ?? choice([])]));
      const depth = (id: string, passed: number): number => passed > 4 ? passed
        : Math.max(passed + 1, ...(menus.get(id)?.options ?? []).map(({ action }) => (action.type === 'menu' ? depth(action.menuId, passed + 1) : 0)));
      const isSound = ids.every((id) => checkMenu(id, menus.get(id) ?? choice([]), menus).length === 0);
      expect(isSound).toBe(ids.every((id) => depth(id, 0) <= 2));
    }));
  });
});

describe('what is told of a case', () => {
  it('is by its state, and nothing of a confidential one or of a state not known here', () => {
    expect(progressPrompt({ state: 'answered', isConfidential: false })).toBe('progress-closed');
    for (const state of ['draft', 'answered', 'declined', 'rework']) expect(progressPrompt({ state, isConfidential: true })).toBe('progress-neutral');
    expect(progressPrompt({ state: 'new', isConfidential: false })).toBe('progress-neutral');
  });
});
