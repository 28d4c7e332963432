import { describe, expect, test } from "vitest";
import { claimsOf } from "../../../scripts/venue-check/claims/claims.ts";
import { Collected } from "../../../scripts/venue-check/collected.ts";
import { evidenceOf } from "../../../scripts/venue-check/evidence.ts";
import type { Observations, ObservedLiquidation, ObservedSocket } from "../../../scripts/venue-check/observations.ts";
import { readVenueCheckOptions } from "../../../scripts/venue-check/options.ts";
import { reportOf } from "../../../scripts/venue-check/report.ts";
import { shownAddress } from "../../../scripts/venue-check/shown-address.ts";
import { exchanges } from "../../../src/exchanges/registry.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import type { VenueLiquidation } from "../../../src/liquidation.ts";

const START = Date.UTC(2026, 10, 28, 12);

function liquidation(time: number, changes: Partial<VenueLiquidation> = {}): ObservedLiquidation {
  const row = {
    event_id: `e${time}`,
    instrument: "BTCUSDT",
    position_side: "long",
    event_time: time,
    time_kind: "venue",
    price: 79_000,
    price_kind: "bankruptcy",
    quantity: 0.012,
    contracts: null,
    limit_price: null,
    average_price: null,
    usd_value: 948,
    ...changes,
  };
  return { row: row as VenueLiquidation, receivedTime: time + 700, marks: { before: null, at: null, after: null } };
}

const many = (count: number, make: (n: number) => ObservedLiquidation) => Array.from({ length: count }, (_, n) => make(n));

function seenOf(changes: Partial<Observations>): Observations {
  return {
    exchange: exchanges.bybit,
    endpoints: exchanges.bybit.endpoints,
    symbols: "*",
    startTime: START,
    endTime: START + 600_000,
    sockets: [],
    liquidations: [],
    repeated: 0,
    unkept: 0,
    openInterest: new Map(),
    kinds: new Map([["mark", 1]]),
    rejects: [],
    errors: [],
    channels: [],
    requests: [],
    instruments: { count: 3, error: null, different: [], compared: 3 },
    ...changes,
  };
}

/** The verdict of the claim that begins so. */
const verdict = (beginning: string, changes: Partial<Observations>) =>
  claimsOf(seenOf(changes)).find(({ claim }) => claim.startsWith(beginning))?.verdict;

/** The liquidations as they come between marks that fall, or rise, by a dollar a second. */
function amid(step: number, rows: readonly ObservedLiquidation[]): readonly ObservedLiquidation[] {
  const collected = new Collected();
  const waiting = rows.map(({ row, receivedTime }) => ({ row, receivedTime }));
  for (let n = 0; n < 600; n += 1) {
    const time = START + n * 1_000;
    while (waiting[0] !== undefined && waiting[0].receivedTime < time) {
      const [{ row, receivedTime }] = waiting.splice(0, 1) as [(typeof waiting)[number]];
      collected.take([{ kind: "liquidation", liquidation: row }], receivedTime);
    }
    collected.take([{ kind: "mark", instrument: "BTCUSDT", price: 80_000 + step * n, time }], time);
  }
  return collected.liquidations;
}

describe("the side against moves of the mark", () => {
  const claim = "The mark price falls";
  const longs = many(20, (n) => liquidation(START + 20_000 + n * 20_000));

  test("agrees where the mark falls around longs, and contradicts where it rises", () => {
    expect(verdict(claim, { liquidations: amid(-1, longs) })).toBe("seen");
    expect(verdict(claim, { liquidations: amid(1, longs) })).toBe("contradicted");
  });

  test("counts a burst once, and says nothing on few moments or without marks", () => {
    const burst = many(20, (n) => liquidation(START + 20_000 + n * 100));
    expect(verdict(claim, { liquidations: amid(1, burst) })).toBe("not seen");
    expect(verdict(claim, { liquidations: longs })).toBe("not seen");
  });
});

const orders = (limit: number) =>
  many(10, (n) => liquidation(START + n * 1_000, { limit_price: limit, average_price: 80_000, price_kind: "average_fill" }));

test("a limit on the wrong side of the average contradicts the side", () => {
  const claim = "Orders that close longs";
  expect(verdict(claim, { liquidations: orders(79_000) })).toBe("seen");
  expect(verdict(claim, { liquidations: orders(81_000) })).toBe("contradicted");
});

