/** Distances beyond this are no typing mistake. */
const MAX_DISTANCE = 2;
const MAX_NAMES = 3;

/** Codes that some venues use for an asset with another usual name. */
const OTHER_CODES: Readonly<Record<string, string>> = { XBT: "BTC", XDG: "DOGE", MATIC: "POL" };

/**
 * The known names that somebody who wrote `asked` most likely meant, best first, at most three: the asset of a contract
 * (BTCUSDT, 1000PEPE), another code (XBT), the beginning of a name, or a typing mistake.
 * @param asked in upper case
 * @param known in upper case
 */
export function nearestNames(asked: string, known: Iterable<string>): readonly string[] {
  return [...known]
    .map((name) => ({ name, rank: rankOf(asked, name) }))
    .filter(({ rank }) => rank <= MAX_DISTANCE)
    .toSorted((a, b) => a.rank - b.rank || b.name.length - a.name.length || (a.name < b.name ? -1 : 1))
    .slice(0, MAX_NAMES)
    .map(({ name }) => name);
}

/** 0 for the same asset written otherwise, 1 for a part of it, else the number of typing mistakes. */
function rankOf(asked: string, name: string): number {
  if (asked === name || OTHER_CODES[asked] === name || assetsIn(asked).includes(name)) return 0;
  if (asked.length >= 2 && name.startsWith(asked)) return 1;
  const distance = editDistance(asked, name);
  // Two mistakes in three letters can turn any name into any other.
  return distance * 3 <= Math.max(asked.length, name.length) + 1 ? distance : Number.POSITIVE_INFINITY;
}

/** The assets that the name of a contract may be of: `1000PEPEUSDT` gives 1000PEPE and PEPE. */
function assetsIn(asked: string): readonly string[] {
  const asset = asked.replace(/(USDT|USDC|USDM|USD|BUSD|PERP)+$/, "");
  return [asset, asset.replace(/^10+/, "")];
}

/** Number of letters to insert, delete, replace or swap with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const isSame = a[row - 1] === b[column - 1];
      const isSwapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const replaced = at(last, column - 1) + (isSame ? 0 : 1);
      const swapped = isSwapped ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY;
      current.push(Math.min(at(last, column) + 1, at(current, column - 1) + 1, replaced, swapped));
    }
    beforeLast = last;
    last = current;
  }
  return last.at(-1) ?? 0;
}

function at(line: readonly number[], place: number): number {
  return line[place] ?? Number.POSITIVE_INFINITY;
}
