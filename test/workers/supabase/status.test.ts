import { beforeAll, expect, test } from "vitest";
import { supabaseSink } from "../../../workers/sinks/supabase.ts";
import { apiClient } from "../api/api-client.ts";
import { openFeed } from "../feed/open-feed.ts";
import { type OwnSupabase, ownSupabase } from "./supabase-stack.ts";
import { until } from "../until.ts";
import { ownVenues } from "../feed/venue-control.ts";

/** Rows wait this long for the hub before they are sealed without it. */
const SEALED_MS = 6_000;

let supabase: OwnSupabase;
beforeAll(async () => {
  supabase = await ownSupabase();
});

/** A feed that has one liquidation to send to Supabase, and what `/v1/status` says of it. */
async function feedWithOne(changes: Readonly<Record<string, string>>) {
  const venues = await ownVenues();
  const feed = await openFeed({
    exchange: "bybit",
    variables: { ...venues.variables, ...supabase.variables, ...changes },
    sinks: [supabaseSink],
  });
  await until("live", async () => (await feed.status()).state === "live");
  await venues.liquidate("bybit", { symbol: "BTC", side: "long", usd: 50_000 });
  await until("journaled", async () => (await feed.status()).events_total === 1);
  const sinkStatus = async () => {
    const status = await feed.status();
    const get = apiClient(Date.now(), {}, () => Promise.resolve([{ exchange: "bybit", status, error: null }]));
    const { body } = await get("/v1/status");
    return body.data.exchanges.find((venue: { exchange: string }) => venue.exchange === "bybit").sinks.supabase;
  };
  return { feed, sinkStatus };
}

test("status says that the key is wrong, keeps the rows and shows no key", async () => {
  const { feed, sinkStatus } = await feedWithOne({ SUPABASE_SECRET_KEY: "sb_secret_wrong" });
  await feed.beat(SEALED_MS);
  const status = await sinkStatus();
  expect(status).toMatchObject({ rows_stored: 0, backlog_rows: 1, last_error: expect.stringMatching(/rejects SUPABASE_SECRET_KEY.*401/) });
  expect(JSON.stringify(status)).not.toContain("sb_secret_wrong");
});

test("status says which migration is missing, and the row goes out once it is applied", async () => {
  await supabase.alter("alter table liquidation_events rename to away");
  const { feed, sinkStatus } = await feedWithOne({});
  await feed.beat(SEALED_MS);
  expect(await sinkStatus()).toMatchObject({
    backlog_rows: 1,
    last_error: expect.stringMatching(/liquidation_events is missing: apply 0001_liquidation_events\.sql with npm run supabase:migrate/),
  });
  await supabase.alter("alter table away rename to liquidation_events");
  await feed.beat(600_000);
  expect(await sinkStatus()).toMatchObject({ rows_stored: 1, backlog_rows: 0 });
  expect(await supabase.query("select exchange from liquidation_events")).toEqual([{ exchange: "bybit" }]);
});
