/** The number of liquidations that each venue delivered in a minute, by name; absent where it is not known. */
export type Counts = Readonly<Record<string, number | undefined>>;

/** So many average liquidations of the others are added to both sides, so that a few of a rare venue are no burst. */
const ADDED = 1;

/**
 * How active the other venues are in these minutes, where 1 is their average: without the one that is most active, where there are
 * others, since a burst of a single venue says nothing of the rest.
 * @param rates average number of liquidations a minute of each venue
 * @returns null where nothing is known of any other venue
 */
export function othersActivity(minutes: readonly Counts[], rates: Counts, venue: string): number | null {
  const others: { readonly count: number; readonly expected: number }[] = [];
  for (const name of Object.keys(rates)) {
    const rate = rates[name] ?? 0;
    if (name === venue || rate <= 0) continue;
    let [count, known] = [0, 0];
    for (const counts of minutes) {
      const own = counts[name];
      if (own === undefined) continue;
      count += own;
      known += 1;
    }
    if (known > 0) others.push({ count, expected: rate * known });
  }
  if (others.length === 0) return null;
  const count = others.reduce((sum, other) => sum + other.count, 0);
  const expected = others.reduce((sum, other) => sum + other.expected, 0);
  const without = others.map((one) => (count - one.count + ADDED) / (expected - one.expected + ADDED));
  return others.length === 1 ? (count + ADDED) / (expected + ADDED) : Math.min(...without);
}
