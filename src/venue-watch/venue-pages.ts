import { exchanges } from "../exchanges/registry.ts";
import { EXCHANGES } from "../liquidation-fields.ts";
import { VENUES_WITHOUT_FEED } from "../exchanges/without-feed/venues-without-feed.ts";

/** The change log of each venue, by the venue's name. */
export const CHANGE_LOGS: ReadonlyMap<string, string> = new Map([
  ...Object.values(exchanges).flatMap(({ name, changeLog }) => (changeLog === null ? [] : [[name, changeLog] as const])),
  ...VENUES_WITHOUT_FEED.flatMap(({ probe, changeLog }) => (changeLog === null ? [] : [[probe.venue, changeLog] as const])),
]);

interface Watched {
  readonly LIQUIDATION_CHANGE_LOGS: ReadonlyMap<string, string>;
  readonly LIQUIDATION_EXCHANGES: readonly string[];
}

/** The change logs of the venues that are collected, and of those without a feed. */
export function watchedPages({ LIQUIDATION_CHANGE_LOGS, LIQUIDATION_EXCHANGES }: Watched): ReadonlyMap<string, string> {
  const isLeftOut = (venue: string) => EXCHANGES.some((name) => name === venue) && !LIQUIDATION_EXCHANGES.includes(venue);
  return new Map([...LIQUIDATION_CHANGE_LOGS].filter(([venue]) => !isLeftOut(venue)));
}

/** The base address of each venue that is asked whether it publishes liquidations by now. */
export const PROBED_ADDRESSES: ReadonlyMap<string, string> = new Map(VENUES_WITHOUT_FEED.map(({ probe }) => [probe.venue, probe.url]));

/**
 * Reads `venue=address` pairs, separated by commas; an address of `none` leaves the venue out, and `none` alone all of
 * them. Venues that are not named keep their default.
 * @returns null where a venue or an address is not allowed
 */
export function readVenueAddresses(text: string, defaults: ReadonlyMap<string, string>): ReadonlyMap<string, string> | null {
  if (text.trim().toLowerCase() === "none") return new Map();
  const addresses = new Map(defaults);
  for (const part of text.split(",").map((pair) => pair.trim())) {
    const [, name = "", address = ""] = /^([^=]+)=(.*)$/s.exec(part) ?? [];
    const venue = name.trim().toLowerCase();
    if (!defaults.has(venue)) return null;
    if (address.trim().toLowerCase() === "none") addresses.delete(venue);
    else if (isWebAddress(address.trim())) addresses.set(venue, address.trim());
    else return null;
  }
  return addresses;
}

function isWebAddress(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && (url.protocol === "https:" || url.protocol === "http:") && url.username === "" && url.hash === "";
}
