import type { Static, TObject, TProperties } from 'typebox';
import type { Tx } from '../db/query.ts';

/** A row of the configuration as the API shows it, without its key and version. */
export type Item = Readonly<Record<string, unknown>>;
export type Row = { readonly version: number; readonly item: Item };
/** Everything that is configured: by kind, by key. */
export type Configuration = ReadonlyMap<string, ReadonlyMap<string, Row>>;
/** What is wrong and what to do; `path` is kind/key/field. */
export type Fault = { readonly path: string; readonly message: string };
/** A field that names a row of another kind; null names none. */
export type Reference = { readonly field: string; readonly kind: string; readonly key: string | null };
type FieldFault = { readonly field: string; readonly message: string };

/**
 * A kind of configuration: one table, described by data. From it come its routes, its history and its share of the check of
 * the whole. A new kind is one constant of this type in `kinds.ts`; a new column is one field of `body`.
 */
export type Kind<Body extends TObject = TObject> = {
  /** In changes and faults: `queue`. */
  readonly name: string;
  /** In addresses: `/api/configuration/queues`. */
  readonly path: string;
  /** Table, or view, with a column for the key, each field of `body` in snake_case, and `version`. */
  readonly source: string;
  /** The key's field; its column is the same in snake_case. */
  readonly keyField: string;
  /** A regular expression. */
  readonly keyPattern: string;
  /** Fields with a default may be left out. PUT replaces all of them. */
  readonly body: Body;
  /** Fields that are shown but set by other means than PUT. */
  readonly fixed?: TProperties;
  /** Those of `fixed` whose changes cannot be undone. */
  readonly lasting?: readonly string[];
  /** What the service itself relies on: it may be changed, not removed. */
  isRequired?(item: Static<Body>, key: string): boolean;
  references?(item: Static<Body>): Reference[];
  /** What is wrong with the row, seen with all others; pure. */
  check?(item: Static<Body>, all: Configuration, key: string): FieldFault[];
  /** What is wrong with the edit itself. */
  checkEdit?(before: Item, after: Item): FieldFault[];
  /** What is alive and needs the row, in words; asked after the row was removed and before that is committed. */
  findUses?(tx: Tx, key: string): Promise<string[]>;
  /** In place of the plain table row; `item` null removes. */
  write?(tx: Tx, change: Write): Promise<void>;
  /** PUT makes no new row: something must be given to it that is shown once. */
  readonly isMadeApart?: boolean;
};
export type Write = { readonly key: string; readonly item: Item | null; readonly version: number; readonly isNew: boolean; readonly at: Date };

/** Keeps the types of a kind's fields for its own functions. */
export function defineKind<Body extends TObject>(kind: Kind<Body>): Kind<Body> {
  return kind;
}

/** The rows of one kind, by key. */
export function itemsOf<Body>(all: Configuration, kind: string): Map<string, Body> {
  return new Map([...(all.get(kind) ?? [])].map(([key, row]) => [key, row.item as Body]));
}
