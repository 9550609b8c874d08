import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkAmiFields } from '../../src/telephony/ami-action-rules.ts';

describe('the fields of an AMI action', () => {
  it('whatever passes is one line of one field, short enough to be read whole', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary', maxLength: 1_200 }), (name, value) => {
      try {
        checkAmiFields({ [name]: value });
      } catch {
        return; // refused
      }
      expect(Buffer.byteLength(`${name}: ${value}`)).toBeLessThan(1_024);
      expect(`${name}: ${value}`).not.toMatch(/[\r\n\0]/);
    }), { examples: [['File', 'a\r\nAction: x'], ['A\r\nAction', 'x'], ['File', '好'.repeat(400)]] });
  });
});
