import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import type { Env } from "../../../workers/env.ts";
import { feedStatuses, flushFeeds, journalCounts } from "../../../workers/feeds.ts";

const config = parseConfig({ ...env, LIQUIDATION_EXCHANGES: "okx,bybit" });

/** The bindings with the object of a venue that takes calls and never answers. */
function hanging(exchange: string): Env {
  const never = new Proxy({}, { get: () => () => new Promise(() => {}) });
  const namespace = env.EXCHANGE_FEED;
  const getByName: typeof namespace.getByName = (name, options) =>
    name.startsWith(exchange) ? (never as ReturnType<typeof namespace.getByName>) : namespace.getByName(name, options);
  return { ...env, EXCHANGE_FEED: { getByName } as typeof namespace };
}

test("a feed that hangs is reported as such beside the status of the others", async () => {
  const reports = await feedStatuses(hanging("okx"), config, 2_000);
  expect(reports).toEqual([
    { exchange: "bybit", status: expect.objectContaining({ exchange: "bybit" }), error: null },
    { exchange: "okx", status: null, error: "no response within 2 s" },
  ]);
});

test("a feed that hangs holds up neither a flush nor the counts of a day", async () => {
  expect(await flushFeeds(hanging("okx"), config, 500)).toEqual({ flushed: 1, failed: 1 });
  const counted = await journalCounts(hanging("okx"), config, "2026-11-20", 500);
  expect(counted.map(({ exchange }) => exchange)).toEqual(["bybit"]);
});
