import { unitKinds, type UnitKind } from './unit.ts';

/** The columns of a file of units, in its order; the first row has these titles. */
export const unitColumns = ['编码', '名称', '英文名', '类别', '上级编码', '区划', '顺序', '电话', '联络员'] as const;

/** As people write it in files. */
export const kindNames: Readonly<Record<UnitKind, string>> = {
  city: '市', department: '部门', district: '区县', township: '乡镇', street: '街道', community: '社区', province: '省属', state: '央属', utility: '公共事业', other: '其他',
};

export type UnitLine = {
  readonly code: string; readonly nameZh: string; readonly nameEn: string | null; readonly kind: UnitKind; readonly parentCode: string | null; readonly districtCode: string | null; readonly position: number;
  readonly phones: readonly { readonly number: string; readonly note: string }[]; readonly liaisons: readonly { readonly name: string; readonly phone: string }[];
};
/** What is wrong with a cell; `row` counts as spreadsheets do, the titles are row 1. */
export type LineFault = { readonly row: number; readonly column: string; readonly message: string };
/** What is there already. */
export type Present = { readonly districts: ReadonlySet<string>; /** Open units: code → code of the one above. */ readonly parents: ReadonlyMap<string, string | null>; readonly closed: ReadonlySet<string> };

const codePattern = /^[A-Za-z0-9][A-Za-z0-9-]{0,31}$/;
const phonePattern = /^[0-9+\- ]{3,24}$/;
/** What neither the database nor a file can hold. */
const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** Reads the cells of a whole file and names everything that is wrong with it; with a fault there are no lines. Lines may come in any order. */
export function readUnitLines(table: readonly (readonly string[])[], present: Present): { readonly lines: UnitLine[]; readonly faults: LineFault[] } {
  const [titles = [], ...rows] = table;
  const wrongTitle = unitColumns.find((title, index) => (titles[index] ?? '').trim() !== title);
  if (wrongTitle !== undefined) return { lines: [], faults: [{ row: 1, column: wrongTitle, message: `第一行应依次为：${unitColumns.join('、')}` }] };
  const faults: LineFault[] = [];
  const lines = new Map<string, { readonly line: UnitLine; readonly row: number }>();
  for (const [index, cells] of rows.entries()) {
    const row = index + 2;
    if (cells.every((cell) => cell.trim() === '')) continue;
    const line = readLine(cells, (column, message) => { faults.push({ row, column, message }); }, present);
    const before = lines.get(line.code);
    if (before) faults.push({ row, column: '编码', message: `与第 ${before.row} 行重复` });
    else lines.set(line.code, { line, row });
  }
  for (const { line, row } of lines.values()) {
    if (line.parentCode !== null && !lines.has(line.parentCode) && !present.parents.has(line.parentCode)) faults.push({ row, column: '上级编码', message: '没有这个单位，或已撤销' });
    else if (isBelowItself(line.code, lines, present)) faults.push({ row, column: '上级编码', message: '上级不能是自己或自己的下级' });
  }
  return { lines: faults.length > 0 ? [] : [...lines.values()].map(({ line }) => line), faults: faults.sort((one, other) => one.row - other.row) };
}

function readLine(cells: readonly string[], fault: (column: string, message: string) => void, present: Present): UnitLine {
  const cell = (index: number): string => (cells[index] ?? '').trim();
  const [code, nameZh, nameEn, kindText, parentCode, district, order] = [0, 1, 2, 3, 4, 5, 6].map(cell) as [string, string, string, string, string, string, string];
  for (const [index, column] of unitColumns.entries()) if (unwritable.test(cells[index] ?? '')) fault(column, '含有无法保存的字符');
  if (!codePattern.test(code)) fault('编码', '应为字母、数字和连字符，最多 32 位');
  else if (present.closed.has(code)) fault('编码', '这个单位已撤销，请换一个编码');
  if (nameZh === '' || nameZh.length > 100) fault('名称', '不能为空，最多 100 字');
  if (nameEn.length > 200) fault('英文名', '最多 200 字');
  const kind = unitKinds.find((one) => kindNames[one] === kindText || one === kindText);
  if (!kind) fault('类别', `应为：${Object.values(kindNames).join('、')}`);
  if (district !== '' && !present.districts.has(district)) fault('区划', '没有这个区划编码');
  if (!/^\d{0,6}$/.test(order)) fault('顺序', '应为整数');
  const pairs = (index: number): [string, string][] => cell(index).split(/[;；]/).map((one) => one.trim()).filter((one) => one !== '').map(pairOf);
  const phones = pairs(7).map(([number, note]) => ({ number, note }));
  if (phones.length > 20) fault('电话', '最多 20 个');
  if (phones.some(({ number, note }) => !phonePattern.test(number) || note.length > 100)) fault('电话', '写成 号码:说明，说明最多 100 字，多个用分号隔开');
  const liaisons = pairs(8).map(([name, phone]) => ({ name, phone }));
  if (liaisons.length > 2) fault('联络员', '最多两人');
  if (liaisons.some(({ name, phone }) => name === '' || name.length > 50 || !phonePattern.test(phone))) fault('联络员', '写成 姓名:号码，多个用分号隔开');
  return { code, nameZh, nameEn: nameEn === '' ? null : nameEn, kind: kind ?? 'other', parentCode: parentCode === '' ? null : parentCode, districtCode: district === '' ? null : district, position: Number(order || 0), phones, liaisons };
}

/** The first colon parts the two; what is said may have more. */
function pairOf(text: string): [string, string] {
  const at = text.search(/[:：]/);
  return at === -1 ? [text, ''] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

function isBelowItself(code: string, lines: ReadonlyMap<string, { readonly line: UnitLine }>, present: Present): boolean {
  const seen = new Set([code]);
  for (let above = lines.get(code)?.line.parentCode ?? null; above !== null;) {
    if (seen.has(above)) return true;
    seen.add(above);
    above = lines.has(above) ? lines.get(above)?.line.parentCode ?? null : present.parents.get(above) ?? null;
  }
  return false;
}

/** A unit as a row of such a file. */
export function lineCells(line: UnitLine): string[] {
  const pairs = (all: readonly (readonly [string, string])[]): string => all.map(([first, second]) => (second === '' ? first : `${first}:${second}`)).join(';');
  return [line.code, line.nameZh, line.nameEn ?? '', kindNames[line.kind], line.parentCode ?? '', line.districtCode ?? '', String(line.position),
    pairs(line.phones.map(({ number, note }) => [number, note] as const)), pairs(line.liaisons.map(({ name, phone }) => [name, phone] as const))];
}
