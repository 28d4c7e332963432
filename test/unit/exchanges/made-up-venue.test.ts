import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Exchange } from "../../../src/exchanges/exchange.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import { aLiquidation, stateOptions, T0 } from "../cascade/cascade-fixtures.ts";

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
    return { ...real, EXCHANGES: [...real.EXCHANGES, "gate"] };
  });
  vi.doMock(REGISTRY, async (original) => {
    const real = await original<{ readonly exchanges: Readonly<Record<string, Exchange>> }>();
    const gate = {
      ...real.exchanges["okx"],
      name: "gate",
      title: "Gate futures",
      coverage: "all_reported",
      carries: "All orders of a second in one array.",
      endpoints: { ws: "https://ws.gate.test", wsVariable: "GATE_FUTURES_WS_URL", rest: "https://rest.gate.test" },
      locationHint: "oc",
      adapterVersion: 17,
      lagResolutionMs: 1_000,
      batchMs: 1_000,
      createInferrer: () => ({ observe: () => [] }),
    };
    return { exchanges: { ...real.exchanges, gate } };
  });
  modules = await load();
});

// The files of a worker share its modules.
afterAll(() => {
  vi.doUnmock(NAMES);
  vi.doUnmock(REGISTRY);
  vi.resetModules();
});

const GATE = "gate" as ExchangeName;

describe("a venue that is in the list and the registry only", () => {
  test("is collected unless configured otherwise, from its own addresses and place", () => {
    const config = modules.parseConfig({});
    expect(config.LIQUIDATION_EXCHANGES).toContain(GATE);
    expect(config.LIQUIDATION_LOCATION_HINTS.get(GATE)).toBe("oc");
    expect(config.venues[GATE]).toEqual({ endpoints: { ws: "https://ws.gate.test", rest: "https://rest.gate.test" }, inferred: false });
  });

  test("has variables of its own, which are checked as the others are", () => {
    expect(modules.CONFIG_NAMES).toEqual(expect.arrayContaining(["GATE_FUTURES_WS_URL", "GATE_REST_URL", "GATE_INFERRED"]));
    const { endpoints, inferred } = modules.parseConfig({
      GATE_FUTURES_WS_URL: "http://127.0.0.1:1/",
      GATE_REST_URL: "http://127.0.0.1:2",
      GATE_INFERRED: "true",
    }).venues[GATE];
    expect([endpoints, inferred]).toEqual([{ ws: "http://127.0.0.1:1", rest: "http://127.0.0.1:2" }, true]);
    expect(() => modules.parseConfig({ GATE_REST_URL: "wss://gate" })).toThrow(
      'GATE_REST_URL is "wss://gate"; allowed: an http:// or https://',
    );
  });

  test("is counted and named wherever the venues are", () => {
    expect(modules.VENUE_COUNT).toBe("six");
    expect(modules.coverageText(modules.coverageOf(modules.parseConfig({})))).toContain("bybit, bitfinex, gate: all liquidations");
    expect(modules.ADAPTER_VERSIONS).toMatchObject({ gate: 17 });
  });

  test("counts in what all venues say of a liquidation, and its batches are spread for the fit", () => {
    const state = new modules.CrossVenueState(stateOptions({ lagResolutionMs: (name) => modules.exchanges[name].lagResolutionMs }));
    const events = [
      aLiquidation({ exchange: GATE, event_time: T0, usd_value: 5_000 }),
      aLiquidation({ exchange: "okx", event_time: T0 + 700, usd_value: 1_000 }),
    ];
    expect(state.observe(events, T0 + 1_000).at(-1)).toMatchObject({
      concurrent_exchanges: 2,
      dominant_exchange: "gate",
      cross_exchange_lag_ms: 700,
      lag_resolution_ms: 2_000,
    });
    expect(modules.fittingTimes([1, 2].map(() => ({ exchange: GATE, event_time: 10_000 })))).toEqual([9_500, 10_000]);
  });
});
