export const unitKinds = ['city', 'department', 'district', 'township', 'street', 'community', 'province', 'state', 'utility', 'other'] as const;
export type UnitKind = (typeof unitKinds)[number];

export type Phone = { readonly number: string; readonly note: string };
export type Liaison = { readonly name: string; readonly phone: string };

/** A node of the tree of those who handle cases (承办单位). */
export type Unit = {
  readonly id: string;
  /** By which people and files name it. */
  readonly code: string;
  readonly nameZh: string;
  readonly nameEn: string | null;
  readonly kind: UnitKind;
  readonly parentId: string | null;
  readonly districtCode: string | null;
  readonly position: number;
  readonly phones: readonly Phone[];
  readonly liaisons: readonly Liaison[];
  readonly openedAt: Date;
  readonly closedAt: Date | null;
  readonly version: number;
};

/** What an admin writes; its place in the tree is changed by moving it. */
export type UnitFields = Pick<Unit, 'code' | 'nameZh' | 'nameEn' | 'kind' | 'districtCode' | 'position' | 'phones' | 'liaisons'>;
