import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import type { Instrument } from "../../../src/exchanges/exchange.ts";
import type { Impact, Sink } from "../../../src/sink.ts";
import type { Env } from "../../../workers/env.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { openFeed } from "./open-feed.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { until } from "../until.ts";
import { ownVenues, type VenueControl } from "./venue-control.ts";
import { emptyStorage } from "../empty-storage.ts";

/** Rows are sealed by then, with or without the hub. */
const SEALED_MS = 6_000;
/** 60 s for the last horizon, 5 s for late marks, and what the test itself took. */
const FINAL_MS = 90_000;
/** Of no simulated contract, so that the test alone says what its mark price is. */
const INSTRUMENT = "1000BTCUSDT";
const LISTED: Instrument = {
  instrument: INSTRUMENT,
  symbol: "BTC",
  quote: "USDT",
  scale: 1000,
  contract: { kind: "base", size: 1 },
  trading: true,
};

const config = parseConfig({});
const impact = (event_id: string, changes: Partial<Impact> = {}): Impact => ({
  event_id,
  event_time: DAY,
  impact_1s_bps: 1.5,
  impact_5s_bps: -2,
  impact_60s_bps: null,
  ...changes,
});

async function impactsInD1() {
  const sql =
    "SELECT event_id, position_side, impact_1s_bps, impact_5s_bps, impact_60s_bps FROM liquidations ORDER BY position_side, event_id";
  return (await env.DB.prepare(sql).all<Impact & { position_side: string }>()).results;
}

afterEach(emptyStorage);

async function sendMark(venues: VenueControl, price: number, time: number): Promise<void> {
  const data = { symbol: INSTRUMENT, markPrice: String(1000 * price) };
  await venues.send("bybit", JSON.stringify({ topic: `tickers.${INSTRUMENT}`, type: "delta", data, cs: 1, ts: time }));
}

async function sendLiquidation(venues: VenueControl, side: "Buy" | "Sell", time: number): Promise<void> {
  const data = [{ T: time, s: INSTRUMENT, S: side, v: "0.5", p: "99000" }];
  await venues.send("bybit", JSON.stringify({ topic: `allLiquidation.${INSTRUMENT}`, type: "snapshot", ts: time, data }));
}

/** One long and one short at the same moment, and a mark that falls by 1 % in a second and by 2 % in five, then rises. */
async function sendStory(venues: VenueControl): Promise<void> {
  const time = Date.now();
  await sendMark(venues, 100, time - 300);
  await sendLiquidation(venues, "Buy", time);
  await sendLiquidation(venues, "Sell", time);
  for (const [offset, price] of [
    [900, 99],
    [4_900, 98],
    [59_000, 101],
  ] as const)
    await sendMark(venues, price, time + offset);
}

const LONG = { position_side: "long", impact_1s_bps: 100, impact_5s_bps: 200, impact_60s_bps: -100 };
const SHORT = { position_side: "short", impact_1s_bps: -100, impact_5s_bps: -200, impact_60s_bps: 100 };
const UNKNOWN = { impact_1s_bps: null, impact_5s_bps: null, impact_60s_bps: null };

/** D1, whose impacts or rows fail while the test asks for it. */
function breakable() {
  const control = {
    rows: false,
    impacts: false,
    written: 0,
    sink: {
      ...d1Sink,
      async write(...args) {
        if (control.rows) throw new Error("out of order");
        return d1Sink.write(...args);
      },
      async writeImpacts(...args) {
        control.written += 1;
        if (control.impacts) throw new Error("out of order");
        await d1Sink.writeImpacts?.(...args);
      },
    } satisfies Sink<Env>,
  };
  return control;
}

async function openLive(sink: Sink<Env>) {
  const venues = await ownVenues();
  const feed = await openFeed({ exchange: "bybit", variables: venues.variables, sinks: [sink], listed: [LISTED] });
  await until("live", async () => (await feed.status()).state === "live");
  return { venues, feed };
}

