import ExcelJS from 'exceljs';
import { Readable } from 'node:stream';
import { AppError } from '../errors.ts';
import { unpackedSize } from './unpacked-size.ts';

/** More rows than any tree of units has. */
const mostRows = 20_000;
/** A table of that many rows, and as much again. A small file can unpack to gigabytes. */
const mostUnpacked = 32 << 20;

/** The cells of a file's first sheet, as text. @throws AppError for a file that is no such table. */
export async function readTable(file: Buffer, kind: 'csv' | 'xlsx'): Promise<string[][]> {
  if (kind === 'xlsx' && (await unpackedSize(file, mostUnpacked)) === null) throw new AppError('file_unusable', { reason: 'it is no XLSX file, or unpacks to more than a table of units has' });
  const book = new ExcelJS.Workbook();
  const sheet = await (kind === 'xlsx' ? book.xlsx.load(file as unknown as ArrayBuffer).then(() => book.worksheets[0])
    : book.csv.read(Readable.from([textOf(file)]), { map: (value: unknown) => value })).catch((error: unknown) => { throw new AppError('file_unusable', { reason: (error as Error).message }); });
  if (!sheet || sheet.rowCount === 0) throw new AppError('file_unusable', { reason: 'it is empty' });
  if (sheet.rowCount > mostRows) throw new AppError('file_unusable', { reason: `it has more than ${mostRows} rows` });
  const width = Math.min(sheet.columnCount, 100);
  return Array.from({ length: sheet.rowCount }, (_, row) => Array.from({ length: width }, (__, column) => {
    const { text } = sheet.getCell(row + 1, column + 1);
    return kind === 'csv' ? unquoted(text) : text;
  }));
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
  return /^'+[=+\-@\t\r]/.test(text) ? text.slice(1) : text;
}
