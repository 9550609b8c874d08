import ExcelJS from 'exceljs';
import { Readable } from 'node:stream';
import { AppError } from '../errors.ts';

/** More rows than any tree of units has. */
const mostRows = 20_000;

/** The cells of a file's first sheet, as text. @throws AppError for a file that is no such table. */
export async function readTable(file: Buffer, kind: 'csv' | 'xlsx'): Promise<string[][]> {
  const book = new ExcelJS.Workbook();
  const sheet = await (kind === 'xlsx' ? book.xlsx.load(file as unknown as ArrayBuffer).then(() => book.worksheets[0])
    : book.csv.read(Readable.from([textOf(file)]), { map: (value: unknown) => value })).catch((error: unknown) => { throw new AppError('file_unusable', { reason: (error as Error).message }); });
  if (!sheet || sheet.rowCount === 0) throw new AppError('file_unusable', { reason: 'it is empty' });
  if (sheet.rowCount > mostRows) throw new AppError('file_unusable', { reason: `it has more than ${mostRows} rows` });
  const width = Math.min(sheet.columnCount, 100);
  return Array.from({ length: sheet.rowCount }, (_, row) => Array.from({ length: width }, (__, column) => unquoted(sheet.getCell(row + 1, column + 1).text)));
}

/** Spreadsheets in China save CSV in GB18030 when nobody tells them otherwise. */
function textOf(file: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(file);
  } catch {
    return new TextDecoder('gb18030').decode(file); // not UTF-8, so it is what is left
  }
}

/** The apostrophe that our own files put before what would be a formula. */
function unquoted(text: string): string {
  return /^'[=+\-@]/.test(text) ? text.slice(1) : text;
}