test("sizes larger than what is open contradict the units", () => {
  const claim = "No liquidation is larger";
  const openInterest = new Map([["BTCUSDT", 50_000]]);
  expect(verdict(claim, { liquidations: [liquidation(START)], openInterest })).toBe("seen");
  expect(verdict(claim, { liquidations: [liquidation(START, { quantity: 12_000 })], openInterest })).toBe("contradicted");
});

test("built-in sizes that the venue's table contradicts are named", () => {
  const instruments = { count: 3, error: null, different: ["BTCUSDT"], compared: 3 };
  expect(verdict("The built-in sizes", { instruments })).toBe("contradicted");
});

describe("times", () => {
  test("in seconds where they were in milliseconds contradict, and so do those of another day", () => {
    const whole = many(10, (n) => liquidation(START + n * 1_000));
    const fine = many(10, (n) => liquidation(START + n * 1_001));
    expect(verdict("Times are in milliseconds", { liquidations: whole })).toBe("contradicted");
    expect(verdict("Times are in milliseconds", { liquidations: fine })).toBe("seen");
    const ahead = many(10, (n) => ({ ...liquidation(START + n), receivedTime: START - 60_000 }));
    expect(verdict("Times are the venue's", { liquidations: ahead })).toBe("contradicted");
    expect(verdict("Times are the venue's", { liquidations: fine })).toBe("seen");
  });

  test("of receipt are said to be so", () => {
    expect(verdict("Rows carry no time", { liquidations: many(3, (n) => liquidation(START + n, { time_kind: "receipt" })) })).toBe("seen");
  });
});

const everyMs = (ms: number) => many(20, (n) => liquidation(START + n * ms));

describe("coverage", () => {
  test("of the largest per second is contradicted by several within one", () => {
    const { binance } = exchanges;
    expect(verdict("`largest_per_second`", { exchange: binance, liquidations: everyMs(1_500) })).toBe("seen");
    expect(verdict("`largest_per_second`", { exchange: binance, liquidations: everyMs(200) })).toBe("contradicted");
  });

  test("of all is seen by several within a second, and never contradicted", () => {
    expect(verdict("`all_reported`", { liquidations: everyMs(200) })).toBe("seen");
    expect(verdict("`all_reported`", { liquidations: everyMs(1_500) })).toBe("not seen");
  });

  test("of none is contradicted by a single liquidation", () => {
    const { kucoin } = exchanges;
    expect(verdict("`none`", { exchange: kucoin })).toBe("seen");
    expect(verdict("`none`", { exchange: kucoin, kinds: new Map([["liquidation", 1]]) })).toBe("contradicted");
  });
});

test("every venue has an evidence table whose channels and requests can be looked for", () => {
  for (const name of EXCHANGES) {
    const rows = evidenceOf(name);
    expect(rows.length, name).toBeGreaterThan(2);
    for (const { channel, literals, path } of rows) {
      if (!/heartbeat|ping/.test(channel)) expect(literals.length > 0 || path !== null, `${name}: ${channel}`).toBe(true);
    }
  }
  const [forceOrder] = evidenceOf("binance");
  expect(forceOrder?.literals).toEqual(["@forceOrder"]);
  expect(evidenceOf("bitfinex")[0]?.literals).toEqual(["liq:global"]);
  const contract = evidenceOf("gate").find(({ path }) => path?.test("/api/v4/futures/usdt/contracts/BTC_USDT") === true);
  expect(contract?.channel).toContain("contracts/{contract}");
});

test("text of a venue cannot break out of its line or table in a report", () => {
  const hostile = "a | b\n## Fake `x` \u202e";
  const { markdown } = reportOf(
    seenOf({
      rejects: [{ reason: hostile, count: 1, text: hostile }],
      errors: [hostile],
      requests: [{ what: "x", address: "https://a.test/", messages: 0, error: hostile }],
    }),
    { program: "p", node: "24", system: "linux" },
  );
  expect(markdown).not.toContain("\n## Fake");
  expect(markdown).not.toContain("\u202e");
  expect(markdown).toContain(String.raw`| a \| b ## Fake`);
});

const versions = { program: "p", node: "24", system: "linux" };

function socketOf(changes: Partial<ObservedSocket>): ObservedSocket {
  return {
    name: "linear",
    role: "liquidations",
    host: "a.test",
    opened: 0,
    flowed: 0,
    ends: [],
    frames: 0,
    bytes: 0,
    wanted: ["a", "b"],
    confirmed: [],
    refused: [],
    controlTimeoutMs: 10_000,
    longestSilenceMs: 0,
    keepaliveMs: null,
    pongs: 0,
    replies: 0,
    pings: 0,
    ...changes,
  };
}

