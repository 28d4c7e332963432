import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Instrument, FeedMessage } from "../../../../../src/exchanges/exchange.ts";
import type { VenueLiquidation } from "../../../../../src/liquidation.ts";
import { FlowScript, T0 } from "./flow-script.ts";

describe("a taker order through four levels with a fall of open interest", () => {
  test("is reported as the liquidation of a long, with the average of its fills, when the fall is confirmed", () => {
    const script = new FlowScript()
      .openInterest(0, 1000)
      .fill(400, "a", 80_000, 1)
      .fill(401, "a", 79_990, 2)
      .fill(402, "a", 79_980, 1)
      .openInterest(1000, 996);
    expect(script.found).toEqual([]);
    script.openInterest(2000, 996);
    expect(script.found).toEqual([
      {
        event_id: "kucoin:XBTUSDTM:inferred:a",
        exchange: "kucoin",
        instrument: "XBTUSDTM",
        symbol: "BTC",
        quote: "USDT",
        event_time: T0 + 402,
        position_side: "long",
        order_side: "sell",
        price: 79_990,
        price_kind: "average_fill",
        quantity: 4,
        contracts: 4000,
        usd_value: 319_960,
        order_type: null,
        time_in_force: null,
        order_status: null,
        average_price: null,
        limit_price: null,
        last_filled_quantity: null,
        bankruptcy_loss: null,
        venue_entry_price: null,
        venue_leverage: null,
        venue_position_quantity: null,
        time_kind: "venue",
        coverage: "inferred",
        adapter_version: 2,
      },
    ]);
  });

  test("is a short's where the taker bought", () => {
    const script = new FlowScript().openInterest(0, 1000).sweep(400, "a", 4, { side: "buy" }).openInterestFlow(1000, 3000, 996);
    expect(script.found).toMatchObject([{ position_side: "short", order_side: "buy" }]);
  });

  test("is reported once, however long the open interest stays where it fell to", () => {
    expect(new FlowScript().openInterest(0, 1000).sweep(400, "a", 4).openInterestFlow(1000, 20_000, 996).ids).toEqual(["a"]);
  });

  test("counts where the fall is published a second late, or just before its trades came on the other socket", () => {
    const late = new FlowScript().openInterest(0, 1000).sweep(900, "a", 4).openInterest(1000, 1000).openInterest(2000, 996);
    expect(late.ids).toEqual(["a"]);
    const early = new FlowScript().openInterest(0, 1000).openInterest(1000, 996).sweep(1100, "a", 4).openInterestFlow(2000, 4000, 996);
    expect(early.ids).toEqual(["a"]);
  });

  test("counts where its counterparties opened up to half of what it closed", () => {
    expect(new FlowScript().openInterest(0, 1000).sweep(400, "a", 4).openInterestFlow(1000, 3000, 998).ids).toEqual(["a"]);
    expect(new FlowScript().openInterest(0, 1000).sweep(400, "a", 4).openInterestFlow(1000, 3000, 998.1).ids).toEqual([]);
  });
});

/** Open interest stood still for five seconds. */
function before(): FlowScript {
  return new FlowScript().openInterestFlow(-5000, 0, 1000);
}

