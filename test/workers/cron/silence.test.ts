import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { DAY_MINUTES, simulatedAssetDays, simulatedDays } from "../../../scripts/market-simulation/silence-run.ts";
import { parseConfig } from "../../../src/config.ts";
import type { FeedStatus } from "../../../src/feed-status.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../../../src/windows/calendar.ts";
import { type FeedReport, feedStatuses, flushFeeds } from "../../../workers/feeds.ts";
import { fitSilences } from "../../../workers/silence/fit-silences.ts";
import { watchSilence } from "../../../workers/silence/watch-silence.ts";
import { hubOf } from "../../../durable-objects/market-hub/hub-of.ts";
import { silenceEntry } from "../../../src/stream/log-entry.ts";
import { withRowMeter } from "../../../workers/d1/row-meter.ts";
import { writeFittedVenue, writeSilenceState } from "../../../workers/d1/silence-rows.ts";
import { apiClient } from "../api/api-client.ts";
import { workerVenues } from "../feed/venue-control.ts";
import { sampleFeedStatus } from "../sample-feed-status.ts";
import { DAY } from "../sample-liquidation.ts";
import { workerEnv } from "../signals/signals-stage.ts";
import { openClient } from "../stream/stream-client.ts";
import { until } from "../until.ts";

const config = parseConfig({ ...env, LIQUIDATION_EXCHANGES: "binance,bybit,okx,gate" });
const HISTORY_DAYS = 7;
/** Always the same: what is simulated before it, and so how soon a silence is suspect, depends on the hour of the day. */
const START = DAY + 8 * HOUR_MS + 45 * MINUTE_MS;

async function storeHistory(simulated: typeof simulatedDays): Promise<void> {
  const from = floorTo(START, HOUR_MS) - HISTORY_DAYS * DAY_MS;
  const minutes = simulated(5, from, HISTORY_DAYS);
  const insert = env.DB.prepare("INSERT OR REPLACE INTO silence_hours (hour, minutes) VALUES (?1, ?2)");
  const hours = Array.from({ length: (HISTORY_DAYS * DAY_MINUTES) / 60 }, (_, hour) =>
    insert.bind(from + hour * HOUR_MS, JSON.stringify(minutes.slice(60 * hour, 60 * hour + 60))),
  );
  await env.DB.batch(hours);
}

const binanceNow = async () => (await feedStatuses(workerEnv, { ...config, LIQUIDATION_EXCHANGES: ["binance"] }))[0]?.status;

/** A minute in which it is stale, as it may be for a moment on a busy machine, would not be judged. */
async function liveBinance(): Promise<FeedStatus> {
  for (;;) {
    await until("Binance is live", async () => (await binanceNow())?.state === "live");
    const status = await binanceNow();
    if (status?.state === "live") return status;
  }
}

/** The real feed of Binance, live and connected for hours, beside venues with 40 liquidations a minute. */
async function reportsAfter(minutes: number): Promise<readonly FeedReport[]> {
  const status = await liveBinance();
  const others = (["bybit", "okx", "gate"] as const).map((exchange): FeedReport => {
    const delivered: Partial<FeedStatus> = { exchange, state: "live", since: 0, open_gap: null, delivered_total: 40 * minutes };
    return { exchange, status: sampleFeedStatus(delivered), error: null };
  });
  return [{ exchange: "binance", status: { ...status, since: 0 }, error: null }, ...others];
}

test("a venue that acknowledges and sends nothing while others are busy is suspect within minutes, a gap until it delivers, and then cleared", async () => {
  const venues = workerVenues();
  await liveBinance();
  await until("nothing is missing", async () => (await binanceNow())?.open_gap === null, 20_000);
  await storeHistory(simulatedDays);
  await flushFeeds(workerEnv, config);
  // The venue was not connected in the history: that gap would leave nothing to fit.
  await env.DB.prepare("DELETE FROM gaps").run();
  expect(await fitSilences(env.DB, config, START)).toMatchObject({ fitted: "binance", withheld: null });

  const published: string[] = [];
  const run = async (minute: number) => {
    const record = await watchSilence(workerEnv, config, await reportsAfter(minute), START + minute * MINUTE_MS);
    published.push(...record.published);
  };
  let minutes = 0;
  for (await run(0); published.length === 0 && minutes < 20; minutes += 1) await run(minutes + 1);
  expect(published).toEqual([`feed.suspect:binance:${START}`]);
  expect(minutes, "minutes of silence").toBeLessThan(10);
  expect((await binanceNow())?.open_gap, "its socket and its mark prices are as live as ever").toMatchObject({
    exchange: "binance",
    to_time: null,
    reason: "suspect",
  });
  const status = await apiClient(Date.now())("/v1/status");
  expect(status.body.data.silence.find((one: { exchange: string }) => one.exchange === "binance")).toMatchObject({
    state: "suspect",
    reason: null,
    silent_since: START,
    others_events: 120 * minutes,
  });
  await run(minutes + 1);
  expect(published, "it is published once").toHaveLength(1);

  await venues.liquidate("binance", { symbol: "BTC", side: "long", usd: 50_000 });
  // What base assets are judged by.
  await until("the liquidation", async () => (await binanceNow())?.delivered_symbols?.["BTC"] === 1);
  await until("it ends the gap", async () => (await binanceNow())?.open_gap === null);
  await run(minutes + 2);
  expect(published).toEqual([`feed.suspect:binance:${START}`, `feed.cleared:binance:${START}`]);
  await flushFeeds(workerEnv, { ...config, LIQUIDATION_EXCHANGES: ["binance"] });
  const gaps = await env.DB.prepare("SELECT from_time, to_time FROM gaps WHERE exchange = 'binance' AND reason = 'suspect'").all();
  expect(gaps.results).toEqual([{ from_time: expect.any(Number), to_time: expect.any(Number) }]);
});

