import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { Sink, SinkName } from "../../../src/sink.ts";
import type { Env } from "../../../workers/env.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { r2Sink } from "../../../workers/sinks/r2.ts";
import { openFeed } from "../feed/open-feed.ts";
import { until } from "../until.ts";
import { ownVenues, type VenueControl } from "../feed/venue-control.ts";

/** Rows wait this long for the hub before they are sealed without it, and a failed sink at most this long again. */
const LATER_MS = 6_000;
const MUCH_LATER_MS = 400_000;

/** The sink, out of order while `broken`; every second write of an outage is stored and then reported as failed. */
function breakable(sink: Sink<Env>): { sink: Sink<Env>; broken: boolean; attempts: number } {
  const control = {
    broken: false,
    attempts: 0,
    sink: {
      ...sink,
      async write(...args: Parameters<Sink<Env>["write"]>) {
        control.attempts += 1;
        if (!control.broken) return sink.write(...args);
        if (control.attempts % 2 === 0) await sink.write(...args);
        throw new Error("out of order");
      },
    } satisfies Sink<Env>,
  };
  return control;
}

async function liquidateSome(venues: VenueControl, events: number): Promise<void> {
  for (let index = 0; index < events; index += 1) {
    await venues.liquidate("bybit", { symbol: "BTC", side: index % 2 === 0 ? "long" : "short", usd: 1_000 + index });
  }
}

async function rowsInR2(): Promise<number> {
  const { objects } = await env.BUCKET.list({ prefix: "liquidations/v1/", include: ["customMetadata"] });
  return objects.reduce((sum, object) => sum + Number(object.customMetadata?.rows), 0);
}

async function rowsInD1(): Promise<number> {
  return (await env.DB.prepare("SELECT count(*) AS n FROM liquidations").first<number>("n")) ?? 0;
}

describe.each<{ failing: SinkName; sinks: (bad: Sink<Env>) => readonly Sink<Env>[]; real: Sink<Env> }>([
  { failing: "r2", real: r2Sink, sinks: (bad) => [bad, d1Sink] },
  { failing: "d1", real: d1Sink, sinks: (bad) => [r2Sink, bad] },
])("while $failing is out of order", ({ failing, sinks, real }) => {
  test("the other store goes on, and afterwards both have every liquidation once", async () => {
    const before = { r2: await rowsInR2(), d1: await rowsInD1() };
    const venues = await ownVenues();
    const outage = breakable(real);
    const feed = await openFeed({ exchange: "bybit", variables: venues.variables, sinks: sinks(outage.sink) });
    await until("live", async () => (await feed.status()).state === "live");

    outage.broken = true;
    await liquidateSome(venues, 5);
    await until("5 events journaled", async () => (await feed.status()).events_total === 5);
    await feed.beat(LATER_MS);
    await liquidateSome(venues, 3);
    await until("8 events journaled", async () => (await feed.status()).events_total === 8);
    await feed.beat(LATER_MS + MUCH_LATER_MS);
    const during = await feed.status();
    expect(during.sinks[failing]).toMatchObject({ rows_stored: 0, backlog_rows: 8, last_error: "out of order" });
    expect(during.sinks[failing === "r2" ? "d1" : "r2"]).toMatchObject({ rows_stored: 8, backlog_rows: 0, last_error: null });
    expect(outage.attempts).toBeGreaterThanOrEqual(2);

    outage.broken = false;
    await feed.beat(LATER_MS + 3 * MUCH_LATER_MS);
    const after = await feed.status();
    expect(after.sinks[failing]).toMatchObject({ rows_stored: 8, backlog_rows: 0, backlog_batches: 0 });
    expect(await rowsInR2()).toBe(before.r2 + 8);
    expect(await rowsInD1()).toBe(before.d1 + 8);
    expect((await venues.sent("bybit")).length).toBe(8);
  });
});