describe("nothing is reported", () => {
  test("where the open interest stays or rises", () => {
    expect(before().sweep(400, "a", 4).openInterestFlow(1000, 5000, 1000).found).toEqual([]);
    expect(before().sweep(400, "a", 4).openInterestFlow(1000, 5000, 1004).found).toEqual([]);
  });

  test("where it falls by far more than was swept", () => {
    expect(before().sweep(400, "a", 4).openInterestFlow(1000, 5000, 990).found).toEqual([]);
  });

  test("where it fell earlier or later than the sweep", () => {
    expect(before().openInterestFlow(1000, 3000, 996).sweep(3500, "a", 4).openInterestFlow(4000, 9000, 996).found).toEqual([]);
    expect(before().sweep(400, "a", 4).openInterestFlow(1000, 3000, 1000).openInterestFlow(4000, 9000, 996).found).toEqual([]);
  });

  test("where no open interest is known before or after it, or only from too far off", () => {
    expect(new FlowScript().sweep(400, "a", 4).openInterestFlow(1000, 5000, 996).found).toEqual([]);
    expect(new FlowScript().openInterest(0, 1000).sweep(4000, "a", 4).openInterestFlow(5000, 9000, 996).found).toEqual([]);
    expect(new FlowScript().openInterest(0, 1000).sweep(400, "a", 4).openInterestFlow(5000, 9000, 996).found).toEqual([]);
  });

  test("where only two price levels were touched, or the amount is small", () => {
    const two = before().fill(400, "a", 80_000, 2).fill(400, "a", 79_990, 2).fill(400, "a", 79_990, 1);
    expect(two.openInterestFlow(1000, 5000, 995).found).toEqual([]);
    expect(before().sweep(400, "a", 0.24).openInterestFlow(1000, 5000, 999.76).found).toEqual([]);
    expect(before().sweep(400, "a", 0.26).openInterestFlow(1000, 5000, 999.74).ids).toEqual(["a"]);
  });

  test("for an inverse contract, whose coins change with the price, nor for one the table lacks", () => {
    const inverse: Instrument = {
      instrument: "XBTUSDM",
      symbol: "BTC",
      quote: "USD",
      scale: 1,
      contract: { kind: "inverse", usd: 1 },
      trading: true,
    };
    const script = new FlowScript(new Map([[inverse.instrument, inverse]]));
    for (const instrument of ["XBTUSDM", "NOPEUSDTM"]) {
      script.openInterest(0, 1000, instrument).sweep(400, "a", 4, { instrument });
      for (const at of [1000, 2000, 3000]) script.openInterest(at, 996, instrument);
    }
    expect(script.found).toEqual([]);
  });
});

describe("fills", () => {
  test("of two takers that alternate are two sweeps", () => {
    const script = new FlowScript().openInterest(0, 1000);
    for (const [index, price] of [80_000, 79_990, 79_980].entries()) {
      script.fill(400 + index, "a", price, 2).fill(400 + index, "b", price, 1);
    }
    script.openInterestFlow(1000, 3000, 991);
    expect(script.found.map(({ event_id, quantity }) => [event_id.at(-1), quantity])).toEqual([
      ["a", 6],
      ["b", 3],
    ]);
  });

  test("that come in several frames up to a second apart are one sweep; a later one is none of it", () => {
    const script = new FlowScript().openInterest(0, 1000).fill(300, "a", 80_000, 1).fill(800, "a", 79_990, 1).fill(900, "a", 79_980, 1);
    script.openInterest(1000, 997).fill(1901, "a", 79_970, 1).openInterestFlow(2000, 4000, 997);
    expect(script.found).toMatchObject([{ quantity: 3, event_time: T0 + 900 }]);
  });

  test("out of order give the time of the last one by the venue's clock", () => {
    const script = new FlowScript().openInterest(0, 1000).fill(402, "a", 80_000, 1, { time: T0 + 390 });
    script.fill(403, "a", 79_980, 1, { time: T0 + 385 }).fill(404, "a", 79_990, 1, { time: T0 + 381 });
    expect(script.openInterestFlow(1000, 3000, 997).found).toMatchObject([{ event_time: T0 + 390, quantity: 3 }]);
  });

  test("that come twice, over two sessions, count once", () => {
    const script = new FlowScript().openInterest(0, 1000);
    const prices = [80_000, 79_990, 79_980];
    for (const at of [400, 450]) for (const price of prices) script.fill(at, "a", price, 1, { tradeId: `t${price}` });
    expect(script.openInterestFlow(1000, 3000, 997).found).toMatchObject([{ quantity: 3, contracts: 3000 }]);
  });
});

describe("several sweeps in the same seconds", () => {
  test("are all reported where the fall is as large as all of them", () => {
    const script = new FlowScript().openInterest(0, 1000).sweep(300, "a", 10).sweep(500, "b", 6).sweep(700, "c", 3);
    expect(script.openInterestFlow(1000, 3000, 981).ids).toEqual(["a", "b", "c"]);
  });

  test("share one fall: the largest is reported, and no other that it leaves nothing for", () => {
    const script = new FlowScript().openInterest(0, 1000).sweep(300, "b", 6).sweep(500, "a", 10).openInterest(1000, 990);
    expect(script.sweep(1200, "c", 3).openInterestFlow(2000, 5000, 990).ids).toEqual(["a"]);
  });

  test("of two instruments do not touch each other", () => {
    const script = new FlowScript().openInterest(0, 1000).openInterest(0, 5000, "ETHUSDTM");
    script.sweep(400, "a", 4).sweep(400, "e", 40, { instrument: "ETHUSDTM" });
    script.openInterest(1000, 996).openInterest(1000, 5000, "ETHUSDTM").openInterest(2000, 996).openInterest(2000, 5000, "ETHUSDTM");
    expect(script.ids).toEqual(["a"]);
  });
});

