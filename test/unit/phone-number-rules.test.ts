import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalizePhone } from '../../src/cases/phone-number-rules.ts';

describe('a caller’s number as trunks send it', () => {
  it.each([
    ['13812345678', 'mobile', '13812345678'], ['+8613812345678', 'mobile', '13812345678'], ['008613812345678', 'mobile', '13812345678'], ['013812345678', 'mobile', '13812345678'],
    ['057188881234', 'landline', '057188881234'], ['88881234', 'landline', '057188881234'], ['+8657188881234', 'landline', '057188881234'], ['01062345678', 'landline', '01062345678'],
    ['110', 'short', '110'], ['12345', 'short', '12345'], ['10086', 'short', '10086'], ['+442071234567', 'international', '00442071234567'], ['00442071234567', 'international', '00442071234567'],
    ['anonymous', 'withheld', null], ['', 'withheld', null], ['sip:Anonymous@anonymous.invalid', 'withheld', null], ['abc', 'unknown', null], ['seat-8001', 'unknown', null],
    ['00', 'unknown', null], ['+0123456789', 'unknown', null], ['001234567890123456', 'unknown', null],
  ])('%s is %s %s', (raw, kind, number) => {
    expect(normalizePhone(raw, '0571')).toEqual({ kind, number });
  });

  it('never throws, and a normalised number stays as it is', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\+?\d{0,15}$/)), (raw) => {
      const { number } = normalizePhone(raw, '0571');
      if (number !== null) expect(normalizePhone(number, '0571').number).toBe(number);
    }));
  });
});
