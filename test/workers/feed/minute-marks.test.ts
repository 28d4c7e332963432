import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import type { Instrument } from "../../../src/exchanges/exchange.ts";
import { MINUTE_MS, floorTo } from "../../../src/windows/calendar.ts";
import { until } from "../until.ts";
import { openFeed } from "./open-feed.ts";
import { ownVenues } from "./venue-control.ts";
import { emptyStorage } from "../empty-storage.ts";

/** Of no simulated contract, so that the test alone says what its market is. */
const LISTED: Instrument = {
  instrument: "XYZUSDT",
  symbol: "XYZ",
  quote: "USDT",
  scale: 1,
  contract: { kind: "base", size: 1 },
  trading: true,
};

afterEach(emptyStorage);

test("a feed stores its venue's mark of each minute with the spread, the volume and the funding rate of the contract", async () => {
  const venues = await ownVenues();
  const variables = { ...venues.variables, LIQUIDATION_SYMBOLS: "BTC,XYZ" };
  const feed = await openFeed({ exchange: "bybit", variables, listed: [LISTED] });
  await until("live", async () => (await feed.status()).state === "live");
  const minute = floorTo(Date.now(), MINUTE_MS);
  const send = (data: Readonly<Record<string, string>>) =>
    venues.send(
      "bybit",
      JSON.stringify({ topic: "tickers.XYZUSDT", type: "delta", data: { symbol: "XYZUSDT", ...data }, cs: 1, ts: minute }),
    );
  // The market beside a mark is the one known from frames before it.
  await send({ bid1Price: "99.99", ask1Price: "100.01", fundingRate: "0.0003", turnover24h: "1440000" });
  await send({ markPrice: "100" });
  await until("a mark", async () => {
    await feed.inside((one) => one.flush());
    return (await marks()).length > 0;
  });
  const [mark, ...others] = await marks();
  expect(others).toEqual([]);
  expect(mark).toEqual({
    minute,
    exchange: "bybit",
    close: 100,
    spread_bps: expect.closeTo(2, 9) as number,
    volume_usd: 1_000,
    funding_rate: 0.0003,
  });
});

test("marks that the database refuses, as between a migration and its new code, wait for the next round", async () => {
  const venues = await ownVenues();
  const feed = await openFeed({ exchange: "bybit", variables: { ...venues.variables, LIQUIDATION_SYMBOLS: "BTC,XYZ" }, listed: [LISTED] });
  await until("live", async () => (await feed.status()).state === "live");
  await env.DB.prepare("ALTER TABLE minute_marks RENAME TO migrated_marks").run();
  const minute = floorTo(Date.now(), MINUTE_MS) - 2 * MINUTE_MS;
  for (const [index, markPrice] of ["100", "101"].entries()) {
    const frame = {
      topic: "tickers.XYZUSDT",
      type: "delta",
      data: { symbol: "XYZUSDT", markPrice },
      cs: 1,
      ts: minute + index * MINUTE_MS,
    };
    await venues.send("bybit", JSON.stringify(frame));
  }
  for (let round = 0; round < 3; round += 1) await feed.inside((one) => one.flush());
  await env.DB.prepare("ALTER TABLE migrated_marks RENAME TO minute_marks").run();
  expect(await marks()).toEqual([]);
  await until("the marks of both minutes", async () => {
    await feed.inside((one) => one.flush());
    return (await marks()).length === 2;
  });
  expect((await marks()).map(({ minute: time, close }) => [time, close])).toEqual([
    [minute, 100],
    [minute + MINUTE_MS, 101],
  ]);
});

async function marks() {
  const sql = "SELECT minute, exchange, close, spread_bps, volume_usd, funding_rate FROM minute_marks WHERE symbol = 'XYZ'";
  return (await env.DB.prepare(sql).all()).results;
}
