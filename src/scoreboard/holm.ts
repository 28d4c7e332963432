/**
 * The p-values of a family of hypotheses, raised so that the chance of one or more false rejections among them stays under
 * the level, whatever their dependence (Holm 1979, Scandinavian Journal of Statistics 6(2)). In the order given; a null is no
 * hypothesis of the family.
 */
export function holmAdjusted(pValues: readonly (number | null)[]): readonly (number | null)[] {
  const family = pValues.flatMap((p, index) => (p === null ? [] : [{ p, index }])).toSorted((a, b) => a.p - b.p);
  const adjusted = pValues.map((): number | null => null);
  let largest = 0;
  for (const [rank, { p, index }] of family.entries()) {
    largest = Math.max(largest, Math.min(1, p * (family.length - rank)));
    adjusted[index] = largest;
  }
  return adjusted;
}
