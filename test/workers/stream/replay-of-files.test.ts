import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import type { StreamFilter } from "../../../src/stream/filter.ts";
import { DAY_MS, MINUTE_MS, floorTo } from "../../../src/windows/calendar.ts";
import { dailyFiles } from "../../../workers/cron/daily-files.ts";
import type { Env } from "../../../workers/env.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { r2Sink } from "../../../workers/sinks/r2.ts";
import { replayDependencies } from "../../../workers/stream/replay/start-replay.ts";
import { replay } from "../../../workers/stream/replay/replay-stream.ts";
import { sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { until } from "../until.ts";
import { hub, openClient } from "./stream-client.ts";

const config = parseConfig({});
const NOW = Date.now();
const MIDNIGHT = floorTo(NOW, DAY_MS);
const FILTER: StreamFilter = { channels: ["liquidation"], symbols: ["BTC"], exchanges: null, side: null, min_usd: null, inferred: false };

const at = (id: string, time: number, symbol = "BTC") =>
  sampleLiquidation({ event_id: `binance:BTCUSDT:${id}`, event_time: time, received_time: time + 200, symbol });

test("a replay goes from a daily file over D1 and the log into live, with each event once and in order", async () => {
  const filed = [at("a", MIDNIGHT - 9 * MINUTE_MS), at("eth", MIDNIGHT - 8 * MINUTE_MS, "ETH"), at("b", MIDNIGHT - 1)];
  const before = at("before", MIDNIGHT - 30 * MINUTE_MS);
  const stored = [at("c", MIDNIGHT), at("d", MIDNIGHT + 1)];
  // In D1 and in the log.
  const both = [at("e", NOW)];
  for (const sink of [r2Sink, d1Sink]) await sink.write(env, config, sampleBatch([before, ...filed]));
  expect(await dailyFiles(env, config, MIDNIGHT + DAY_MS - 1, { journals: async () => [] })).toMatchObject({
    published: [expect.any(String)],
  });
  await env.DB.prepare("DELETE FROM liquidations").run();
  await env.DB.prepare("UPDATE hot_events SET from_time = ?").bind(MIDNIGHT).run();
  await d1Sink.write(env, config, { ...sampleBatch([...stored, ...both]), sequence: 2 });
  await hub().observe([...both, at("f", NOW)]);

  let ahead = 0;
  const now = () => Date.now() + ahead;
  const sleep = async (ms: number) => {
    ahead += ms;
  };
  const sent: string[] = [];
  const sink = {
    isOpen: true,
    async send(type: string, _id: string | null, json: string) {
      if (type !== "liquidation") sent.push(type);
      else sent.push((JSON.parse(json) as { data: { event_id: string } }).data.event_id.split(":").at(-1) ?? "");
      return true;
    },
    beat: () => undefined,
    close: () => undefined,
  };
  const deps = { ...replayDependencies(env as unknown as Env, config, FILTER), now, sleep };
  const cursor = await replay(deps, { from: MIDNIGHT - 10 * MINUTE_MS, speed: 1_000, filter: FILTER }, sink);
  expect(sent).toEqual(["hello", "a", "b", "c", "d", "e", "f", "live", "snapshot"]);

  await hub().observe([at("g", NOW)]);
  const client = await openClient(`?channels=liquidation&symbol=BTC&last_event_id=${cursor}`);
  await hub().observe([at("h", NOW)]);
  const ids = () => client.of("liquidation").map(({ data }) => data.event_id.split(":").at(-1));
  await until("what followed the replay", () => ids().length === 2);
  expect(ids()).toEqual(["g", "h"]);
  expect(await client.first("hello")).toMatchObject({ resumed: "complete" });
  client.close();
});
