import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { publishingVenues } from "../../../src/exchanges/coverage.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";
import { quarterHourTotals } from "../../../workers/cron/quarter-hour-totals.ts";
import { RankingHistories, rankingHistoryRead } from "../../../workers/d1/ranking-history.ts";
import { emptyStorage } from "../empty-storage.ts";
import { MINUTE, store } from "../signals/signals-stage.ts";

afterEach(emptyStorage);

const config = parseConfig({});
const query = { publishing: publishingVenues(config), symbols: ["BTC"], longestMs: 15 * MINUTE_MS, time: MINUTE };

async function read(remembered: RankingHistories | null) {
  const { statements, valueOf } = rankingHistoryRead(env.DB, query, remembered);
  const results = await env.DB.batch<object>([...statements]);
  return { history: valueOf(results), rows: results.map((result) => result.results.length) };
}

test("a remembered history is read again once a quarter-hour is added, and what came late with it", async () => {
  const remembered = new RankingHistories();
  expect((await read(remembered)).history.quarterHours.get("BTC")).toEqual([]);
  await store([
    [200, 1_000],
    [20, 2_000],
  ]);
  await quarterHourTotals(env.DB, config, MINUTE);
  const { history } = await read(remembered);
  expect(history).toEqual((await read(null)).history);
  expect(history.quarterHours.get("BTC")?.[0]?.long).toBe(1_000);

  await store([[21, 500]]);
  const again = await read(remembered);
  expect(again.history).toBe(history);
  expect(again.rows).toEqual([0, 1, 0]);

  await quarterHourTotals(env.DB, config, MINUTE + 11 * MINUTE_MS);
  const later = await read(remembered);
  expect(later.history).toEqual((await read(null)).history);
  expect(later.history.end).toBe(history.end + 15 * MINUTE_MS);
  expect(later.history.quarterHours.get("BTC")?.map(({ long }) => long)).toContain(2_500);
});

test("few histories are remembered, the latest of them", () => {
  const remembered = new RankingHistories();
  const history = { end: 1, weights: new Map(), quarterHours: new Map() };
  for (let count = 0; count < 30; count++) remembered.set(`${count}`, history);
  expect(remembered.get("0")).toBeNull();
  expect(remembered.get("29")).toBe(history);
});