describe("a feed", () => {
  test("stores an event at once and adds, a minute later, what the mark price did after it", async () => {
    const { venues, feed } = await openLive(d1Sink);
    await sendStory(venues);
    await until("2 events", async () => (await feed.status()).events_total === 2);
    await feed.beat(SEALED_MS);
    expect(await impactsInD1()).toMatchObject([UNKNOWN, UNKNOWN]);
    await feed.beat(FINAL_MS);
    expect(await impactsInD1()).toMatchObject([LONG, SHORT]);
  });

  test("whose sink takes no impacts goes on storing events, and tells them when it does", async () => {
    const outage = breakable();
    const { venues, feed } = await openLive(outage.sink);
    outage.impacts = true;
    await sendStory(venues);
    await until("2 events", async () => (await feed.status()).events_total === 2);
    await feed.beat(SEALED_MS);
    await venues.liquidate("bybit", { symbol: "ETH", side: "long", usd: 10_000 });
    await until("3 events", async () => (await feed.status()).events_total === 3);
    await feed.beat(FINAL_MS);
    await feed.beat(FINAL_MS + SEALED_MS);
    expect((await feed.status()).sinks.d1).toMatchObject({ rows_stored: 3, backlog_rows: 0, last_error: "impacts: out of order" });
    expect(outage.written).toBe(2);
    outage.impacts = false;
    await feed.beat(FINAL_MS + 2 * SEALED_MS);
    expect((await impactsInD1()).filter((row) => row.event_id.includes(INSTRUMENT))).toMatchObject([LONG, SHORT]);
    await feed.beat(FINAL_MS + 3 * SEALED_MS);
    expect(outage.written).toBe(3);
  });

  test("tells a sink no impact of a row that the sink does not have yet", async () => {
    const outage = breakable();
    const { venues, feed } = await openLive(outage.sink);
    outage.rows = true;
    await sendStory(venues);
    await until("2 events", async () => (await feed.status()).events_total === 2);
    await feed.beat(SEALED_MS);
    await feed.beat(FINAL_MS);
    expect(outage.written).toBe(0);
    outage.rows = false;
    await feed.beat(10 * FINAL_MS);
    expect(await impactsInD1()).toMatchObject([LONG, SHORT]);
  });
});

const store = (...eventIds: readonly string[]) =>
  d1Sink.write(env, config, sampleBatch(eventIds.map((event_id) => sampleLiquidation({ event_id }))));
const tell = (...impacts: readonly Impact[]) => d1Sink.writeImpacts?.(env, config, impacts);

describe("D1", () => {
  test("takes the same impacts again, passes over events it does not have, and leaves other events alone", async () => {
    await store("a", "b");
    await tell(impact("a"), impact("gone"));
    await tell(impact("a"), impact("gone"));
    expect(await impactsInD1()).toMatchObject([
      { event_id: "a", impact_1s_bps: 1.5, impact_5s_bps: -2, impact_60s_bps: null },
      { event_id: "b", ...UNKNOWN },
    ]);
  });

  test("does not lose a known value to one that is unknown", async () => {
    await store("a");
    await tell(impact("a"));
    await tell(impact("a", { impact_1s_bps: null, impact_60s_bps: 0 }));
    expect(await impactsInD1()).toMatchObject([{ impact_1s_bps: 1.5, impact_5s_bps: -2, impact_60s_bps: 0 }]);
  });

  test("keeps a row's other fields and its minute's totals", async () => {
    await store("a");
    const before = await env.DB.prepare("SELECT * FROM minute_totals").all();
    await tell(impact("a"));
    const row = await env.DB.prepare("SELECT * FROM liquidations").first();
    const { event_id: _id, event_time: _time, ...fields } = impact("a");
    expect(row).toEqual({ ...sampleLiquidation({ event_id: "a" }), ...fields });
    expect((await env.DB.prepare("SELECT * FROM minute_totals").all()).results).toEqual(before.results);
  });

  test("takes thousands in one telling", async () => {
    const names = Array.from({ length: 3_000 }, (_, index) => `binance:BTCUSDT:${DAY + index}:SELL:0.5:80000`);
    await store(...names);
    await tell(...names.map((name, index) => impact(name, { impact_60s_bps: index })));
    expect(await env.DB.prepare("SELECT count(impact_1s_bps) AS n, sum(impact_60s_bps) AS sum FROM liquidations").first()).toEqual({
      n: 3_000,
      sum: (2_999 * 3_000) / 2,
    });
  });

  test("that does not respond is an error, so that they are written again", async () => {
    await env.DB.exec("DROP TABLE liquidations");
    await expect(tell(impact("a"))).rejects.toThrow(/liquidations/);
  });
});