test("a clock that runs back starts again and loses nothing that follows", () => {
  const script = new FlowScript().openInterest(10_000, 1000).sweep(10_400, "a", 4).openInterest(0, 996).openInterestFlow(1000, 3000, 996);
  expect(script.found).toEqual([]);
  expect(script.sweep(3400, "b", 4).openInterestFlow(4000, 6000, 992).ids).toEqual(["b"]);
});

const TRADE = fc.record({
  kind: fc.constant("trade" as const),
  instrument: fc.constantFrom("XBTUSDTM", "NOPE"),
  side: fc.constantFrom("buy" as const, "sell" as const),
  price: fc.oneof({ weight: 20, arbitrary: fc.integer({ min: 79_990, max: 80_000 }) }, { weight: 1, arbitrary: fc.double() }),
  quantity: fc.oneof({ weight: 20, arbitrary: fc.integer({ min: 1, max: 9 }) }, { weight: 1, arbitrary: fc.double() }),
  takerOrderId: fc.uuid(),
  tradeId: fc.uuid(),
  time: fc.oneof(fc.integer({ min: T0, max: T0 + 20_000 }), fc.double()),
});
/** Fills of one taker order, each a changed copy of the first. */
const SWEEP = fc.array(TRADE, { minLength: 1, maxLength: 8 }).map((fills): FeedMessage[] => {
  const { side, takerOrderId } = fills[0] ?? { side: "buy", takerOrderId: "" };
  return fills.map((fill) => ({ ...fill, instrument: "XBTUSDTM", side, takerOrderId }));
});
const OPEN_INTEREST = fc.record({
  kind: fc.constant("open_interest" as const),
  instrument: fc.constantFrom("XBTUSDTM", "NOPE"),
  quantity: fc.oneof({ weight: 20, arbitrary: fc.integer({ min: 0, max: 60 }) }, { weight: 1, arbitrary: fc.double() }),
});
const OTHER = fc.constantFrom<FeedMessage>({ kind: "pong" }, { kind: "mark", instrument: "XBTUSDTM", price: 80_000, time: T0 });
/** ms from one frame to the next; now and then the clock jumps, either way. */
const STEP = fc.oneof({ weight: 50, arbitrary: fc.integer({ min: 0, max: 900 }) }, { weight: 1, arbitrary: fc.double() });

type Flow = readonly (readonly [FeedMessage, number])[];

function flowOf(...messages: readonly fc.Arbitrary<FeedMessage | readonly FeedMessage[]>[]): fc.Arbitrary<Flow> {
  return fc.array(fc.tuple(fc.oneof(...messages), STEP), { minLength: 1, maxLength: 100, size: "max" }).map((frames) => {
    let now = T0;
    return frames.flatMap(([frame, step]) => {
      now = Math.abs(step) < 1e9 ? now + step : T0;
      return [frame].flat().map((message) => [message, now] as const);
    });
  });
}

function inferred(flow: Flow): readonly VenueLiquidation[] {
  const { inferrer } = new FlowScript();
  return flow.flatMap(([message, received]) => inferrer.observe(message, received));
}

describe("whatever is read", () => {
  test("nothing throws, and every event is a taker order that traded, with a price, a quantity and a value", () => {
    let events = 0;
    const sound = fc.property(flowOf(SWEEP, TRADE, OPEN_INTEREST, OTHER), (flow) => {
      const takers = new Set(flow.map(([message]) => (message.kind === "trade" ? message.takerOrderId : "")));
      for (const event of inferred(flow)) {
        events += 1;
        expect(takers.has(event.event_id.split(":").at(-1) ?? "")).toBe(true);
        expect(event).toMatchObject({ coverage: "inferred", price: expect.any(Number), quantity: expect.any(Number) });
        expect(event.usd_value).toBeGreaterThan(0);
      }
    });
    fc.assert(sound, { numRuns: 300, seed: 5 });
    expect(events).toBeGreaterThan(50);
  });

  test("without a trade there is no event", () => {
    fc.assert(fc.property(flowOf(OPEN_INTEREST, OTHER), (flow) => inferred(flow).length === 0));
  });

  test("without open interest there is no event", () => {
    fc.assert(fc.property(flowOf(SWEEP, TRADE, OTHER), (flow) => inferred(flow).length === 0));
  });
});
