import { Type } from 'typebox';
import { audit } from '../auth/audit.ts';
import { requireUser } from '../auth/authenticate.ts';
import { writeCsv, writeXlsx } from '../cases/lists/write-export.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { App } from '../http/app-type.ts';
import { problemResponses } from '../http/problem.ts';
import { lineCells, readUnitLines, unitColumns } from './import-rules.ts';
import { importUnits, listLines, readPresent } from './import-units.ts';
import { lockTree } from './queries.ts';
import { readTable } from './read-table.ts';

const tags = ['units'];
const types = { csv: 'text/csv', xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' } as const;
const widths = [16, 30, 30, 10, 16, 12, 8, 40, 40];
/** Tens of thousands of units. */
const largestFile = 8 << 20;
const Fault = Type.Object({ row: Type.Integer(), column: Type.String(), message: Type.String() });
const Imported = Type.Object({ isDryRun: Type.Boolean(), created: Type.Integer(), changed: Type.Integer(), unchanged: Type.Integer(), faults: Type.Array(Fault, { description: 'Every row that is wrong; only a dry run answers with any' }) });
const file = { content: Object.fromEntries(Object.values(types).map((type) => [type, { schema: Type.Unsafe<unknown>({ type: 'string', format: 'binary' }) }])) };

/** The tree as a file, out and in. */
export function registerUnitExchangeRoutes(app: App, deps: Deps): void {
  const { pool } = deps;
  app.get('/api/units/export', { config: { permission: 'unit.read' }, schema: {
    summary: 'All open units as a file, as the import takes it', tags, querystring: Type.Object({ format: Type.Enum(['csv', 'xlsx'], { default: 'xlsx' }) }, { additionalProperties: false }),
    response: { 200: { description: 'The file', ...file }, ...problemResponses() },
  } }, async (request, reply) => {
    const { format } = request.query;
    const lines = await listLines(pool);
    async function* rows(): AsyncGenerator<string[]> { for (const line of lines) yield lineCells(line); }
    const sheet = { name: '单位', titles: unitColumns, widths, rows: rows() };
    return reply.type(`${types[format]}${format === 'csv' ? '; charset=utf-8' : ''}`).header('content-disposition', `attachment; filename="units.${format}"`).send(format === 'csv' ? writeCsv(sheet) : writeXlsx(sheet));
  });

  void app.register((scope, _options, done) => {
    for (const type of Object.values(types)) scope.addContentTypeParser(type, { parseAs: 'buffer' }, (_request, body, parsed) => { parsed(null, body); });
    scope.post('/api/units/import', { config: { permission: 'unit.manage' }, bodyLimit: largestFile, schema: {
      summary: 'Units out of a CSV or XLSX file: all of them or, with one bad row, none; a dry run only says what would be', tags,
      querystring: Type.Object({ dryRun: Type.Boolean({ default: false }) }, { additionalProperties: false }), response: { 200: Imported, ...problemResponses(409, 415, 422) },
    } }, async (request) => {
      const kind = request.headers['content-type']?.startsWith(types.csv) ? 'csv' : 'xlsx';
      if (!Buffer.isBuffer(request.body)) throw new AppError('file_unusable', { reason: 'it is no file' });
      const table = await readTable(request.body, kind);
      const { dryRun: isDryRun } = request.query as { dryRun: boolean };
      return transaction(pool, async (tx) => {
        await lockTree(tx); // what the rows were checked against is what they go into
        const { lines, faults } = readUnitLines(table, await readPresent(tx));
        if (isDryRun && faults.length > 0) return { isDryRun, created: 0, changed: 0, unchanged: 0, faults };
        if (faults.length > 0) throw new AppError('import_invalid', { faults });
        const imported = await importUnits(tx, lines, deps.now());
        if (isDryRun) throw new DryRun(imported);
        await audit(tx, requireUser(request), request, { action: 'unit.imported', entity: 'unit', details: imported });
        return { isDryRun, ...imported, faults: [] };
      }).catch((error: unknown) => {
        if (error instanceof DryRun) return { isDryRun: true, ...error.imported, faults: [] };
        throw error;
      });
    });
    done();
  });
}

/** Everything was tried, and is rolled back. */
class DryRun extends Error {
  readonly imported: Awaited<ReturnType<typeof importUnits>>;

  constructor(imported: Awaited<ReturnType<typeof importUnits>>) {
    super('a dry run');
    this.imported = imported;
  }
}
