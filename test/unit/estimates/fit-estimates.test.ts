import { describe, expect, test } from "vitest";
import { simulatedTapes } from "../../../scripts/estimate/simulated-tapes.ts";
import { createRandom } from "../../../scripts/simulator/random.ts";
import { estimateMinutes } from "../../../src/estimates/estimate-minutes.ts";
import { fitEstimates, fitSymbol, fitVenue } from "../../../src/estimates/fit-estimates.ts";
import { fitThrottle } from "../../../src/estimates/fit-throttle.ts";
import type { EstimateFit } from "../../../src/estimates/fit.ts";
import type { ShownThrottle, SizedEvent } from "../../../src/estimates/throttle.ts";
import { DAY_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { published, venue } from "./simulated-venues.ts";

const DAYS = 14;
const RANGE = { start: 0, end: DAYS * DAY_MS };
const MARKET = { days: DAYS, eventsPerDay: 1_500, cascadesPerDay: 8 };
const [first = [], second = [], throttled = []] = simulatedTapes(
  MARKET,
  [{}, { share: 0.8, sizeScale: 1.4 }, { share: 1.2, sizeScale: 2 }],
  createRandom(4, "estimates"),
);
const BYBIT = venue("bybit", "complete", first);
const GATE = venue("gate", "complete", second);
const BINANCE = venue("binance", "largest", published(throttled, "largest"));
const OKX = venue("okx", "one", published(throttled, "one"));
const FIT = fitSymbol("BTC", [BYBIT, GATE, BINANCE], RANGE, DAYS);

const BY_RATE = fitted(fitThrottle("one", BYBIT, GATE));

function fitted(fit: ReturnType<typeof fitThrottle>) {
  if ("problem" in fit) throw new Error(fit.problem);
  return { ...fit, status: "validated", reason: null } as const;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

describe("estimated totals of a simulated market", () => {
  test("what was planted is recovered, and the test on the second venue validates it", () => {
    expect(FIT).toMatchObject({ fit_exchange: "bybit", test_exchange: "gate", reason: null });
    expect(FIT.venues.binance).toMatchObject({ status: "validated", reason: null });
    const minutes = estimateMinutes([BYBIT, GATE, BINANCE], new Map([["BTC", FIT]]), RANGE);
    const binance = minutes.flatMap(({ estimates }) => estimates.get("BTC") ?? []).filter(({ exchange }) => exchange === "binance");
    const [reported, estimated] = [
      sumOf(binance.map((one) => one.reported_usd)),
      sumOf(binance.map((one) => one.estimated_usd ?? Number.NaN)),
    ];
    const truth = sumOf(throttled.map(({ usd }) => usd));
    expect(reported / truth).toBeLessThan(0.95);
    expect(estimated / truth).toBeGreaterThan(0.95);
    expect(estimated / truth).toBeLessThan(1.05);
    const events = sumOf(binance.map((one) => one.estimated_events ?? Number.NaN));
    expect(sumOf(binance.map((one) => one.reported_events)) / throttled.length).toBeLessThan(0.75);
    expect(events / throttled.length).toBeGreaterThan(0.9);
    expect(events / throttled.length).toBeLessThan(1.1);
    for (const { reported_usd, low_usd, estimated_usd, high_usd } of binance) {
      expect(low_usd).toBeGreaterThanOrEqual(reported_usd);
      expect(estimated_usd).toBeGreaterThanOrEqual(low_usd ?? 0);
      expect(high_usd).toBeGreaterThanOrEqual(estimated_usd ?? 0);
    }
    const bybit = minutes.flatMap(({ estimates }) => estimates.get("BTC") ?? []).filter(({ exchange }) => exchange === "bybit");
    expect(bybit.every((one) => one.estimated_usd === one.reported_usd && one.status === "validated")).toBe(true);
  });

  test("a second complete venue that clusters otherwise fails the test, and nothing is published", () => {
    const [fast = []] = simulatedTapes({ ...MARKET, branching: 0.9, delayS: 1 }, [{}], createRandom(5, "estimates"));
    const fit = fitThrottle("largest", BYBIT, venue("gate", "complete", fast));
    expect(fit).toMatchObject({ status: "withheld", reason: expect.stringContaining("fitted on bybit, tested on gate") });
    const [minute] = estimateMinutes(
      [BINANCE],
      new Map([["BTC", { ...FIT, venues: { binance: fitVenue(BINANCE, "largest", fit as never, [BYBIT], RANGE) } }]]),
      RANGE,
    );
    expect(minute?.estimates.get("BTC")?.[0]).toMatchObject({
      estimated_usd: null,
      high_usd: null,
      estimated_events: null,
      status: "withheld",
    });
  });

  test("a throttled venue that clusters otherwise is withheld, as its shown sizes do not fit", () => {
    const [fast = []] = simulatedTapes({ ...MARKET, branching: 0.9, delayS: 1 }, [{}], createRandom(6, "estimates"));
    expect(onBinance(published(fast, "largest"))).toMatchObject({
      status: "withheld",
      reason: expect.stringContaining("do not fit the model"),
    });
  });

  test.each([
    ["one of every five seconds", everyFive, "its seconds follow each other otherwise"],
    ["all of them", (events: readonly SizedEvent[]) => events, "its throttle is not the documented one"],
    ["any one of each second", (events: readonly SizedEvent[]) => published(events, "one"), "do not fit the model"],
  ])("a venue that begins to publish %s on its last day is withheld", (_, changed, reason) => {
    const change = 13 * DAY_MS;
    const events = [
      ...published(
        throttled.filter(({ time }) => time < change),
        "largest",
      ),
      ...changed(busier(throttled.filter(({ time }) => time >= change))),
    ];
    expect(onBinance(events)).toMatchObject({ status: "withheld", reason: expect.stringContaining(reason) });
  });

  test("a fit that ends more than three days before a minute withholds both sides of it", () => {
    expect(estimatesAt(RANGE.end + 3 * DAY_MS)).toMatchObject([{ status: "validated" }]);
    const reason = "the newest fit ends 1970-01-15T00:00:00.000Z, more than 3 days before";
    expect(estimatesAt(RANGE.end + 3 * DAY_MS + MINUTE_MS)).toMatchObject([
      { position_side: "long", reported_events: 1, estimated_usd: null, reason },
      { position_side: "short", reported_events: 0, estimated_usd: null, estimated_events: null, status: "withheld", reason },
    ]);
  });

  test("a withheld throttle withholds the side that reported nothing where it may have been hidden by the other", () => {
    expect(sidesOf("binance", "largest", 1)).toEqual(["long withheld", "short withheld"]);
    expect(sidesOf("okx", "one", 1)).toEqual(["long withheld", "short withheld"]);
    expect(sidesOf("bitget", "largest_by_side", 1)).toEqual(["long withheld"]);
    // Its throttle is not the documented one.
    expect(sidesOf("binance", "largest", 9)).toEqual(["long withheld", "short withheld"]);
  });

  test("without a second complete venue it is experimental, and without any, or with 13 days, withheld", () => {
    const alone = fitThrottle(
      "largest",
      venue(
        "bybit",
        "complete",
        first.filter(({ time }) => time < 3 * DAY_MS),
      ),
      null,
    );
    expect(alone).toMatchObject({ status: "experimental", reason: expect.stringContaining("no second complete venue") });
    expect(fitSymbol("BTC", [BINANCE], RANGE, DAYS)).toMatchObject({ venues: {}, reason: expect.stringContaining("no complete venue") });
    expect(fitEstimates([BYBIT, GATE, BINANCE], RANGE, 13)).toMatchObject([{ symbol: "", reason: "13 days of data; 14 are needed" }]);
  });
});

test("a complete venue that was absent or not connected for a day is neither fitted nor tested on", () => {
  const late = { ...BYBIT, contracts: BYBIT.contracts.map((one) => ({ ...one, events: one.events.filter(({ time }) => time > DAY_MS) })) };
  const gapped = { ...GATE, gaps: [{ start: 3 * DAY_MS, end: 3.6 * DAY_MS }] };
  expect(fitSymbol("BTC", [late, gapped, BINANCE], RANGE, DAYS)).toMatchObject({
    venues: {},
    reason: expect.stringContaining("on each of 14 days with at least half of it connected"),
  });
});

test("what follows from the rate of complete venues is withheld where one of them has a gap", () => {
  const { rho_exchanges: names, ...own } = fitVenue(OKX, "one", BY_RATE, [BYBIT, GATE], RANGE);
  expect(names).toEqual(["bybit", "gate"]);
  const fit: EstimateFit = {
    ...FIT,
    throttles: { one: { ...BY_RATE, status: "validated" } },
    venues: { okx: { ...own, rho_exchanges: names, status: "experimental", reason: null } },
  };
  const at = OKX.contracts[0]?.events[0]?.time ?? 0;
  const minute = { start: at - (at % MINUTE_MS), end: at - (at % MINUTE_MS) + MINUTE_MS };
  const estimated = (exchange: "gate" | "deribit") => {
    const gap = { exchange, from_time: minute.start, to_time: null, reason: "silent" } as const;
    const [found] = estimateMinutes([BYBIT, GATE, OKX], new Map([["BTC", fit]]), minute, [gap]);
    return found?.estimates.get("BTC")?.find((one) => one.exchange === "okx" && one.reported_events > 0);
  };
  expect(estimated("gate")).toMatchObject({ status: "withheld", reason: "gate, whose rate okx follows, has a gap" });
  expect(estimated("deribit")).toMatchObject({ status: "experimental", estimated_usd: expect.any(Number) });
});

function onBinance(events: readonly SizedEvent[]) {
  const { largest } = FIT.throttles as Required<EstimateFit["throttles"]>;
  return fitVenue(venue("binance", "largest", events), "largest", largest, [BYBIT], RANGE);
}

/** The estimates of one liquidation of a long on Binance. */
function estimatesAt(time: number) {
  const range = { start: time, end: time + MINUTE_MS };
  const tape = venue("binance", "largest", [{ time, side: "long", usd: 1_000 }]);
  return estimateMinutes([tape], new Map([["BTC", FIT]]), range)[0]?.estimates.get("BTC");
}

/** The sides with an estimate where so many longs are published in one second. Of one there is no fit. */
function sidesOf(exchange: "binance" | "bitget" | "okx", throttle: ShownThrottle, count: number) {
  const events = Array.from({ length: count }, (): SizedEvent => ({ time: 0, side: "long", usd: 1_000 }));
  const fits = new Map(count > 1 ? [["BTC", FIT] as const] : []);
  const [minute] = estimateMinutes([venue(exchange, throttle, events)], fits, { start: 0, end: MINUTE_MS });
  return minute?.estimates.get("BTC")?.map(({ position_side, status }) => `${position_side} ${status}`);
}

/** The largest of every five seconds. */
function everyFive(events: readonly SizedEvent[]): readonly SizedEvent[] {
  const slow = events.map((event) => ({ ...event, time: event.time / 5 }));
  return published(slow, "largest").map((event) => ({ ...event, time: event.time * 5 }));
}

/** A day in which much happens, as on one in which a change matters: half of it twice as fast. */
function busier(events: readonly SizedEvent[]): readonly SizedEvent[] {
  const start = 13 * DAY_MS;
  return events.map((event) => ({ ...event, time: start + Math.floor((event.time - start) / 2) }));
}
