/** Who is responsible for what (派单目录): null holds for every category, or district. */
export type ResponsibilityRule = { readonly categoryCode: string | null; readonly districtCode: string | null; readonly unitId: string; readonly basis: string };

export type Matter = {
  /** The case's category, then those above it. */
  readonly categoryCodes: readonly string[];
  readonly districtCode: string | null;
};

/** How a rule fits: by the category itself or so many levels above it (null: by any), and by the district or by any. */
export type Why = { readonly categoryLevel: number | null; readonly isDistrict: boolean };
export type Proposed = { readonly rule: ResponsibilityRule; readonly why: Why };

/**
 * The rules that hold for a matter, the most specific first: what it is about says more than where it is, a category more than one above it, a
 * district more than any. Two rules never fit a matter equally, because no two have the same category and district.
 */
export function proposalsFor(rules: readonly ResponsibilityRule[], { categoryCodes, districtCode }: Matter): Proposed[] {
  return rules.flatMap((rule): Proposed[] => {
    const level = rule.categoryCode === null ? null : categoryCodes.indexOf(rule.categoryCode);
    if (level === -1 || (rule.districtCode !== null && rule.districtCode !== districtCode)) return [];
    return [{ rule, why: { categoryLevel: level, isDistrict: rule.districtCode !== null } }];
  }).sort((one, other) => vagueness(one.why) - vagueness(other.why));
}

function vagueness({ categoryLevel, isDistrict }: Why): number {
  return (categoryLevel ?? Number.MAX_SAFE_INTEGER / 4) * 2 + (isDistrict ? 0 : 1);
}
