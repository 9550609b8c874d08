/** What a queue or a caller asks of an operator: this skill, at this level (1 to 5) or above. */
export type Demand = { readonly skillCode: string; readonly minLevel: number };
export type HeldSkill = { readonly skillCode: string; readonly level: number };

/** What a queue asks, and what a caller's choice asks beyond it, at any level. */
export function demandOf(queueSkills: readonly Demand[], skillCodes: readonly string[]): Demand[] {
  return [...queueSkills, ...skillCodes.map((skillCode) => ({ skillCode, minLevel: 1 }))];
}

function levelOf(held: readonly HeldSkill[], skillCode: string): number {
  return Math.max(0, ...held.filter((skill) => skill.skillCode === skillCode).map((skill) => skill.level));
}

/** The database has the same rule, as `meets_demand`, for counting. */
export function meetsDemand(held: readonly HeldSkill[], demand: readonly Demand[]): boolean {
  return demand.every((one) => levelOf(held, one.skillCode) >= one.minLevel);
}

/** How good somebody is at what is asked: the levels of the skills asked for, each once, together. */
export function skillScore(held: readonly HeldSkill[], demand: readonly Demand[]): number {
  return [...new Set(demand.map((one) => one.skillCode))].reduce((sum, code) => sum + levelOf(held, code), 0);
}
