import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayOf, firstIdOf, isFound, numberPrefix, tagsOf, termsOf, wordQuery, wordsOf } from '../../src/cases/lists/words-rules.ts';

const id = '019a0000-0000-7000-8000-000000000000';
const finds = (query: string, text: string, name: string | null = null): boolean => {
  const wanted = wordQuery(query);
  return wanted !== null && isFound(new Set(wordsOf(id, [text], name)), wanted);
};

describe('words of a case', () => {
  it.each([
    ['噪声扰民', '夜间施工噪声严重扰民'], ['噪声扰民', '噪声扰民'], ['扰民', '夜间施工噪声严重扰民'], ['噪', '夜间施工噪声严重扰民'], ['施工 扰民', '夜间施工噪声严重扰民'],
    ['施工噪声扰民', '夜间施工噪声严重扰民'], ['502室', '３号楼５０２室漏水'], ['ＥＴＣ', 'etc扣费异常'], ['WiFi', '图书馆 wifi 连不上'], ['B1路', '乘坐b1路公交'], ['107路', '107路公交车'],
    ['浙A12345', '车牌浙a12345占道'], ['垃圾桶', '小区垃圾桶满溢'], ['𠮷', '𠮷野家门口'],
  ])('%s is found in %s', (query, text) => expect(finds(query, text)).toBe(true));

  it.each([
    ['噪声扰民', '噪声很大'], ['噪声扰民', '扰民严重'], ['垃圾桶', '垃圾很多，水桶翻倒'], ['电动车充电桩', '电动门坏了，充电桩也坏了'], ['噪声', '噪音和声音'], ['12', '123号'],
  ])('%s is not found in %s', (query, text) => expect(finds(query, text)).toBe(false));

  it.each(['13812345678', '138-1234-5678', '138 1234 5678', '１３８１２３４５６７８', '0571-88886666', '330102199001011234', '33010219900101123X', '一三八一二三四五六七八', '88886666'])(
    'nobody is found by the number %s', (number) => {
      expect(finds(number, `请联系${number}，谢谢`)).toBe(false);
      expect([...termsOf(`请联系${number}谢谢`)].filter((term) => /\d{2}/.test(term) || term.includes('三八'))).toEqual([]);
    });

  it('nobody is found by name', () => {
    expect(finds('王小明', '来电人王小明反映路灯不亮', '王小明')).toBe(false);
    expect(finds('王小明', '来电人王小明反映路灯不亮', null)).toBe(true);
    expect(finds('John Smith', 'JOHN SMITH says', 'John Smith')).toBe(false);
    expect(finds('路灯不亮', '来电人王小明反映路灯不亮', '王小明')).toBe(true);
  });

  it('says nothing of a query without words', () => {
    for (const query of ['', '  ', '……', '13812345678', '路灯 13812345678']) expect(wordQuery(query)).toBeNull();
  });

  it('knows the beginning of a case’s number', () => {
    expect(['20261125-000123', '20261125000123', '２０２６１１２５－０００１２３', '20261125', '20261125-01', '2026', '13812345678'].map(numberPrefix))
      .toEqual(['20261125-000123', '20261125-000123', '20261125-000123', '20261125-', '20261125-01', null, null]);
  });

  it('finds every text by any piece of it', () => {
    const letters = fc.constantFrom(...'夜间施工噪声严重扰民路灯不亮漏水ab');
    fc.assert(fc.property(fc.array(letters, { minLength: 1, maxLength: 30 }), fc.nat(), fc.nat(), (text, a, b) => {
      // A piece that cuts no Latin word.
      const whole = text.join('').replace(/[ab]+/g, 'ab');
      const [from, to] = [a % whole.length, b % whole.length].sort((x, y) => x - y) as [number, number];
      const piece = whole.slice(from, to + 1);
      if (!/^b|a$/.test(piece)) expect(finds(piece, whole)).toBe(true);
    }));
  });

  it('has a tag for every day of a window', () => {
    fc.assert(fc.property(fc.integer({ min: 20_000, max: 21_000 }), fc.integer({ min: 0, max: 120 }), fc.nat(), (first, length, pick) => {
      const day = first + (pick % (length + 1));
      expect(dayOf(firstIdOf(day))).toBe(day);
      const words = wordsOf(firstIdOf(day), [], null);
      expect(tagsOf(first, first + length).some((tag) => words.includes(tag))).toBe(true);
      expect(tagsOf(first, first + length).length).toBeLessThanOrEqual(32);
    }));
  });
});
