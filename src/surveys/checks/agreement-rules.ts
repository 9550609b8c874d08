export type Pair = { readonly code: string; readonly byMachine: string | null; readonly byPerson: string | null };
export type Agreement = { readonly code: string; readonly same: number; readonly of: number; readonly kappa: number | null };

/**
 * How far a person heard what the machine was told, by question: `same` of `of`, and Cohen's kappa, κ = (pₒ − pₑ) ÷ (1 − pₑ) with pₑ the agreement that two
 * who answer by chance, each as often as here, would reach (J. Cohen, A coefficient of agreement for nominal scales, 1960). Null where chance explains all.
 */
export function agreementOf(pairs: readonly Pair[]): Agreement[] {
  return [...new Set(pairs.map((pair) => pair.code))].map((code) => {
    const asked = pairs.filter((pair) => pair.code === code);
    const same = asked.filter((pair) => pair.byMachine === pair.byPerson).length;
    const share = (side: 'byMachine' | 'byPerson', value: string | null): number => asked.filter((pair) => pair[side] === value).length / asked.length;
    const byChance = [...new Set(asked.map((pair) => pair.byMachine))].reduce((sum, value) => sum + share('byMachine', value) * share('byPerson', value), 0);
    return { code, same, of: asked.length, kappa: 1 - byChance < 1e-9 ? null : (same / asked.length - byChance) / (1 - byChance) };
  });
}
