import type { Exit, Menu, MenuAction } from './menu.ts';

/** What a menu may refer to. */
export type MenuWorld = {
  readonly menus: ReadonlyMap<string, Menu>;
  readonly queueIds: ReadonlySet<string>;
  readonly skillCodes: ReadonlySet<string>;
  readonly directoryCodes: ReadonlySet<string>;
  /** Null: not known here, nothing is checked. */
  readonly promptKeys: ReadonlySet<string> | null;
};
export type MenuFault = { readonly field: string; readonly message: string };

/** A caller passes so many menus at most before somebody or something is reached. */
const maxDepth = 2;

/** What is wrong with a menu as a part of the whole; none for a sound one. */
export function checkMenu(menu: Menu, world: MenuWorld): MenuFault[] {
  const keys = menu.options.map((option) => option.key);
  const twice = keys.filter((key, index) => keys.indexOf(key) !== index);
  const prompts = [...menu.prompts.map((key) => ['prompts', key] as const), ...menu.toldPrompts.map((key) => ['toldPrompts', key] as const)];
  return [
    ...twice.map((key) => fault('options', `key ${key} stands twice; keep one of the two`)),
    ...keys.filter((key) => !/^[0-9*#]$/.test(key)).map((key) => fault('options', `${key} is no key of a telephone; use 0 to 9, * or #`)),
    ...(menu.kind === 'choice' && menu.options.length === 0 ? [fault('options', 'a choice without options asks for nothing; name one')] : []),
    ...(menu.kind === 'community' ? keys.filter((key) => /^[1-9]$/.test(key)).map((key) => fault('options', `key ${key} begins the codes of communities; use 0, * or #`)) : []),
    ...((menu.kind === 'progress') === (menu.toldPrompts.length > 0) ? [] : [fault('toldPrompts', 'is for menus of kind progress, and must name their options')]),
    ...(menu.otherwise.type === 'end' ? [fault('otherwise', 'nobody is thrown out: lead to a queue or a directory entry')] : []),
    ...menu.options.flatMap(({ key, action }) => checkAction(action, menu, world).map((message) => fault('options', `key ${key}: ${message}`))),
    ...checkExit(menu.otherwise, world).map((message) => fault('otherwise', message)),
    ...prompts.filter(([, key]) => isUnknownPrompt(key, world)).map(([field, key]) => fault(field, `prompt ${key} does not exist; record it first`)),
    ...checkDepth(menu, world),
  ];
}

function fault(field: string, message: string): MenuFault {
  return { field, message };
}

function isUnknownPrompt(key: string, world: MenuWorld): boolean {
  return world.promptKeys !== null && !world.promptKeys.has(key);
}

function checkAction(action: MenuAction, menu: Menu, world: MenuWorld): string[] {
  switch (action.type) {
    case 'menu': return world.menus.has(action.menuId) ? [] : [`menu ${action.menuId} does not exist; make it first`];
    case 'message': return [...(action.prompts.length === 0 ? ['a message needs a prompt'] : []),
      ...action.prompts.filter((key) => isUnknownPrompt(key, world)).map((key) => `prompt ${key} does not exist; record it first`)];
    case 'end': return menu.kind === 'progress' ? [] : ['only a menu of kind progress may end the call: elsewhere nobody was served yet'];
    case 'repeat': return [];
    case 'queue':
    case 'directory': return checkExit(action, world);
  }
}

function checkExit(exit: Exit, world: MenuWorld): string[] {
  if (exit.type === 'directory') return world.directoryCodes.has(exit.code) ? [] : [`directory entry ${exit.code} does not exist; make it first`];
  if (exit.type !== 'queue') return [];
  return [
    ...(exit.queueId === undefined || world.queueIds.has(exit.queueId) ? [] : [`queue ${exit.queueId} does not exist; make it first`]),
    ...(exit.skillCodes ?? []).filter((code) => !world.skillCodes.has(code)).map((code) => `skill ${code} does not exist; make it first`),
  ];
}

/** Counted from this menu on; a loop is the deepest of all. */
function checkDepth(menu: Menu, { menus }: MenuWorld): MenuFault[] {
  const below = (one: Menu): Menu[] => one.options.flatMap(({ action }) => (action.type === 'menu' ? [menus.get(action.menuId) ?? []].flat() : []));
  const seen = new Set<string>();
  const wait = below(menu);
  for (let next = wait.pop(); next; next = wait.pop()) {
    if (next.id === menu.id) return [fault('options', 'leads back to itself; use the action repeat, or lead to an operator')];
    if (!seen.has(next.id)) wait.push(...below(next));
    seen.add(next.id);
  }
  const isDeep = below(menu).some((one) => below(one).length > 0);
  return isDeep ? [fault('options', `leads through more than ${maxDepth} menus; lead to an operator sooner`)] : [];
}
