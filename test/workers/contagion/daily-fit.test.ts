import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import { contagiousStreams } from "../../../scripts/market-simulation/contagious-streams.ts";
import { createRandom } from "../../../scripts/simulator/random.ts";
import { parseConfig } from "../../../src/config.ts";
import { CONTAGION_DAYS } from "../../../src/contagion/contagion.ts";
import { dailyFileKey } from "../../../src/daily/daily-keys.ts";
import type { Gap } from "../../../src/gap.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import { DAY_MS, HOUR_MS } from "../../../src/windows/calendar.ts";
import { fitNext } from "../../../workers/contagion/fit-next.ts";
import { apiClient } from "../api/api-client.ts";
import { publishDay } from "../daily/publish-day.ts";
import { emptyStorage } from "../empty-storage.ts";
import { DAY, sampleLiquidation } from "../sample-liquidation.ts";

const VENUES = ["bybit", "gate"] as const satisfies readonly ExchangeName[];
const NOW = DAY + 4 * HOUR_MS;
const START = DAY - CONTAGION_DAYS * DAY_MS;
const config = parseConfig({ LIQUIDATION_SYMBOLS: "BTC,ETH", LIQUIDATION_EXCHANGES: VENUES.join(",") });

afterEach(emptyStorage);

/** Two weeks in which BTC on the first venue triggers BTC on the second. */
async function publishDays(days: number, gaps: readonly Gap[] = []): Promise<void> {
  const times = contagiousStreams(
    {
      streams: VENUES.length,
      days: CONTAGION_DAYS,
      ownPerDay: 60,
      triggers: [{ from: 0, to: 1, ratio: 0.8, delayS: 3, memoryS: 4 }],
      drift: { deviation: 0, timeS: 1 },
      shocks: { perDay: 0, withinS: 0 },
    },
    createRandom(1, "daily fit"),
  );
  const rows = times.flatMap((own, venue) =>
    own.map((time, index) =>
      sampleLiquidation({ event_id: `${venue} ${index}`, exchange: VENUES[venue] ?? "bybit", event_time: START + time }),
    ),
  );
  for (let day = DAY - days * DAY_MS; day < DAY; day += DAY_MS) {
    const own = rows.filter(({ event_time: time }) => time >= day && time < day + DAY_MS);
    await publishDay(
      own.toSorted((a, b) => a.event_time - b.event_time),
      day,
      gaps,
    );
  }
}

const ask = async (symbol: string, now = NOW) =>
  (await apiClient(now, { LIQUIDATION_SYMBOLS: "BTC,ETH", LIQUIDATION_EXCHANGES: VENUES.join(",") })(`/v1/contagion?symbol=${symbol}`)).body
    .data;

async function fitAll(): Promise<number> {
  for (let steps = 1; ; steps += 1) if (!(await fitNext(env, config, NOW)).more) return steps;
}

test("14 whole days give a matrix, a base asset a step; what does not beat its null is null, and so is an asset without events", async () => {
  await publishDays(CONTAGION_DAYS);
  expect(await fitAll()).toBe(2);
  const btc = await ask("BTC");
  expect(btc).toMatchObject({ symbol: "BTC", start_time: START, end_time: DAY, withheld: null, covered_share: 1, from_btc: null });
  const entry = (from: string, to: string) =>
    btc.entries.find((one: Record<string, unknown>) => one.from_exchange === from && one.to_exchange === to);
  expect(entry("bybit", "gate")).toMatchObject({ reason: null, floor_ms: 1_500, outweighs_reverse: true });
  expect(entry("bybit", "gate").ratio).toBeGreaterThan(0.6);
  expect(entry("gate", "bybit")).toMatchObject({ reason: "not_beyond_chance", ratio: null, share_of_events: null, delay_s: null });
  expect((await ask("ETH")).withheld).toMatchObject({ reason: "too_few_venues" });
  // Fits of four days ago are not served.
  expect(await ask("BTC", NOW + 4 * DAY_MS)).toMatchObject({ withheld: { reason: "not_fitted" }, entries: [] });
  // Again does nothing.
  expect(await fitNext(env, config, NOW)).toEqual({ more: false, record: { symbols: [] } });
});

test("13 days are withheld, and so is a base asset that was never fitted", async () => {
  expect((await ask("BTC")).withheld).toMatchObject({ reason: "not_fitted" });
  await publishDays(CONTAGION_DAYS - 1);
  // A file without its manifest is no day.
  await env.BUCKET.put(dailyFileKey("2026-11-06"), "no Parquet");
  expect(await fitAll()).toBe(1);
  expect(await ask("BTC")).toMatchObject({
    withheld: { reason: "days_missing", detail: expect.stringContaining("2026-11-06") },
    entries: [],
    spectral_radius: null,
  });
});

test("a gap through the window leaves its venue out, and without a second venue nothing is said", async () => {
  await publishDays(CONTAGION_DAYS, [{ exchange: "gate", from_time: START, to_time: START + 3 * DAY_MS, reason: "disconnected" }]);
  await fitAll();
  const { withheld, venues, entries } = await ask("BTC");
  expect(withheld).toMatchObject({ reason: "too_few_venues" });
  expect(entries).toEqual([]);
  expect(venues.find(({ exchange }: { exchange: string }) => exchange === "gate")).toMatchObject({ left_out: "gaps" });
});
