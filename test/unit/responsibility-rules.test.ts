import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { proposalsFor, type ResponsibilityRule } from '../../src/units/responsibility/responsibility-rules.ts';

const categories = ['city', 'city-noise', 'city-noise-construction', 'market'];
const districts = ['330102', '330103'];
const anyRules = fc.uniqueArray(fc.record({ categoryCode: fc.constantFrom(...categories, null), districtCode: fc.constantFrom(...districts, null), unitId: fc.uuid(), basis: fc.constant('') }),
  { selector: (rule) => `${rule.categoryCode ?? ''}/${rule.districtCode ?? ''}` });
const matter = { categoryCodes: ['city-noise-construction', 'city-noise', 'city'], districtCode: '330102' };
const holds = (rule: ResponsibilityRule): boolean => (rule.categoryCode === null || matter.categoryCodes.includes(rule.categoryCode)) && (rule.districtCode === null || rule.districtCode === matter.districtCode);

describe('who is responsible', () => {
  it('is every rule that holds and no other, whatever their order', () => {
    fc.assert(fc.property(anyRules, (rules) => {
      const found = proposalsFor(rules, matter).map(({ rule }) => rule);
      expect(new Set(found)).toEqual(new Set(rules.filter(holds)));
      expect(proposalsFor([...rules].reverse(), matter).map(({ rule }) => rule)).toEqual(found);
    }));
  });

  it('is first the rule nearest to the category, then the one for the district', () => {
    fc.assert(fc.property(anyRules, (rules) => {
      const rank = ({ categoryCode, districtCode }: ResponsibilityRule): number[] => [categoryCode === null ? 9 : matter.categoryCodes.indexOf(categoryCode), districtCode === null ? 1 : 0];
      const ranks = proposalsFor(rules, matter).map(({ rule }) => rank(rule));
      const sorted = [...ranks].sort(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d);
      expect(ranks).toEqual(sorted);
    }));
  });

  it('is nobody for a matter without category and district unless a rule is for everything', () => {
    fc.assert(fc.property(anyRules, (rules) => {
      expect(proposalsFor(rules, { categoryCodes: [], districtCode: null }).map(({ rule }) => rule)).toEqual(rules.filter((rule) => rule.categoryCode === null && rule.districtCode === null));
    }));
  });
});
