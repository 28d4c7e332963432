import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { Liquidation } from "../../../src/liquidation.ts";
import { hourTotals } from "../../../workers/cron/hour-totals.ts";
import { openFeed } from "./open-feed.ts";
import { until } from "../until.ts";
import { ownVenues } from "./venue-control.ts";

const HOUR_MS = 3_600_000;
/** A row waits this long for the hub, then it is sealed and carried in the same beat. */
const SEALED_MS = 6_000;

const all = async (sql: string) => (await env.DB.prepare(sql).all()).results;
const topicsOf = (frames: readonly { readonly text: string }[]) =>
  frames.map(({ text }) => text).filter((text) => text.includes("/execution:"));

describe("KuCoin's feed", () => {
  test("with KUCOIN_INFERRED journals a sweep with its fall of open interest, as inferred, outside every sum", async () => {
    // A large voluntary close looks the same and is inferred too, so here is none: the only taker is the liquidated one.
    const venues = await ownVenues({ kucoin: { tradesPerSecond: 0 } });
    const feed = await openFeed({ exchange: "kucoin", variables: { ...venues.variables, KUCOIN_INFERRED: "true" } });
    await until("both sockets live", async () => (await feed.status()).sockets.every(({ state }) => state === "live"));
    // Live is the socket whose marks arrive; the trades are asked for in a later frame.
    await until("the trades asked for", async () => topicsOf(await venues.received("kucoin")).length > 0);
    expect(topicsOf(await venues.received("kucoin"))).toHaveLength(1);
    // The open interest before the sweep has to be known too.
    await until("an inferred event", async () => {
      await venues.liquidate("kucoin", { symbol: "BTC", side: "long", usd: 900_000 });
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      return (await feed.status()).inferred_total > 0;
    });
    await feed.beat(SEALED_MS);
    const sweeps = new Map((await venues.ledger("kucoin")).map((event) => [event.key, event]));
    const rows = (await all("SELECT * FROM liquidations")) as unknown as Liquidation[];
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      const sweep = sweeps.get(row.event_id.replace("kucoin:XBTUSDTM:inferred:", ""));
      expect(sweep).toMatchObject({ position_side: "long" });
      expect(row).toMatchObject({ exchange: "kucoin", symbol: "BTC", coverage: "inferred", source: "stream", position_side: "long" });
      expect(row.quantity).toBeCloseTo(sweep?.quantity ?? 0, 1);
      expect(row.mark_price).toBeGreaterThan(0);
      expect(row.cum_usd_1m).toBeNull();
      expect(await feed.inside((one) => one.frameOf(row.event_id)), "its trades came in frames that are not kept").toBeNull();
    }
    await hourTotals(env.DB, Date.now() + 2 * HOUR_MS);
    expect(await all("SELECT * FROM minute_totals")).toEqual([]);
    expect(await all("SELECT * FROM hour_totals")).toEqual([]);
    expect(await feed.status()).toMatchObject({
      coverage: "none",
      inferred: true,
      inferred_total: rows.length,
      events_total: rows.length,
      events_today: 0,
      symbols: {},
      rejects: 0,
    });
  });

  test("without it asks for no trades and journals nothing, whatever happens on the venue", async () => {
    const venues = await ownVenues();
    const feed = await openFeed({ exchange: "kucoin", variables: venues.variables });
    await until("both sockets live", async () => (await feed.status()).sockets.every(({ state }) => state === "live"));
    await venues.liquidate("kucoin", { symbol: "BTC", side: "long", usd: 900_000 });
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(topicsOf(await venues.received("kucoin"))).toEqual([]);
    expect(await feed.status()).toMatchObject({ coverage: "none", inferred: false, inferred_total: 0, events_total: 0 });
  });
});
