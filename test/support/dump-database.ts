import type pg from 'pg';
import { query } from '../../src/db/query.ts';

/** Every row of every table as text, bytes also as the text that they may be: what somebody with a copy of the database can search. */
export async function dumpDatabase(pool: pg.Pool): Promise<{ readonly table: string; readonly text: string }[]> {
  const tables = await query<{ name: string }>(pool, `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`);
  const bytes = await query<{ name: string; column: string }>(pool, `select table_name as name, column_name as column from information_schema.columns where table_schema = 'public' and data_type = 'bytea'`);
  const rows: { table: string; text: string }[] = [];
  for (const { name } of tables) {
    const columns = bytes.filter((one) => one.name === name).map((one) => `coalesce(encode(t."${one.column}", 'escape'), '')`);
    const found = await query<{ text: string }>(pool, `select concat_ws(' ', t::text${columns.map((column) => `, ${column}`).join('')}) as text from "${name}" t`);
    rows.push(...found.map(({ text }) => ({ table: name, text })));
  }
  return rows;
}
