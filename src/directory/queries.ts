import { query, queryOne, type Db } from '../db/query.ts';

/** Whom an operator may bring into a call by one key. */
export type DirectoryEntry = {
  readonly code: string;
  readonly kind: 'emergency' | 'unit' | 'office';
  readonly nameZh: string;
  readonly nameEn: string;
  readonly number: string;
  readonly version: number;
};

const columns = 'code, kind, name_zh, name_en, number, version';

export async function listDirectory(db: Db): Promise<DirectoryEntry[]> {
  return query<DirectoryEntry>(db, `select ${columns} from directory_entries order by position, code`);
}

export async function findDirectoryEntry(db: Db, code: string): Promise<DirectoryEntry | undefined> {
  return queryOne<DirectoryEntry>(db, `select ${columns} from directory_entries where code = $1`, [code]);
}