describe("a venue that is never reached", () => {
  const ends = Array.from({ length: 5 }, () => "blocked: HTTP 403 from a.test");
  const nothing = { sockets: [socketOf({ ends })], kinds: new Map() };

  test("contradicts nothing, and the report says so and is no success", () => {
    expect(claimsOf(seenOf(nothing)).filter((claim) => claim.verdict === "contradicted")).toEqual([]);
    expect(verdict("The socket `linear`", nothing)).toBe("not reached");
    expect(verdict("Subscriptions of `linear`", nothing)).toBe("not seen");
    expect(verdict("`none`", { ...nothing, exchange: exchanges.kucoin })).toBe("not seen");
    const { markdown, contradicted, failed } = reportOf(seenOf(nothing), versions);
    expect(markdown).toContain(" 0 contradicted, ");
    expect(markdown).toContain("; 1 sockets not reached, 0 channels whose request failed.**");
    expect([contradicted, failed]).toEqual([0, 1]);
  });

  test("is another than one that accepts and then says nothing, which contradicts", () => {
    const silent = { sockets: [socketOf({ opened: 5, ends: ["silent: nothing came"] })] };
    expect(verdict("The socket `linear`", silent)).toBe("contradicted");
    expect(verdict("Subscriptions of `linear`", silent)).toBe("contradicted");
  });
});

test("a request that failed is counted in the headline and is no success, and contradicts nothing", () => {
  const channels = [{ channel: "`GET /a`", source: "documented", count: 1, error: "HTTP 500 from a.test" }];
  const { markdown, contradicted, failed } = reportOf(seenOf({ channels }), versions);
  expect(markdown).toContain("1 channels whose request failed.**");
  expect(markdown).toContain("| **request failed**: HTTP 500 from a.test |");
  expect(markdown).not.toContain("**contradicted");
  expect([contradicted, failed]).toEqual([0, 1]);
});

test("no path of a base address is in a report, neither as an address nor where a gateway repeats it", () => {
  const endpoints = { ws: "https://gateway.test/s3cret-ws", rest: "https://gateway.test/s3cret" };
  const address = shownAddress(`${endpoints.rest}/v5/market/tickers?key=s3cret`, endpoints);
  expect(address).toBe("https://gateway.test/v5/market/tickers");
  expect(shownAddress(`${endpoints.ws}/v5/public`, endpoints)).toBe("https://gateway.test/v5/public");
  expect(shownAddress(endpoints.rest, endpoints)).toBe("https://gateway.test/");
  const error = `Cannot GET ${new URL(endpoints.rest).pathname}/v5/market/tickers`;
  const { markdown } = reportOf(
    seenOf({
      endpoints,
      requests: [{ what: "x", address, messages: 0, error }],
      sockets: [socketOf({ ends: [`failed: ${endpoints.ws}`] })],
    }),
    versions,
  );
  expect(markdown).not.toContain("s3cret");
  expect(markdown).toContain("https://gateway.test/v5/market/tickers");
  expect(markdown).toContain("Cannot GET /…/v5/market/tickers");
});

const read = (...args: string[]) => readVenueCheckOptions(args);

test("options are read as the Worker reads its variables, and a bad one is named with what is allowed", () => {
  expect(read("--exchange", "OKX", "--url", "https://a.test/", "--symbols", "BTC")).toMatchObject({
    seconds: 120,
    symbols: new Set(["BTC"]),
    endpoints: { ws: "https://a.test", rest: exchanges.okx.endpoints.rest },
  });
  expect(() => read()).toThrow("--exchange is missing; allowed: binance, bybit");
  expect(() => read("--exchange", "ftx")).toThrow('--exchange is "ftx"; allowed: ');
  expect(() => read("--exchange", "okx", "--seconds", "0")).toThrow('--seconds is "0"; allowed: a whole number from 1 to 86400');
  expect(() => read("--exchange", "okx", "--url", "ftp://a.test", "--symbols", "B-1", "--rest-url", "x")).toThrow(
    /^(?=[^]*^--url is "ftp:\/\/a\.test"; allowed: )(?=[^]*^--rest-url is "x"; allowed: )[^]*^--symbols is "B-1"; allowed: /m,
  );
});

test("the address of a socket may be given as venues' documents write it", () => {
  expect(read("--exchange", "gate", "--url", "wss://a.test/ws", "--rest-url", "https://b.test").endpoints).toEqual({
    ws: "https://a.test/ws",
    rest: "https://b.test",
  });
  expect(read("--exchange", "gate", "--url", "ws://127.0.0.1:9209").endpoints.ws).toBe("http://127.0.0.1:9209");
});
