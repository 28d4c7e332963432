import { publishingVenues } from "../../../src/exchanges/coverage.ts";
import type { Config } from "../../../src/config.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import { nearestNames } from "../../../src/nearest-names.ts";
import { listedNames, symbolKnowledge } from "../../d1/symbol-lists.ts";
import type { ApiContext } from "./api-env.ts";
import { ProblemError } from "./problem.ts";

/** More base assets than all venues together list. */
const ALL_NAMES = 10_000;

/** The venues that liquidations can come from: those that publish them, and those where they are inferred. */
export function liquidatingVenues(config: Config): readonly ExchangeName[] {
  const publishing = publishingVenues(config);
  return config.LIQUIDATION_EXCHANGES.filter((name) => publishing.includes(name) || config.venues[name].inferred);
}

/**
 * Refuses a base asset that nobody collects: its sums would be zeros that nobody measured.
 * @param history whether the operation also answers for past times, so that an asset collected then is no mistake
 * @throws {ProblemError} 404 with the names that were most likely meant
 */
export async function requireCollected(
  c: ApiContext,
  symbol: string,
  { history, parameter = "symbol" }: { readonly history: boolean; readonly parameter?: string },
): Promise<void> {
  const config = c.get("config");
  const { LIQUIDATION_SYMBOLS: symbols } = config;
  const venues = liquidatingVenues(config);
  const { lists, listings, stored } = await symbolKnowledge(c.env.DB, symbol, venues);
  if (history && stored === 1) return;
  const isWanted = symbols === "*" || symbols.has(symbol);
  // With all assets one table is enough to tell; of a configured asset a venue that was not read yet may be the one.
  const isUnknown = symbols === "*" ? lists === 0 : lists < venues.length;
  if (isWanted && (listings > 0 || isUnknown)) return;
  throw await unknownSymbol(c, symbol, isWanted && symbols !== "*", parameter);
}

/** The same for a list in a request body. */
export async function requireAllCollected(c: ApiContext, symbols: readonly string[], history: boolean): Promise<void> {
  await Promise.all(symbols.map((symbol) => requireCollected(c, symbol, { history, parameter: "symbols" })));
}

async function unknownSymbol(c: ApiContext, symbol: string, isConfigured: boolean, parameter: string): Promise<ProblemError> {
  const config = c.get("config");
  const { LIQUIDATION_SYMBOLS: symbols } = config;
  const known = symbols === "*" ? await listedNames(c.env.DB, liquidatingVenues(config), "", ALL_NAMES) : [...symbols];
  const nearest = nearestNames(symbol, known).filter((name) => name !== symbol);
  const reason = isConfigured ? "is configured, but no venue lists it" : "is not collected";
  const meant = nearest.length === 0 ? "" : `; did you mean ${nearest.join(", ")}?`;
  const detail = `${reason}${meant === "" ? "; GET /v1/symbols lists what is" : meant}`;
  return new ProblemError("unknown_symbol", `${symbol} ${detail}`, { errors: [{ parameter, detail: `${symbol} ${detail}` }], nearest });
}
