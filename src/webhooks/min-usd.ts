/** Sizes in USD by base asset; `*` stands for those that are not named. */
export type UsdByAsset = Readonly<Record<string, number>>;

/** The smallest liquidations that an endpoint wants as `liquidation.large`: the same for all base assets, or by base asset. */
export type MinUsd = number | UsdByAsset;

/** Names the base assets that are not named. */
export const OTHER_ASSETS = "*";
/** Nobody is sent every liquidation: that is what the stream is for. */
export const LOWEST_MIN_USD = 10_000;
/** Cascades and decisions are few. */
export const LOWEST_MIN_FLOW_USD = 1;
export const HIGHEST_MIN_USD = 1e12;
export const MAX_ASSETS = 100;

/** The smallest size that is wanted of a base asset, USD; null where none is. */
export function minUsdOf(minUsd: MinUsd | null, symbol: string): number | null {
  if (minUsd === null || typeof minUsd === "number") return minUsd;
  if (Object.hasOwn(minUsd, symbol)) return minUsd[symbol] ?? null;
  return minUsd[OTHER_ASSETS] ?? null;
}

/** What an endpoint wants of each base asset, narrowed to those of its filter. */
interface Wanted {
  readonly symbols: readonly string[];
  readonly min_usd: MinUsd | null;
}

/** The smallest size that any of these endpoints wants, by base asset; empty where none wants any. */
export function lowestMinUsd(endpoints: readonly Wanted[]): UsdByAsset {
  const all = endpoints.map(byAsset);
  const names = new Set(all.flatMap((one) => Object.keys(one)));
  const lowest = Array.from(names, (name): [string, number] => [
    name,
    Math.min(...all.map((one) => minUsdOf(one, name) ?? Number.POSITIVE_INFINITY)),
  ]);
  return Object.fromEntries(lowest);
}

function byAsset({ symbols, min_usd }: Wanted): UsdByAsset {
  if (symbols.length === 0) return typeof min_usd === "number" ? { [OTHER_ASSETS]: min_usd } : (min_usd ?? {});
  return Object.fromEntries(
    symbols.flatMap((symbol) => {
      const least = minUsdOf(min_usd, symbol);
      return least === null ? [] : [[symbol, least]];
    }),
  );
}
