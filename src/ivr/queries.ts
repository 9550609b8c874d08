import { query, type Db } from '../db/query.ts';
import type { Menu } from './menu.ts';

const columns = 'id, kind, name_zh, name_en, prompts, told_prompts, options, timeout_sec, tries, otherwise, version';

/** All menus, by id: a few dozen at most. */
export async function loadMenus(db: Db): Promise<Map<string, Menu>> {
  const rows = await query<Menu>(db, `select ${columns} from menus`);
  return new Map(rows.map((menu) => [menu.id, menu]));
}
