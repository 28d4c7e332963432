import { expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { VENUES_WITHOUT_FEED } from "../../../src/exchanges/without-feed/venues-without-feed.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { CHANGE_LOGS, readVenueAddresses, watchedPages } from "../../../src/venue-watch/venue-pages.ts";

test("every venue has a change log that is watched by default: the collected ones, and those without a feed", () => {
  const names = new Set([...EXCHANGES, ...VENUES_WITHOUT_FEED.map(({ probe }) => probe.venue)]);
  expect([...CHANGE_LOGS.keys()].toSorted()).toEqual([...names].toSorted());
  for (const address of CHANGE_LOGS.values()) expect(address).toMatch(/^https:\/\//);
  const watched = watchedPages(parseConfig({ LIQUIDATION_EXCHANGES: "okx,kucoin" }));
  expect([...watched.keys()].toSorted()).toEqual(["bingx", "hyperliquid", "kucoin", "mexc", "okx"]);
});

test("a pair replaces an address or leaves a venue out, and none leaves out all", () => {
  const defaults = new Map([
    ["a", "https://a.test"],
    ["b", "https://b.test"],
  ]);
  const page = "https://c.test/log?x=1";
  expect(readVenueAddresses(`A=${page}`, defaults)).toEqual(new Map([...defaults, ["a", page]]));
  expect(readVenueAddresses("b=none", defaults)).toEqual(new Map([["a", "https://a.test"]]));
  expect(readVenueAddresses("none", defaults)).toEqual(new Map());
  for (const wrong of ["c=https://a.test", "a", "a=", "a=ftp://a.test", "a=https://user@a.test", "a=https://a.test,,b=none"]) {
    expect(readVenueAddresses(wrong, defaults), wrong).toBeNull();
  }
  expect(() => parseConfig({ LIQUIDATION_PROBES: "okx=https://a.test" })).toThrow(
    /LIQUIDATION_PROBES is .*allowed: none, or venue=address/,
  );
});
