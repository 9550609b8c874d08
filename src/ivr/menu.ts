/*
 * What a caller may choose by keys, as data.
 *   choice     one key, one action
 *   community  the keyed code of a community, ended by # or by time; its phone is called at once
 *   progress   number and code of a case, whose state is told; its options count after that, and 0 before it as well
 *   masked     number and code of a case; a phone of the unit that works on it is put through to its citizen, neither seeing the other's number
 * Shallow by rule (menu-rules.ts). Source: GB/T 33358-2016, which advises against menus before the operator.
 */
export type MenuKind = 'choice' | 'community' | 'progress' | 'masked';
export type Language = 'zh' | 'en';

/** Where keys, or their absence, lead out of the menus. */
export type Exit =
  /** `queueId`: the number's own when it is missing. */
  | { readonly type: 'queue'; readonly queueId?: string; readonly skillCodes?: readonly string[]; readonly language?: Language; readonly priority?: number }
  /** Straight to the phone of that entry. */
  | { readonly type: 'directory'; readonly code: string }
  /** The caller is called back, in the order of the queue; an operator for whom that is not possible. */
  | { readonly type: 'callback' }
  /** A last word, and the end; only for who was served. */
  | { readonly type: 'end' };

export type MenuAction =
  | Exit
  | { readonly type: 'menu'; readonly menuId: string; readonly language?: Language }
  | { readonly type: 'repeat' }
  /** Prompts are played, then the menu again. */
  | { readonly type: 'message'; readonly prompts: readonly string[] };

export type MenuOption = { readonly key: string; readonly action: MenuAction };

export type Menu = {
  readonly id: string;
  readonly kind: MenuKind;
  readonly nameZh: string;
  readonly nameEn: string;
  readonly prompts: readonly string[];
  /** progress: heard once the state was told. */
  readonly toldPrompts: readonly string[];
  readonly options: readonly MenuOption[];
  /** How long the caller may think after the prompt, and between two keys. */
  readonly timeoutSec: number;
  readonly tries: number;
  readonly otherwise: Exit;
  readonly version: number;
};

/** Where a caller is: what is asked now, and what was keyed so far. */
export type MenuProgress = {
  readonly menuId: string;
  /**
   * choose: one key of the options. community, case_number, case_code: digits are gathered. telling: prompts that serve the
   * caller play; their end, or a key, leads to `choose`.
   */
  readonly step: 'choose' | 'community' | 'case_number' | 'case_code' | 'telling';
  readonly digits: string;
  /** How often the citizen pressed nothing, or something wrong, in this menu. */
  readonly tries: number;
  readonly caseNumber: string | null;
  /** Wrong codes in this call. */
  readonly wrongCodes: number;
  /** The citizen was told something: hanging up is no longer giving up. */
  readonly isServed: boolean;
};
