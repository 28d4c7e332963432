import { expect, test } from "vitest";
import { MarketPoller } from "../../../durable-objects/exchange-feed/market-poller.ts";
import type { Exchange, MarketPoll } from "../../../src/exchanges/exchange.ts";
import { binance } from "../../../src/exchanges/binance/binance.ts";
import { bounded } from "../../../src/exchanges/bounded.ts";
import { marketFields } from "../../../src/market/market-context.ts";
import { aMark, anInstrument, aVenueLiquidation, T0 } from "../market/market-fixtures.ts";

type Answer = Response | Error | Promise<Response>;

const openInterest = (coins: string) => new Response(JSON.stringify({ symbol: "BTCUSDT", openInterest: coins, time: T0 }));

function usualAnswer(): Answer {
  return openInterest("1000");
}

function bookPoll(symbol: string, intervalMs: number): MarketPoll {
  return { what: "book", contracts: [symbol], url: `http://venue.test/${symbol}`, intervalMs, read: () => [] };
}

/** A poller of one contract's open interest, on a clock and answers of the test's own. */
function openPoller(polls: Exchange["polls"] = (scope, endpoints) => binance.polls(scope, endpoints).slice(0, 1)) {
  const clock = { now: T0 };
  const asked: { readonly url: string; readonly time: number }[] = [];
  let answer: (url: string) => Answer = usualAnswer;
  const fetched = (url: string | URL | Request): Promise<Response> => {
    asked.push({ url: String(url), time: clock.now - T0 });
    const given = answer(String(url));
    return given instanceof Error ? Promise.reject(given) : Promise.resolve(given);
  };
  const poller = new MarketPoller({
    exchange: bounded({ ...binance, ...(polls !== undefined && { polls }) }),
    endpoints: { ws: "http://venue.test", rest: "http://venue.test" },
    fetch: fetched as typeof fetch,
    now: () => clock.now,
    log: () => {},
  });
  const instrument = anInstrument();
  const rescope = () => poller.rescope({ symbols: new Set(["BTC"]), instruments: new Map([[instrument.instrument, instrument]]) });
  rescope();
  return {
    poller,
    rescope,
    asked,
    answers: (next: (url: string) => Answer) => void (answer = next),
    /** Ticks every second up to a time. */
    async until(ms: number): Promise<void> {
      for (; clock.now - T0 <= ms; clock.now += 1_000) {
        poller.run(clock.now);
        for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    },
    fieldsNow() {
      poller.context.apply(aMark(80_000), clock.now);
      return marketFields([poller.context], aVenueLiquidation({ event_time: clock.now }), clock.now);
    },
  };
}

test("open interest is requested every 15 s and known from then on", async () => {
  const stage = openPoller();
  expect(stage.fieldsNow().open_interest_usd).toBeNull();
  await stage.until(46_000);
  expect(stage.asked.map(({ time }) => time)).toEqual([0, 15_000, 30_000, 45_000]);
  expect(stage.asked[0]?.url).toBe("http://venue.test/fapi/v1/openInterest?symbol=BTCUSDT");
  expect(stage.fieldsNow().open_interest_usd).toBe(80_000_000);
  expect(stage.poller.status()).toEqual([
    {
      what: "open_interest",
      contracts: 1,
      interval_ms: 15_000,
      failing_requests: 0,
      last_success_time: T0 + 45_000,
      last_error: null,
      last_error_time: null,
    },
  ]);
});

test("failures are retried with growing waits, shown and warned of, and the value is null with age", async () => {
  const stage = openPoller();
  await stage.until(0);
  stage.answers(() => new Error("connection reset"));
  await stage.until(70_000);
  expect(stage.asked.map(({ time }) => time)).toEqual([0, 15_000, 30_000, 60_000]);
  expect(stage.fieldsNow().open_interest_usd).toBeNull();
  expect(stage.poller.status()[0]).toMatchObject({ failing_requests: 1, last_error: "connection reset", last_success_time: T0 });
  expect(stage.poller.warnings()).toEqual([]);
  await stage.until(130_000);
  expect(stage.poller.warnings()).toEqual([
    "Binance USD-M futures does not respond to polls of the open interest of BTCUSDT: connection reset. What depends on them is null.",
  ]);
  stage.answers(() => openInterest("7"));
  await stage.until(260_000);
  expect(stage.poller.warnings()).toEqual([]);
  expect(stage.fieldsNow().open_interest_usd).toBe(560_000);
});

test.each([
  ["not JSON", "<html>", "malformed open interest: <html>"],
  ["of another contract", JSON.stringify({ symbol: "ETHUSDT", openInterest: "1" }), /^malformed open interest/],
  ["beyond reason", JSON.stringify({ symbol: "BTCUSDT", openInterest: "1e30" }), /^open_interest refused: size is beyond reason/],
])("a response that is %s is a failure, not a value", async (_, body, error) => {
  const stage = openPoller();
  stage.answers(() => new Response(body));
  await stage.until(0);
  expect(stage.poller.status()[0]?.last_error).toMatch(error);
  expect(stage.fieldsNow().open_interest_usd).toBeNull();
});

test.each([
  ["a rate limit, for as long as the venue says", new Response("", { status: 429, headers: { "retry-after": "90" } }), 90_000],
  ["a ban without a time, for a minute", new Response("", { status: 418 }), 60_000],
  ["a refusal of the location, for ten minutes", new Response("", { status: 451 }), 600_000],
])("every request pauses after %s", async (_, refusal, pauseMs) => {
  const stage = openPoller(() => [bookPoll("A", 5_000), bookPoll("B", 5_000)]);
  stage.answers((url) => (url.endsWith("/A") ? refusal.clone() : new Response("")));
  await stage.until(pauseMs - 1_000);
  expect(stage.asked.map(({ time }) => time)).toEqual([0, 0]);
  await stage.until(pauseMs);
  expect(stage.asked.length).toBeGreaterThan(2);
});

test("at most two requests run at once, and none waits for ever behind others", async () => {
  const names = ["A", "B", "C", "D", "E"];
  const stage = openPoller(() => names.map((name) => bookPoll(name, 1_000)));
  stage.answers(() => new Response(""));
  await stage.until(9_000);
  for (const time of new Set(stage.asked.map((one) => one.time))) {
    expect(stage.asked.filter((one) => one.time === time).length).toBeLessThanOrEqual(2);
  }
  const counts = names.map((name) => stage.asked.filter(({ url }) => url.endsWith(name)).length);
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(3);
});

test("a request that is under way when the contracts change is not sent a second time, and its failure counts", async () => {
  const stage = openPoller();
  const { promise, reject } = Promise.withResolvers<Response>();
  stage.answers(() => promise);
  await stage.until(0);
  stage.rescope();
  await stage.until(5_000);
  expect(stage.asked).toHaveLength(1);
  reject(new Error("connection reset"));
  await stage.until(6_000);
  expect(stage.poller.status()).toMatchObject([{ failing_requests: 1, last_error: "connection reset" }]);
});
