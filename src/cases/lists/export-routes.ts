import { Type } from 'typebox';
import { audit } from '../../auth/audit.ts';
import { requireUser } from '../../auth/authenticate.ts';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../../http/app-type.ts';
import { problemResponses } from '../../http/problem.ts';
import { dayInShanghai } from '../case-number-rules.ts';
import { exportColumns, loadNames } from './export-columns.ts';
import { findPage } from './find-page.ts';
import { loadRows } from './load-rows.ts';
import { readFilter } from './read-filter.ts';
import { readerOf, type Reader } from './reader.ts';
import { ExportQuery } from './schemas.ts';
import { writeCsv, writeXlsx } from './write-export.ts';

/** What a spreadsheet is still good for, and a database gives away in seconds. */
const mostRows = 20_000;
const rowsAtOnce = 500;
const kinds = {
  xlsx: { type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', write: writeXlsx },
  csv: { type: 'text/csv; charset=utf-8', write: writeCsv },
} as const;
const file = Type.Unsafe<unknown>({ type: 'string', format: 'binary' });

export function registerCaseExportRoutes(app: App, deps: Deps): void {
  app.get('/api/cases/export', {
    config: { permission: 'case.export' }, schema: {
      summary: `A list as a spreadsheet, up to ${mostRows} cases; which cases and what of them as in the list, callers' numbers masked`,
      tags: ['cases'], querystring: ExportQuery,
      response: { 200: { description: 'The file', content: Object.fromEntries(Object.values(kinds).map(({ type }) => [type, { schema: file }])) }, ...problemResponses(422) },
    },
  }, async (request, reply) => {
    const { format, ...asked } = request.query;
    const actor = requireUser(request);
    const reader = readerOf(actor);
    const { filter, sort } = readFilter(deps, reader, asked);
    const now = deps.now();
    const keys = await findPage(deps.pool, { filter, reader, sort, after: null, limit: mostRows + 1, now });
    if (keys.length > mostRows) throw new AppError('export_too_large', { most: mostRows });
    const { phone, ...shown } = asked;
    await audit(deps.pool, actor, request, { action: 'case.exported', entity: 'case', details: { format, filter: shown, byPhone: phone !== undefined, rows: keys.length } });
    deps.log.info({ userId: actor.userId, rows: keys.length, format }, 'Cases were exported');
    const { type, write } = kinds[format];
    const sheet = { name: '工单', titles: exportColumns.map((column) => column.title), widths: exportColumns.map((column) => column.width), rows: exportRows(deps, reader, keys.map((key) => key.id), now) };
    return reply.type(type).header('content-disposition', `attachment; filename="cases-${dayInShanghai(now)}.${format}"`).send(write(sheet));
  });
}

async function* exportRows(deps: Deps, reader: Reader, ids: readonly string[], now: Date): AsyncGenerator<(string | null)[]> {
  const names = await loadNames(deps.pool);
  for (let from = 0; from < ids.length; from += rowsAtOnce) {
    for (const row of await loadRows(deps.pool, ids.slice(from, from + rowsAtOnce), reader)) yield exportColumns.map((column) => column.of(row, { names, reader, now }));
  }
}
