import { expect, test } from "vitest";
import { until } from "../until.ts";
import { openFeed } from "./open-feed.ts";
import { ownVenues } from "./venue-control.ts";

test("as many rows as the buffer holds are stored at once, and the rest waits for the end of the interval", async () => {
  const venues = await ownVenues();
  const feed = await openFeed({ exchange: "bybit", variables: { ...venues.variables, LIQUIDATION_BUFFER_SIZE: "3" } });
  await until("live", async () => (await feed.status()).state === "live");
  for (let index = 0; index < 7; index += 1) await venues.liquidate("bybit", { symbol: "BTC", side: "long", usd: 1_000 + index });
  await until("7 events journaled", async () => (await feed.status()).events_total === 7);
  // No alarm comes here: only the tick of each second, which asking for the status stands in for.
  await until("two full batches stored", async () => {
    const { sinks } = await feed.status();
    return sinks.r2.rows_stored === 6 && sinks.d1.rows_stored === 6;
  });
  expect(await feed.status()).toMatchObject({ unsealed_rows: 1, sinks: { r2: { backlog_batches: 0 } } });
  await feed.beat(6_000);
  expect(await feed.status()).toMatchObject({ unsealed_rows: 0, sinks: { r2: { rows_stored: 7 }, d1: { rows_stored: 7 } } });
});
