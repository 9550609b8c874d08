import ExcelJS from 'exceljs';
import { PassThrough, Readable } from 'node:stream';

type Cell = string | number | null;
export type Sheet = { readonly name: string; readonly titles: readonly string[]; readonly widths: readonly number[]; readonly rows: AsyncIterable<readonly Cell[]> | Iterable<readonly Cell[]> };

/** An XLSX workbook with one sheet, written row by row while it is read. What the rows throw ends the stream with that error. */
export function writeXlsx({ name, titles, widths, rows }: Sheet): Readable {
  const out = new PassThrough();
  const book = new ExcelJS.stream.xlsx.WorkbookWriter({ stream: out, useSharedStrings: false, useStyles: false });
  const sheet = book.addWorksheet(name, { views: [{ state: 'frozen', ySplit: 1 }] });
  sheet.columns = widths.map((width) => ({ width }));
  const write = async (): Promise<void> => {
    sheet.addRow([...titles]).commit();
    for await (const row of rows) sheet.addRow(row.map(writable)).commit();
    sheet.commit();
    await book.commit();
  };
  void write().catch((error: unknown) => { out.destroy(error as Error); });
  return out;
}

/** CSV as spreadsheets in China open it: UTF-8 with its mark, lines ended by CR and LF. */
export function writeCsv({ titles, rows }: Sheet): Readable {
  async function* lines(): AsyncGenerator<string> {
    yield `\uFEFF${csvLine(titles)}`;
    for await (const row of rows) yield csvLine(row);
  }
  return Readable.from(lines());
}

export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map((cell) => `"${harmless(String(writable(cell) ?? '')).replaceAll('"', '""')}"`).join(',')}\r\n`;
}

/** A spreadsheet runs a cell that begins like a formula; one that begins with an apostrophe it shows. Whoever takes one apostrophe away again has what was there. */
function harmless(cell: string): string {
  return /^'*[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
}

/** Excel's longest text; and no signs that XML cannot hold. */
function writable(cell: Cell): Cell {
  return typeof cell !== 'string' ? cell : cell.slice(0, 32_767).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
}
