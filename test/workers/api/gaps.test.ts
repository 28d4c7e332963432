import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import type { ContractGap, FilledGap, Gap } from "../../../src/gap.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { writeSymbolGap } from "../../../workers/d1/silence-rows.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { DAY } from "../sample-liquidation.ts";
import { apiClient } from "./api-client.ts";
import { emptyStorage } from "../empty-storage.ts";

const NOW = DAY + 10 * HOUR_MS + 30 * MINUTE_MS;
const get = apiClient(NOW);

afterEach(emptyStorage);

async function store(gaps: readonly Gap[]): Promise<void> {
  for (const [exchange, own] of Map.groupBy(gaps, (one) => one.exchange)) {
    await d1Sink.writeNotes?.(env, { exchange, gaps: own, minuteMarks: [] });
  }
}

function gap(exchange: ExchangeName, from: number, to: number | null, reason: Gap["reason"] = "disconnected"): FilledGap {
  return { exchange, from_time: from, to_time: to, reason, filled_events: 3 };
}

function ofContract(contract: string, from: number, to: number | null): ContractGap {
  return { exchange: "bybit", from_time: from, to_time: to, reason: "not_subscribed", contract };
}

async function listed(query: string): Promise<readonly Gap[]> {
  return (await get(`/v1/gaps${query}`)).body.data;
}

test("gaps are listed newest first, by venue and by reason, whole where they reach out of the range", async () => {
  const old = gap("okx", DAY - 2 * HOUR_MS, DAY + HOUR_MS, "blocked");
  const short = gap("bybit", DAY + 2 * HOUR_MS, DAY + 2 * HOUR_MS + 5_000);
  const open = gap("okx", DAY + 9 * HOUR_MS, null, "silent");
  await store([old, short, open, gap("okx", 0, DAY - 20 * DAY_MS, "not_started")]);
  expect(await listed("")).toEqual([open, short, old]);
  expect(await listed("?exchange=okx")).toEqual([open, old]);
  expect(await listed("?reason=blocked")).toEqual([old]);
  expect(await listed(`?start=${DAY}&end=${DAY + HOUR_MS}`)).toEqual([old]);
  expect(await listed(`?start=${DAY + HOUR_MS}&end=${DAY + 2 * HOUR_MS}`)).toEqual([]);
});

test("gaps that overlap a range are found once, wherever it lies among them", async () => {
  const start = DAY - 100 * DAY_MS;
  const gaps = Array.from({ length: 50 }, (_, n) => gap("okx", start + n * DAY_MS, start + n * DAY_MS + ((n * 7) % 5) * 18 * HOUR_MS + 1));
  const open = [gap("bybit", start + 5 * DAY_MS, null), gap("binance", start + 45 * DAY_MS, null)];
  await store([...gaps, ...open]);
  for (let day = -1; day < 53; day += 1) {
    const [from, to] = [start + day * DAY_MS + 3 * HOUR_MS, start + (day + 1) * DAY_MS + 3 * HOUR_MS];
    const overlapping = [...gaps, ...open].filter((one) => one.from_time < to && (one.to_time ?? to) > from);
    const expected = overlapping.toSorted((a, b) => b.from_time - a.from_time || (a.exchange < b.exchange ? 1 : -1));
    expect(await listed(`?start=${from}&end=${to}`), `day ${day}`).toEqual(expected);
  }
});

test("pages of gaps hold every gap once, also where venues lost their connection in one instant", async () => {
  const venues: readonly ExchangeName[] = ["binance", "bybit", "okx"];
  const gaps = Array.from({ length: 7 }, (_, n) =>
    venues.map((name) => gap(name, DAY + n * MINUTE_MS, DAY + n * MINUTE_MS + 1_000)),
  ).flat();
  await store(gaps);
  const seen: Gap[] = [];
  let cursor: string | null = null;
  do {
    const reply = await get(`/v1/gaps?limit=4${cursor === null ? "" : `&cursor=${cursor}`}`);
    expect(reply.status).toBe(200);
    expect(reply.body.meta.count).toBe(reply.body.data.length);
    seen.push(...reply.body.data);
    cursor = reply.body.meta.next_cursor;
  } while (cursor !== null);
  expect(seen).toHaveLength(gaps.length);
  expect(new Set(seen.map(({ exchange, from_time }) => `${exchange} ${from_time}`)).size).toBe(gaps.length);
  expect(seen.map(({ from_time }) => from_time)).toEqual(gaps.map(({ from_time }) => from_time).toSorted((a, b) => b - a));
});

