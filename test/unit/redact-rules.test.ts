import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact } from '../../src/cases/identity/redact-rules.ts';

const hidden = '〔号码已隐去〕';

describe('what a unit may not read', () => {
  it.each([
    ['请打13812345678找我', `请打${hidden}找我`], ['电话 138-1234-5678。', `电话 ${hidden}。`], ['一三八一二三四五六七八是我的号码', `${hidden}是我的号码`],
    ['幺三八 幺二三四 五六七八', hidden], ['座机0571-88880001，晚上在', `座机${hidden}，晚上在`], ['身份证11010519491231002X', `身份证${hidden}`], ['１３８１２３４５６７８', hidden],
    ['卡号 6222 0212 0211 2345 678', `卡号 ${hidden}`], ['写信到 wang.x@example.com 即可', `写信到 ${hidden} 即可`], ['+86 138 1234 5678', `+${hidden}`],
  ])('%s', (said, read) => {
    expect(redact(said)).toBe(read);
  });

  it.each(['2026-11-25 上午十点', '工单20261125-000001', '工程款3500000元未付', '锦麦街12号3单元402室', '噪声85分贝，夜里11点', '二〇二六年三月五日'])('leaves %s alone', (said) => {
    expect(redact(said)).toBe(said);
  });

  it('is the citizen’s name in every form', () => {
    expect(redact('我叫王建国，王先生或建国都行，王某也可', '王建国')).toBe('我叫〔姓名已隐去〕，〔姓名已隐去〕或〔姓名已隐去〕都行，〔姓名已隐去〕也可');
    expect(redact('欧阳女士报修', '欧阳明')).toBe('〔姓名已隐去〕报修');
    expect(redact('王府井大街', '王建国')).toBe('王府井大街');
  });

  it('is any mobile number, whatever stands around it and between its digits', () => {
    const styles = ['0123456789', '０１２３４５６７８９', '〇一二三四五六七八九', '零幺两三四五六七八九'];
    const around = fc.constantFrom('', '电话', '，', '请找我 ', '。', '(', '噪声扰民');
    fc.assert(fc.property(fc.integer({ min: 3, max: 9 }), fc.integer({ min: 0, max: 999_999_999 }), fc.constantFrom(...styles), fc.constantFrom('', ' ', '-', '－'.normalize('NFKC'), '·'), around, around,
      (second, rest, style, between, before, after) => {
        const digits = `1${second}${String(rest).padStart(9, '0')}`;
        const said = [...digits].map((digit) => style[Number(digit)]).join(between);
        const read = redact(before + said + after);
        expect(read).toContain(hidden);
        expect(read).not.toContain(said);
        expect(read.replace(hidden, '').replaceAll(/[^\d０-９〇零一幺二两三四五六七八九]/g, '').length).toBeLessThan(3);
      }));
  });
});
