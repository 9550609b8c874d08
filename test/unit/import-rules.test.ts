import ExcelJS from 'exceljs';
import fc from 'fast-check';
import { buffer } from 'node:stream/consumers';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { writeCsv, writeXlsx } from '../../src/cases/lists/write-export.ts';
import { lineCells, readUnitLines, unitColumns, type Present, type UnitLine } from '../../src/units/import-rules.ts';
import { readTable } from '../../src/units/read-table.ts';
import { unitKinds } from '../../src/units/unit.ts';
import { unpackedSize } from '../../src/units/unpacked-size.ts';

const nothing: Present = { districts: new Set(['330102']), parents: new Map(), closed: new Set() };
const signs = ['市', '局', 'a', 'Z', '9', '"', ',', "'", '=', '+', '-', '@', ' ', '\n', '：', ':', '|', '\\', '<', '&', '𠮷'];
const text = (most: number, without = '') => fc.string({ unit: fc.constantFrom(...signs.filter((sign) => !without.includes(sign))), maxLength: most / 2 }).map((one) => one.trim());
const some = (most: number, without = '') => text(most, without).filter((one) => one !== '');
const phone = fc.string({ unit: fc.constantFrom(...'0123456789+-'), minLength: 3, maxLength: 24 });
const line = fc.record({
  code: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9-]{0,31}$/), nameZh: some(100), nameEn: fc.oneof(fc.constant(null), some(200)), kind: fc.constantFrom(...unitKinds), parentCode: fc.constant(null), districtCode: fc.constantFrom(null, '330102'),
  position: fc.nat(999_999), phones: fc.array(fc.record({ number: phone, note: text(100) }), { maxLength: 20 }), liaisons: fc.array(fc.record({ name: some(50, ':：'), phone }), { maxLength: 2 }),
});
/** Each may stand below one before it; files have them in any order. */
const tree = fc.uniqueArray(line, { selector: (one) => one.code, minLength: 1, maxLength: 12 }).chain((lines) => fc.tuple(...lines.map((one, index) =>
  fc.option(fc.nat(Math.max(0, index - 1))).map((above): UnitLine => ({ ...one, parentCode: above === null || index === 0 ? null : lines[above]?.code ?? null }))))).chain((lines) => fc.shuffledSubarray(lines, { minLength: lines.length }));
async function* cells(lines: readonly UnitLine[]): AsyncGenerator<string[]> { await Promise.resolve(); for (const one of lines) yield lineCells(one); }

describe('a file of units', () => {
  it.each(['csv', 'xlsx'] as const)('comes back out of %s as it went in, whatever was written, in whatever order', async (kind) => {
    await fc.assert(fc.asyncProperty(tree, async (lines) => {
      const sheet = { name: '单位', titles: unitColumns, widths: [], rows: cells(lines) };
      const table = await readTable(await buffer(kind === 'csv' ? writeCsv(sheet) : writeXlsx(sheet)), kind);
      expect(readUnitLines(table, nothing)).toEqual({ lines, faults: [] });
    }), { numRuns: kind === 'csv' ? 100 : 30 });
  });

  it('with a circle in it is refused at every unit of the circle and below it, and at no other', () => {
    fc.assert(fc.property(fc.array(fc.option(fc.nat(9)), { minLength: 1, maxLength: 10 }), (parents) => {
      const code = (index: number): string => `U${index}`;
      const table = [[...unitColumns], ...parents.map((parent, index) => [code(index), '单位', '', '部门', parent === null ? '' : code(parent % parents.length)])];
      const isLost = (index: number): boolean => {
        let above: number | null = index;
        for (let step = 0; step <= parents.length && above !== null; step += 1) above = parents[above] == null ? null : (parents[above] ?? 0) % parents.length;
        return above !== null;
      };
      const { faults } = readUnitLines(table, nothing);
      expect(faults.map((fault) => `${fault.row} ${fault.column}`)).toEqual(parents.flatMap((_, index) => (isLost(index) ? [`${index + 2} 上级编码`] : [])));
    }));
  });

  it('says everything that is wrong with a row at once', () => {
    const row = ['-x', 'n'.repeat(101), 'e'.repeat(201), '宗门', 'NOBODY', '999999', '1e3', '0571:' + 'n'.repeat(101), ':1234'];
    expect(readUnitLines([[...unitColumns], row], nothing).faults.map((fault) => fault.column)).toEqual(['编码', '名称', '英文名', '类别', '区划', '顺序', '电话', '联络员', '上级编码']);
    expect(readUnitLines([[...unitColumns], ['A', '市\u0000局', '', '部门']], nothing).faults).toMatchObject([{ row: 2, column: '名称' }]);
  });
});

describe('what a file unpacks to', () => {
  /** A ZIP file of one entry, which says of itself what it likes. */
  function zip(content: Buffer, claimed = content.length): Buffer {
    const packed = deflateRawSync(content);
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x0403_4b50, 0);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x0201_4b50, 0);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(claimed, 24);
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x0605_4b50, 0);
    end.writeUInt32LE(entry.length, 12);
    end.writeUInt32LE(header.length + packed.length, 16);
    return Buffer.concat([header, packed, entry, end]);
  }

  it('is measured, not believed', async () => {
    expect(await unpackedSize(zip(Buffer.alloc(1_000)), 1_000)).toBe(1_000);
    expect(await unpackedSize(zip(Buffer.alloc(1_001), 7), 1_000)).toBeNull();
    expect(await unpackedSize(Buffer.concat([Buffer.from('before'), zip(Buffer.alloc(9))]), 1_000)).toBeNull();
    expect(await unpackedSize(Buffer.from('no zip'), 1_000)).toBeNull();
  });

  it('is too much for a small file that would fill the memory', async () => {
    const book = new ExcelJS.Workbook();
    book.addWorksheet('x').addRow(['0'.repeat(32_000)]);
    await expect(readTable(Buffer.from(await book.xlsx.writeBuffer()), 'xlsx')).resolves.toHaveLength(1);
    await expect(readTable(zip(Buffer.alloc(40 << 20)), 'xlsx')).rejects.toMatchObject({ code: 'file_unusable' });
  });
});
