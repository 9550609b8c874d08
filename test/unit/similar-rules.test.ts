import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { likeness, type Told } from '../../src/cases/duplicates/similar-rules.ts';

const words = fc.array(fc.constantFrom('噪声', '扰民', '施工', '夜间', '道路', '积水', '路灯', '66'), { maxLength: 6 }).map((all) => new Set(all));
const told: fc.Arbitrary<Told> = fc.record({ place: words, matter: words });
const beside = fc.record({ isSameNumber: fc.boolean(), daysApart: fc.double({ min: 0, max: 400, noNaN: true }) });

describe('how like two cases are', () => {
  it('lies between nothing and all, and is the same from both sides', () => {
    fc.assert(fc.property(told, told, beside, (one, other, more) => {
      const { score } = likeness(one, other, more);
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(1);
      expect(likeness(other, one, more)).toEqual(likeness(one, other, more));
    }));
  });

  it('is most for a case and itself, and less the longer ago', () => {
    fc.assert(fc.property(told, told, beside, fc.double({ min: 0, max: 100, noNaN: true }), (one, other, more, later) => {
      expect(likeness(one, other, more).score).toBeLessThanOrEqual(likeness(one, one, more).score + 1e-9);
      expect(likeness(one, other, { ...more, daysApart: more.daysApart + later }).score).toBeLessThanOrEqual(likeness(one, other, more).score + 1e-9);
      expect(likeness(one, other, { ...more, isSameNumber: false }).score).toBeLessThanOrEqual(likeness(one, other, { ...more, isSameNumber: true }).score);
    }));
  });
});
