import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Exchange } from "../../../src/exchanges/exchange.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { aLiquidation, stateOptions, T0 } from "../cascade/cascade-fixtures.ts";

const WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split(" ");
const NAMES = "../../../src/liquidation-fields.ts";
const REGISTRY = "../../../src/exchanges/registry.ts";

/** The modules as they are where a name in the list and an adapter in the registry are all there is of a venue. */
async function load() {
  return {
    ...(await import("../../../src/cascade/cross-venue-state.ts")),
    ...(await import("../../../src/config.ts")),
    ...(await import("../../../src/exchanges/adapter-versions.ts")),
    ...(await import("../../../src/exchanges/coverage.ts")),
    ...(await import("../../../src/exchanges/coverage-text.ts")),
    ...(await import("../../../src/exchanges/registry.ts")),
    ...(await import("../../../src/exchanges/venue-count.ts")),
    ...(await import("../../../src/hawkes/spread-batches.ts")),
  };
}

let modules: Awaited<ReturnType<typeof load>>;

beforeAll(async () => {
  vi.resetModules();
  vi.doMock(NAMES, async (original) => {
    const real = await original<{ readonly EXCHANGES: readonly string[] }>();
    return { ...real, EXCHANGES: [...real.EXCHANGES, "mirror"] };
  });
  vi.doMock(REGISTRY, async (original) => {
    const real = await original<{ readonly exchanges: Readonly<Record<string, Exchange>> }>();
    const mirror = {
      ...real.exchanges["okx"],
      name: "mirror",
      title: "Mirror futures",
      coverage: "all_reported",
      carries: "All orders of a second in one array.",
      endpoints: { ws: "https://ws.mirror.test", wsVariable: "MIRROR_FUTURES_WS_URL", rest: "https://rest.mirror.test" },
      collectedByDefault: true,
      locationHint: "oc",
      adapterVersion: 17,
      lagResolutionMs: 1_000,
      batchMs: 1_000,
      createInferrer: () => ({ observe: () => [] }),
    };
    return { exchanges: { ...real.exchanges, mirror } };
  });
  modules = await load();
});

// The files of a worker share its modules.
afterAll(() => {
  vi.doUnmock(NAMES);
  vi.doUnmock(REGISTRY);
  vi.resetModules();
});

const MIRROR = "mirror" as ExchangeName;

describe("a venue that is in the list and the registry only", () => {
  test("is collected unless configured otherwise, from its own addresses and place", () => {
    const config = modules.parseConfig({});
    expect(config.LIQUIDATION_EXCHANGES).toContain(MIRROR);
    expect(config.LIQUIDATION_LOCATION_HINTS.get(MIRROR)).toBe("oc");
    expect(config.venues[MIRROR]).toEqual({
      endpoints: { ws: "https://ws.mirror.test", rest: "https://rest.mirror.test" },
      inferred: false,
    });
  });

  test("has variables of its own, which are checked as the others are", () => {
    expect(modules.CONFIG_NAMES).toEqual(expect.arrayContaining(["MIRROR_FUTURES_WS_URL", "MIRROR_REST_URL", "MIRROR_INFERRED"]));
    const { endpoints, inferred } = modules.parseConfig({
      MIRROR_FUTURES_WS_URL: "http://127.0.0.1:1/",
      MIRROR_REST_URL: "http://127.0.0.1:2",
      MIRROR_INFERRED: "true",
    }).venues[MIRROR];
    expect([endpoints, inferred]).toEqual([{ ws: "http://127.0.0.1:1", rest: "http://127.0.0.1:2" }, true]);
    expect(() => modules.parseConfig({ MIRROR_REST_URL: "wss://mirror" })).toThrow(
      'MIRROR_REST_URL is "wss://mirror"; allowed: an http:// or https://',
    );
  });

  test("is counted and named wherever the venues are", () => {
    expect(modules.VENUE_COUNT).toBe(WORDS[EXCHANGES.length + 1] ?? String(EXCHANGES.length + 1));
    expect(modules.coverageText(modules.coverageOf(modules.parseConfig({})))).toContain(", mirror: all liquidations");
    expect(modules.ADAPTER_VERSIONS).toMatchObject({ mirror: 17 });
  });

  test("counts in what all venues say of a liquidation, and its batches are spread for the fit", () => {
    const state = new modules.CrossVenueState(stateOptions({ lagResolutionMs: (name) => modules.exchanges[name].lagResolutionMs }));
    const events = [
      aLiquidation({ exchange: MIRROR, event_time: T0, usd_value: 5_000 }),
      aLiquidation({ exchange: "okx", event_time: T0 + 700, usd_value: 1_000 }),
    ];
    expect(state.observe(events, T0 + 1_000).at(-1)).toMatchObject({
      concurrent_exchanges: 2,
      dominant_exchange: "mirror",
      cross_exchange_lag_ms: 700,
      lag_resolution_ms: 2_000,
    });
    expect(modules.fittingTimes([1, 2].map(() => ({ exchange: MIRROR, event_time: 10_000 })))).toEqual([9_500, 10_000]);
  });
});
