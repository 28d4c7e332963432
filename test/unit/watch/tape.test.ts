import { expect, test } from "vitest";
import type { StreamItem } from "../../../clients/typescript/src/index.ts";
import { Tape } from "../../../scripts/watch/tape.ts";
import { sampleLiquidation } from "../../workers/sample-liquidation.ts";

const TIME = Date.UTC(2026, 10, 20, 12, 20);
const printed = (tape: Tape, frame: object) => tape.print(frame as StreamItem)?.text;

test("a liquidation is a line with its time, asset, side, value, price and venue, and says how late it came", () => {
  const data = sampleLiquidation({ event_time: TIME, received_time: TIME + 2_500, usd_value: 1_234_567, price: 80_123.5 });
  expect(printed(new Tape(), { type: "liquidation", data })?.replaceAll(/ +/g, " ")).toBe(
    "12:20:00.000 BTC long 1,234,567 USD at 80,123.5 binance 2.5 s late",
  );
});

test("what a replay brings shows the time at which it happened, and a gap its day", () => {
  expect(printed(new Tape(), { type: "feed", replayed: true, data: { exchange: "okx", state: "stale", since: TIME } })).toBe(
    "12:20:00.000  feed        okx is stale",
  );
  const gap = { type: "gap", id: null, from_time: TIME - 86_400_000, to_time: TIME, request: "/v1/liquidations?end=1" };
  expect(printed(new Tape(), gap)).toContain(
    "2026-11-19 12:20:00 UTC to 2026-11-20 12:20:00 UTC is missing. GET /v1/liquidations?end=1 has what was stored",
  );
  expect(printed(new Tape(), { ...gap, from_time: null })).toContain("everything before 2026-11-20 12:20:00 UTC is missing");
});

test("the sums of 15 minutes come in a box, once a minute", () => {
  const sums = { start_time: TIME, long: { events: 3, usd: 45_000 }, short: { events: 0, usd: 0 } };
  const totals = (time: number) => ({ type: "totals", time, data: [{ symbol: "BTC", minute: sums, window_15m: sums }] });
  const tape = new Tape();
  expect(printed(tape, totals(TIME))).toBe(undefined);
  expect(printed(tape, totals(TIME + 59_000))).toBe(undefined);
  expect(printed(tape, totals(TIME + 60_000))).toContain("BTC      longs 45,000 USD in 3, shorts 0 USD in 0");
  expect(printed(tape, totals(TIME + 61_000))).toBe(undefined);
});

test("a signal names its decision, so that its input can be shown", () => {
  const data = { signal_id: "BTC-15m-20261120T1220Z", symbol: "BTC", action: "BUY", created_time: TIME };
  expect(new Tape().print({ type: "signal", id: "e-1", data } as StreamItem)).toMatchObject({
    text: expect.stringContaining("BTC BUY"),
    signalId: data.signal_id,
  });
});
