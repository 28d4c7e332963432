import { publishingVenues } from "../../../src/exchanges/coverage.ts";
import type { Config } from "../../../src/config.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import { nearestNames } from "../../../src/nearest-names.ts";
import type { D1Read } from "../../d1/d1-read.ts";
import { type SymbolKnowledge, knowledgeRead, listedNames, symbolKnowledge } from "../../d1/symbol-lists.ts";
import type { ApiContext } from "./api-env.ts";
import { ProblemError } from "./problem.ts";

/** More base assets than all venues together list. */
const ALL_NAMES = 10_000;

/** The venues that liquidations can come from: those that publish them, and those where they are inferred. */
export function liquidatingVenues(config: Config): readonly ExchangeName[] {
  const publishing = publishingVenues(config);
  return config.LIQUIDATION_EXCHANGES.filter((name) => publishing.includes(name) || config.venues[name].inferred);
}

interface Requirement {
  /** Whether the operation also answers for past times, so that an asset collected then is no mistake. */
  readonly history: boolean;
  readonly parameter?: string;
}

/**
 * Refuses a base asset that nobody collects: its sums would be zeros that nobody measured.
 * @throws {ProblemError} 404 with the names that were most likely meant
 */
export async function requireCollected(c: ApiContext, symbol: string, requirement: Requirement): Promise<void> {
  await requireKnown(c, symbol, requirement, await symbolKnowledge(c.env.DB, symbol, liquidatingVenues(c.get("config"))));
}

/** What `requireKnown` has to know, beside other reads. */
export function collectedRead(c: ApiContext, symbol: string): D1Read<SymbolKnowledge> {
  return knowledgeRead(c.env.DB, symbol, liquidatingVenues(c.get("config")));
}

/** `requireCollected` by what was read already. */
export async function requireKnown(
  c: ApiContext,
  symbol: string,
  { history, parameter = "symbol" }: Requirement,
  { lists, listings, stored }: SymbolKnowledge,
): Promise<void> {
  const config = c.get("config");
  const { LIQUIDATION_SYMBOLS: symbols } = config;
  const venues = liquidatingVenues(config);
  if (history && stored === 1) return;
  const isWanted = symbols === "*" || symbols.has(symbol);
  // With all assets one table is enough to tell; of a configured asset a venue that was not read yet may be the one.
  const isUnknown = symbols === "*" ? lists === 0 : lists < venues.length;
  if (isWanted && (listings > 0 || isUnknown)) return;
  throw await unknownSymbol(c, symbol, isWanted && symbols !== "*", parameter);
}

/** The same for a list in a request body. */
export async function requireAllCollected(
  c: ApiContext,
  symbols: readonly string[],
  history: boolean,
  parameter = "symbols",
): Promise<void> {
  await Promise.all(symbols.map((symbol) => requireCollected(c, symbol, { history, parameter })));
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
