import type { ExchangeName } from "./liquidation.ts";
import { EXCHANGES } from "./liquidation-fields.ts";

/** For each venue the one whose object it is in: itself where it has an object of its own. */
export type FeedObjects = ReadonlyMap<ExchangeName, ExchangeName>;

/** Each venue in an object of its own. */
export const OWN_OBJECTS: FeedObjects = new Map(EXCHANGES.map((name) => [name, name]));

interface Layout {
  readonly LIQUIDATION_EXCHANGES: readonly ExchangeName[];
  readonly LIQUIDATION_OBJECTS: FeedObjects;
  readonly LIQUIDATION_PLACEMENT_GENERATION: number;
}

/**
 * Reads which venues share an object, as in `binance,bybit,okx+kucoin+bitfinex`: objects are separated by commas, and
 * one is named after its first venue.
 * @param unnamed the objects of the venues that it does not name
 * @returns null where a name is unknown or comes twice
 */
export function readFeedObjects(text: string, unnamed: FeedObjects): FeedObjects | null {
  const groups = text.split(",").map((group) => group.split("+").map((name) => name.trim().toLowerCase()));
  const pairs = groups.flatMap((group) => group.map((name) => [exchangeNamed(name), exchangeNamed(group[0])] as const));
  const hosts = new Map<ExchangeName, ExchangeName>();
  for (const [name, host] of pairs) {
    if (name === undefined || host === undefined || hosts.has(name)) return null;
    hosts.set(name, host);
  }
  return new Map([...unnamed, ...hosts]);
}

function exchangeNamed(text: string | undefined): ExchangeName | undefined {
  return EXCHANGES.find((known) => known === text);
}

/** The venue that a venue's object is named after. */
function hostOf(exchange: ExchangeName, { LIQUIDATION_OBJECTS }: Pick<Layout, "LIQUIDATION_OBJECTS">): ExchangeName {
  return LIQUIDATION_OBJECTS.get(exchange) ?? exchange;
}

/** An object of feeds, by its name and the venue that it is named after and placed by. */
export interface FeedObject {
  readonly name: string;
  readonly host: ExchangeName;
}

/** The object of a venue. A location hint only counts when an object is created, hence the generation. */
export function feedObject(exchange: ExchangeName, layout: Layout): FeedObject {
  const host = hostOf(exchange, layout);
  return { name: `${host}@${layout.LIQUIDATION_PLACEMENT_GENERATION}`, host };
}

export function feedObjectName(exchange: ExchangeName, layout: Layout): string {
  return feedObject(exchange, layout).name;
}

/** Of the names of a venue's tables in an object: empty in the one that is named after it. */
export function tablePrefixOf(exchange: ExchangeName, objectName: string): string {
  return objectName.startsWith(`${exchange}@`) ? "" : `${exchange}_`;
}

/**
 * The objects that may have collected a venue before a change of the layout or the generation: its own, and those that
 * run now, of this generation and the one before.
 */
export function formerObjects(exchange: ExchangeName, layout: Layout): readonly FeedObject[] {
  const hosts = new Set([exchange, ...layout.LIQUIDATION_EXCHANGES.map((name) => hostOf(name, layout))]);
  const generations = [layout.LIQUIDATION_PLACEMENT_GENERATION, layout.LIQUIDATION_PLACEMENT_GENERATION - 1];
  return [...hosts]
    .flatMap((host) => generations.filter((generation) => generation >= 1).map((generation) => ({ name: `${host}@${generation}`, host })))
    .filter(({ name }) => name !== feedObjectName(exchange, layout));
}
