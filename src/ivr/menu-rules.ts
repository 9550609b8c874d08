import type { Menu, MenuAction } from './menu.ts';

/** What of a menu an admin writes. */
export type MenuItem = Omit<Menu, 'id' | 'nameZh' | 'nameEn' | 'version'>;
export type MenuFault = { readonly field: string; readonly message: string };

/** A caller passes so many menus at most before somebody or something is reached. */
const maxDepth = 2;

/** What is wrong with a menu as a part of the whole; none for a sound one. What it names is checked by `menuReferences`. */
export function checkMenu(id: string, menu: MenuItem, menus: ReadonlyMap<string, MenuItem>): MenuFault[] {
  const faults: MenuFault[] = [];
  const refuse = (field: string, message: string): void => { faults.push({ field, message }); };
  const keys = menu.options.map((option) => option.key);
  for (const key of keys.filter((one, index) => keys.indexOf(one) !== index)) refuse('options', `key ${key} stands twice; keep one of the two`);
  if (menu.kind === 'choice' && keys.length === 0) refuse('options', 'a choice without options asks for nothing; name one');
  if (menu.kind === 'community' && keys.some((key) => /[1-9]/.test(key))) refuse('options', 'keys 1 to 9 begin the codes of communities; use 0, * or #');
  if ((menu.kind === 'progress') !== (menu.toldPrompts.length > 0)) refuse('toldPrompts', 'is for menus of kind progress, and names their options there');
  if (menu.kind !== 'progress' && menu.options.some(({ action }) => action.type === 'end')) {
    refuse('options', 'only a menu of kind progress may end the call: elsewhere nobody was served yet');
  }
  if (menu.otherwise.type === 'end') refuse('otherwise', 'nobody is thrown out: lead to a queue or a directory entry');
  checkDepth(id, menu, menus, (message) => refuse('options', message));
  return faults;
}

/** Every prompt a menu plays. */
export function promptsOf(menu: MenuItem): { field: string; key: string }[] {
  const messages = menu.options.flatMap(({ action }) => (action.type === 'message' ? action.prompts : []));
  const named = { prompts: menu.prompts, toldPrompts: menu.toldPrompts, options: messages };
  return Object.entries(named).flatMap(([field, keys]) => keys.map((key) => ({ field, key })));
}

/** Counted from this menu on; a loop is the deepest of all. */
function checkDepth(id: string, menu: MenuItem, menus: ReadonlyMap<string, MenuItem>, refuse: (message: string) => void): void {
  const below = submenus(menu);
  const next = below.flatMap((one) => submenus(menus.get(one)));
  if (below.includes(id) || next.includes(id)) refuse('leads back to itself; use the action repeat, or lead to an operator');
  else if (next.length > 0) refuse(`leads through more than ${maxDepth} menus; lead to an operator sooner`);
}

function submenus(menu: MenuItem | undefined): string[] {
  return menu?.options.flatMap(({ action }) => (action.type === 'menu' ? [action.menuId] : [])) ?? [];
}

/** The rows of other kinds that a menu names. */
export function menuReferences(menu: MenuItem): { field: string; kind: string; key: string }[] {
  const actions: [string, MenuAction][] = [['otherwise', menu.otherwise], ...menu.options.map(({ key, action }): [string, MenuAction] => [`options/${key}`, action])];
  const prompts = promptsOf(menu).map(({ field, key }) => ({ field, kind: 'prompt', key }));
  return prompts.concat(actions.flatMap(([field, action]) => {
    switch (action.type) {
      case 'menu': return [{ field, kind: 'menu', key: action.menuId }];
      case 'directory': return [{ field, kind: 'directory-entry', key: action.code }];
      case 'queue': return [...(action.queueId === undefined ? [] : [{ field, kind: 'queue', key: action.queueId }]),
        ...(action.skillCodes ?? []).map((key) => ({ field, kind: 'skill', key }))];
      case 'repeat':
      case 'message':
      case 'callback':
      case 'end': return [];
    }
  }));
}
