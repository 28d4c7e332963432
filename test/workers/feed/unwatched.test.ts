import { expect, test } from "vitest";
import { until } from "../until.ts";
import { openFeed } from "./open-feed.ts";
import { ownVenues } from "./venue-control.ts";

test("a new table that changes no subscription changes no connection, and its contracts are known at once", async () => {
  const venues = await ownVenues();
  const feed = await openFeed({ exchange: "okx", variables: venues.variables });
  await until("live", async () => (await feed.status()).state === "live");
  await until("the venue's table", async () => (await feed.status()).instruments.source === "rest");
  expect(await venues.connectCount("okx")).toBe(1);
});

test("a venue without a socket is not connected: its time is a gap, and status says why", async () => {
  const venues = await ownVenues();
  const feed = await openFeed({ exchange: "bybit", variables: { ...venues.variables, LIQUIDATION_SYMBOLS: "NOSUCH" } });
  await until("the venue's table", async () => (await feed.status()).instruments.source === "rest");
  const { state, sockets, open_gap, warnings } = await feed.status();
  expect({ state, sockets, open_gap }).toMatchObject({ state: "off", sockets: [], open_gap: { to_time: null, reason: "disconnected" } });
  expect(warnings).toEqual([expect.stringContaining("lists no trading contract of the configured symbols")]);
});