test("coverage gives each venue's uptime by hour, with nothing for hours that have not begun or venues without a feed", async () => {
  await store([
    gap("okx", 0, DAY + HOUR_MS, "not_started"),
    gap("okx", DAY + 2 * HOUR_MS + 15 * MINUTE_MS, DAY + 3 * HOUR_MS + 6 * MINUTE_MS),
    gap("bybit", DAY + 10 * HOUR_MS + 15 * MINUTE_MS, null, "silent"),
  ]);
  const { status, body } = await get(`/v1/coverage?start=${DAY}&end=${DAY + 12 * HOUR_MS}`);
  expect(status).toBe(200);
  expect(body.data).toMatchObject({ interval: "1h", start_time: DAY, end_time: DAY + 12 * HOUR_MS, step_ms: HOUR_MS });
  expect(body.data.exchanges.okx).toEqual([0, 1, 0.25, 0.9, 1, 1, 1, 1, 1, 1, 1, null]);
  expect(body.data.exchanges.bybit).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.5, null]);
  expect(body.data.exchanges.kucoin).toBeUndefined();
  expect(body.meta.coverage).toMatchObject({ kucoin: "none", okx: "sampled" });
});

test("coverage by day widens the range to whole days and refuses more steps than a calendar shows", async () => {
  const { body } = await get(`/v1/coverage?interval=1d&start=${DAY - DAY_MS + 1}&end=${DAY + 1}`);
  expect(body.data).toMatchObject({ start_time: DAY - DAY_MS, end_time: DAY + DAY_MS });
  expect(body.data.exchanges.binance).toEqual([1, 1]);
  const long = await get(`/v1/coverage?interval=1h&start=${DAY - 60 * DAY_MS}`);
  expect(long).toMatchObject({ status: 400, body: { errors: [{ parameter: "start" }] } });
});

test.each(["/v1/gaps?exchange=mtgox", "/v1/gaps?reason=bored", "/v1/gaps?cursor=abc", "/v1/coverage?interval=5m", "/v1/coverage?limit=1"])(
  "%s is refused by name",
  async (path) => {
    const { status, body } = await get(path);
    expect(status).toBe(400);
    expect(body.errors[0].parameter).toBe(/[?](\w+)=/.exec(path)?.[1]);
  },
);

test("a base asset that was silent on a venue has a gap of its own, which its end closes once", async () => {
  const suspect = { exchange: "bybit", symbol: "BTC", reason: "suspect", from_time: DAY + HOUR_MS, to_time: null } as const;
  const ended = { ...suspect, to_time: DAY + 3 * HOUR_MS };
  const luna = ofContract("LUNAUSDT", DAY + HOUR_MS, null);
  await store([luna, gap("okx", DAY, DAY + 1_000, "suspect")]);
  for (const one of [suspect, suspect]) await writeSymbolGap(env.DB, one);
  expect(await listed("?exchange=bybit")).toEqual([luna, suspect]);
  for (const one of [ended, suspect]) await writeSymbolGap(env.DB, one);
  expect(await listed("?reason=suspect")).toEqual([ended, gap("okx", DAY, DAY + 1_000, "suspect")]);
  expect(await listed("?reason=not_subscribed")).toEqual([luna]);
  const { body } = await get(`/v1/coverage?start=${DAY + 2 * HOUR_MS}&end=${DAY + 4 * HOUR_MS}`);
  expect(body.data.exchanges.bybit, "the venue was connected").toEqual([1, 1]);
  expect(body.data.contract_gaps).toContainEqual(ended);
});

test("gaps of single contracts are listed among the others, page by page, and do not lower the venue's uptime", async () => {
  const luna = ofContract("LUNAUSDT", DAY + HOUR_MS, null);
  const ftt = ofContract("FTTUSDT", DAY + HOUR_MS, DAY + 2 * HOUR_MS);
  const venue = gap("bybit", DAY + HOUR_MS, DAY + HOUR_MS + 1_000);
  await store([{ ...ftt, to_time: null }, luna, venue, gap("okx", DAY, DAY + 1_000)]);
  await store([ftt]);
  expect(await listed("?exchange=bybit")).toEqual([luna, ftt, venue]);
  expect(await listed("?reason=not_subscribed")).toEqual([luna, ftt]);
  expect(await listed("?exchange=bybit&reason=disconnected")).toEqual([venue]);
  const seen: Gap[] = [];
  let cursor: string | null = null;
  do {
    const reply = await get(`/v1/gaps?limit=1${cursor === null ? "" : `&cursor=${cursor}`}`);
    seen.push(...reply.body.data);
    cursor = reply.body.meta.next_cursor;
  } while (cursor !== null);
  expect(seen).toHaveLength(4);
  const { body } = await get(`/v1/coverage?start=${DAY + 2 * HOUR_MS}&end=${DAY + 3 * HOUR_MS}`);
  expect(body.data.exchanges.bybit).toEqual([1]);
  expect(body.data.contract_gaps).toEqual([luna]);
});
