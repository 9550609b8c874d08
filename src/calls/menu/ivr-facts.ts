import type { DirectoryEntry } from '../../directory/queries.ts';
import type { MenuFacts } from '../../ivr/menu-machine.ts';

/** What a decision in a menu needs to know. */
export type IvrFacts = MenuFacts & {
  /** Where the called number leads after its greeting. */
  readonly entryMenuId: string | null;
  /** Those that the menu's keys lead to, by code. */
  readonly entries: ReadonlyMap<string, DirectoryEntry>;
};