test("a run that comes late or twice judges nothing again", async () => {
  const again = await watchSilence(workerEnv, config, await reportsAfter(0), START);
  expect(again).toEqual({ suspect: [], published: [] });
});

test("a venue without days of minutes is withheld with the reason", async () => {
  const status = await apiClient(Date.now())("/v1/status");
  const htx = status.body.data.silence.find((one: { exchange: string }) => one.exchange === "htx");
  expect(htx).toMatchObject({ state: "withheld", reason: "no days of its minutes are stored yet", silence_probability: null });
});

async function storedSymbolGaps(): Promise<readonly object[]> {
  return (await env.DB.prepare("SELECT exchange, contract, from_time, to_time, reason FROM contract_gaps").all()).results;
}

test("a base asset that a venue no longer sends is suspect, a gap of its own until it is delivered, and then cleared", async () => {
  await env.DB.batch(["silence_state", "silence_models", "gaps"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
  await storeHistory(simulatedAssetDays);
  const withheld = { fitted_time: START, minutes: 0, model: null, averages: null, withheld: "not what the test is about" };
  for (const exchange of config.LIQUIDATION_EXCHANGES) await writeFittedVenue(env.DB, { exchange, ...withheld });
  const before = { time: START - 60 * MINUTE_MS, delivered: {}, recent: [], venues: {} };
  await writeSilenceState(env.DB, { ...before, assets: { tracked: ["BTC"], delivered: {}, silences: {} } }, null);
  const fits = [];
  for (let run = 0; run < 5; run += 1) fits.push(await fitSilences(env.DB, config, START));
  const fitted = { withheld: null, minutes: expect.any(Number) };
  expect(fits).toMatchObject([{ fitted: "binance BTC", ...fitted }, { fitted: "bybit BTC", ...fitted }, {}, {}, { fitted: null }]);

  const [client, other] = await Promise.all([openClient("?symbol=BTC"), openClient("?symbol=ETH")]);
  await Promise.all([client.first("snapshot"), other.first("snapshot")]);
  const published: string[] = [];
  const run = async (minute: number, binance: number) => {
    const all = config.LIQUIDATION_EXCHANGES.map((exchange): FeedReport => {
      const btc = exchange === "binance" ? binance : 100 + 10 * minute;
      const delivered = { delivered_total: btc + 20 * minute, delivered_symbols: { BTC: btc, ETH: 20 * minute } };
      return { exchange, status: sampleFeedStatus({ exchange, state: "live", since: 0, open_gap: null, ...delivered }), error: null };
    });
    const record = await watchSilence(workerEnv, config, all, START + minute * MINUTE_MS);
    published.push(...record.published);
    return record.suspect;
  };
  let minutes = 0;
  for (await run(0, 100); published.length === 0 && minutes < 120; minutes += 1) await run(minutes + 1, 100);
  expect(published).toEqual([`feed.suspect:binance:BTC:${START}`]);
  const { data } = (await apiClient(Date.now())("/v1/status")).body;
  const silence = data.silence.find((one: { exchange: string }) => one.exchange === "binance");
  expect(silence).toMatchObject({ state: "withheld", assets: [{ symbol: "BTC", state: "suspect", silent_since: START }] });
  const gap = { exchange: "binance", contract: "BTC", from_time: START, reason: "suspect" };
  expect(await storedSymbolGaps()).toEqual([{ ...gap, to_time: null }]);
  expect(await run(minutes + 1, 100)).toEqual(["binance BTC"]);
  expect(await run(minutes + 2, 101)).toEqual([]);
  expect(published).toEqual([`feed.suspect:binance:BTC:${START}`, `feed.cleared:binance:BTC:${START}`]);
  const end = START + (minutes + 2) * MINUTE_MS;
  expect(await storedSymbolGaps()).toEqual([{ ...gap, to_time: end }]);

  await until("its end in the stream", () => client.of("silence").length === 2);
  const shown = { exchange: "binance", symbol: "BTC", since: START, suspect_time: START + minutes * MINUTE_MS };
  expect(client.of("silence")).toMatchObject([
    { change: "suspect", data: { ...shown, cleared_time: null, cleared_reason: null } },
    { change: "cleared", data: { ...shown, cleared_time: end, cleared_reason: "delivered" } },
  ]);
  expect(other.of("silence"), "not of its base asset").toEqual([]);
  client.close();
  other.close();
});

test("a silence that the hub did not take is handed to it again by the next run, and is in the stream once", async () => {
  await env.DB.batch(["silence_state", "silence_models", "contract_gaps"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
  const evidence = { own: { events: 0, expected: 0 }, logEvidence: 9, silentMinutes: 9, surprise: 9 };
  const silences = { okx: { SOL: { ...evidence, since: START, othersEvents: 9, suspectTime: START } } };
  const assets = { tracked: ["SOL"], delivered: {}, silences };
  await writeSilenceState(env.DB, { delivered: {}, recent: [], venues: {}, time: START, assets }, null);
  const client = await openClient("?channels=silence");
  await client.first("snapshot");
  const okx = { ...config, LIQUIDATION_EXCHANGES: ["okx"] as const };
  const unlisted = sampleFeedStatus({ exchange: "okx", state: "live", since: 0, open_gap: null, delivered_symbols: { SOL: null } });
  const run = (bindings: typeof workerEnv, minute: number) =>
    watchSilence(bindings, okx, [{ exchange: "okx", status: unlisted, error: null }], START + minute * MINUTE_MS);
  const failing = { getByName: () => ({ noteEntries: () => Promise.reject(new Error("no hub")) }) };
  const withoutHub = { ...workerEnv, MARKET_HUB: failing as unknown as typeof workerEnv.MARKET_HUB };
  expect(await run(withoutHub, 1)).toMatchObject({ published: [`feed.cleared:okx:SOL:${START}`] });
  expect(await run(withoutHub, 2)).toMatchObject({ published: [] });
  await run(workerEnv, 3);
  await run(workerEnv, 4);
  await until("the silence", () => client.of("silence").length > 0);
  const { data } = client.of("silence")[0];
  expect(data).toMatchObject({ exchange: "okx", symbol: "SOL", since: START, cleared_time: START + MINUTE_MS, cleared_reason: "unlisted" });
  await hubOf(workerEnv, okx).noteEntries([silenceEntry(data)]);
  expect(client.of("silence")).toHaveLength(1);
  client.close();
});

async function openSymbolGaps(): Promise<readonly string[]> {
  const open = await env.DB.prepare("SELECT exchange || ' ' || contract AS name FROM contract_gaps WHERE to_time IS NULL").all<{
    name: string;
  }>();
  return open.results.map(({ name }) => name).toSorted();
}

test("a gap of a base asset that is no silence of the state ends in the next run, and an asset that is unlisted is cleared", async () => {
  await env.DB.batch(["silence_state", "silence_models", "contract_gaps"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
  const insert = env.DB.prepare("INSERT INTO contract_gaps (exchange, contract, from_time, reason) VALUES (?1, ?2, ?3, ?4)");
  const gaps = [
    ["binance", "BTC", "suspect"],
    ["okx", "BTC", "suspect"],
    ["okx", "BTC-USDT-SWAP", "not_subscribed"],
  ];
  await env.DB.batch(gaps.map(([exchange, contract, reason]) => insert.bind(exchange, contract, START, reason)));
  const evidence = { own: { events: 0, expected: 0 }, logEvidence: 9, silentMinutes: 9, surprise: 9 };
  const silences = { okx: { BTC: { ...evidence, since: START, othersEvents: 9, suspectTime: START } } };
  const state = { delivered: {}, recent: [], venues: {} };
  await writeSilenceState(env.DB, { ...state, time: START, assets: { tracked: ["BTC"], delivered: {}, silences } }, null);
  expect(await openSymbolGaps(), "binance is no longer suspect").toEqual(["okx BTC", "okx BTC-USDT-SWAP"]);
  await writeSilenceState(env.DB, { ...state, time: START - MINUTE_MS }, null);
  expect(await openSymbolGaps(), "a late run ends none").toHaveLength(2);

  const { env: metered, meter } = withRowMeter(workerEnv);
  const okx = { ...config, LIQUIDATION_EXCHANGES: ["okx"] as const };
  const run = (minute: number, status: FeedReport["status"]) =>
    watchSilence(metered, okx, [{ exchange: "okx", status, error: null }], START + minute * MINUTE_MS);
  expect(await run(1, null)).toEqual({ suspect: ["okx BTC"], published: [] });
  expect(meter.counts.rows_written, "the state alone").toBe(1);
  const unlisted = sampleFeedStatus({ exchange: "okx", state: "live", since: 0, open_gap: null, delivered_symbols: { BTC: null } });
  expect(await run(2, unlisted)).toEqual({ suspect: [], published: [`feed.cleared:okx:BTC:${START}`] });
  expect(await openSymbolGaps()).toEqual(["okx BTC-USDT-SWAP"]);

  await insert.bind("okx", "BTC", START + MINUTE_MS, "suspect").run();
  await writeSilenceState(env.DB, { ...state, time: START + 3 * MINUTE_MS }, null);
  expect(await openSymbolGaps(), "older code left a state without assets").toEqual(["okx BTC-USDT-SWAP"]);
});
