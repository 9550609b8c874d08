import { query, queryOne, type Db } from '../db/query.ts';

/** Whom an operator may bring into a call by one key. */
export type DirectoryEntry = {
  readonly code: string;
  readonly kind: 'emergency' | 'unit' | 'office' | 'community';
  readonly nameZh: string;
  readonly nameEn: string;
  readonly number: string;
  /** community: what a caller keys to reach it. */
  readonly keyedCode: string | null;
  readonly version: number;
};

const columns = 'code, kind, name_zh, name_en, number, keyed_code, version';

export async function listDirectory(db: Db): Promise<DirectoryEntry[]> {
  return query<DirectoryEntry>(db, `select ${columns} from directory_entries order by position, code`);
}

export async function findDirectoryEntry(db: Db, code: string): Promise<DirectoryEntry | undefined> {
  return queryOne<DirectoryEntry>(db, `select ${columns} from directory_entries where code = $1`, [code]);
}

export async function findDirectoryEntries(db: Db, codes: readonly string[]): Promise<Map<string, DirectoryEntry>> {
  const rows = await query<DirectoryEntry>(db, `select ${columns} from directory_entries where code = any($1)`, [codes]);
  return new Map(rows.map((entry) => [entry.code, entry]));
}

/** The community whose keyed code is `digits`, and whether longer codes begin so. */
export async function findCommunity(db: Db, digits: string): Promise<{ code: string | null; hasLonger: boolean }> {
  if (digits === '') return { code: null, hasLonger: true };
  const rows = await query<{ code: string; keyedCode: string }>(db, `select code, keyed_code from directory_entries
    where kind = 'community' and keyed_code like $1 || '%' order by length(keyed_code) limit 2`, [digits]);
  const first = rows[0]?.keyedCode === digits ? rows[0].code : null;
  return { code: first, hasLonger: rows.length > (first === null ? 0 : 1) };
}
