import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lockSec } from '../../src/auth/lockout-rules.ts';
import { permissionsOf } from '../../src/auth/permissions.ts';
import { checkAmiFields } from '../../src/telephony/ami-action-rules.ts';
import { caseNumber, dayInShanghai } from '../../src/cases/case-number-rules.ts';

describe('the rules at the door', () => {
  it('locks a login longer with each failure, and never for more than an hour', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 1_000 }), (failures) => {
      expect(lockSec(failures + 1)).toBeGreaterThanOrEqual(lockSec(failures));
      expect(lockSec(failures)).toBeLessThanOrEqual(3_600);
    }));
    expect([4, 5, 6].map(lockSec)).toEqual([0, 30, 60]);
  });

  it('shows an admin no citizen’s identity', () => {
    expect(permissionsOf(['admin']).has('identity.read')).toBe(false);
    expect(permissionsOf(['admin', 'operator']).has('identity.read')).toBe(true);
  });

  it('lets no line break into an AMI action', () => {
    fc.assert(fc.property(fc.string(), fc.constantFrom('\r', '\n', '\0'), fc.string(), (before, cut, after) => {
      expect(() => checkAmiFields({ Channel: before + cut + after })).toThrow();
    }));
    expect(() => checkAmiFields({ 'Bad\r\nName': 'x' })).toThrow();
  });

  it('numbers cases by the day in China', () => {
    expect(caseNumber(dayInShanghai(new Date('2026-11-24T16:30:00Z')), 7)).toBe('20261125-000007');
  });
});
