import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sampleLiquidations } from "../../../scripts/bench/sample-liquidations.ts";
import { sliceRows } from "../../../src/daily/slice-rows.ts";
import { addSummaries, summarize } from "../../../src/daily/slice-summary.ts";
import type { ImpactFields, Liquidation } from "../../../src/liquidation.ts";

const samples = sampleLiquidations(40);
const always = { start: 0, end: Number.MAX_SAFE_INTEGER };
const none: ReadonlyMap<string, ImpactFields> = new Map();

function event(id: string, time: number, changes: Partial<Liquidation> = {}): Liquidation {
  const [first] = samples;
  if (first === undefined) throw new Error("no sample");
  return { ...first, event_id: id, event_time: time, received_time: time + 100, ...changes };
}

describe("the rows of a slice", () => {
  test("are those of its stretch, by time and then id", () => {
    const given = [
      [event("c", 20), event("b", 10)],
      [event("a", 10), event("early", 9), event("late", 30)],
    ];
    expect(sliceRows(given, { start: 10, end: 30 }, none).map((row) => row.event_id)).toEqual(["a", "b", "c"]);
  });

  test("have of two tellings of an event the first received, with what either knows of its impact", () => {
    const first = event("a", 10, { received_time: 11, impact_1s_bps: 1, impact_5s_bps: null, source: "stream" });
    const second = event("a", 10, { received_time: 19, impact_1s_bps: 9, impact_5s_bps: 5, source: "backfill" });
    const expected = [{ ...first, impact_5s_bps: 5 }];
    expect(sliceRows([[first], [second]], always, none)).toEqual(expected);
    expect(sliceRows([[second], [first]], always, none)).toEqual(expected);
  });

  test("take the latest impact, and keep what it does not know", () => {
    const latest = new Map([["a", { impact_1s_bps: 7, impact_5s_bps: null, impact_60s_bps: 8 }]]);
    const [row] = sliceRows([[event("a", 10, { impact_1s_bps: 1, impact_5s_bps: 2 })]], always, latest);
    expect(row).toMatchObject({ impact_1s_bps: 7, impact_5s_bps: 2, impact_60s_bps: 8 });
  });

  test("are the same whatever was merged before what", () => {
    const telling = fc.record({
      id: fc.constantFrom("a", "b"),
      received_time: fc.integer({ min: 1, max: 2 }),
      price: fc.constantFrom(1, 2),
      impact_5s_bps: fc.constantFrom(null, 5),
    });
    fc.assert(
      fc.property(fc.array(telling, { maxLength: 8 }), fc.nat(8), (tellings, at) => {
        const rows = tellings.map(({ id, ...changes }) => event(id, 10, changes));
        const before = sliceRows([rows.slice(at)], always, none);
        expect(sliceRows([before, rows.slice(0, at)], always, none)).toEqual(sliceRows([rows.toReversed()], always, none));
      }),
    );
  });
});

describe("the summary", () => {
  test("of parts added up is that of the whole", () => {
    const rows = samples.toSorted((a, b) => a.event_time - b.event_time);
    const parts = [rows.slice(0, 7), [], rows.slice(7, 30), rows.slice(30)].map(summarize);
    expect(addSummaries(parts)).toEqual(summarize(rows));
    expect(summarize(rows)).toMatchObject({ rows: 40, first_event_time: rows[0]?.event_time, last_event_time: rows.at(-1)?.event_time });
  });

  test("of no rows has no times and no venues", () => {
    expect(summarize([])).toEqual({ rows: 0, first_event_time: null, last_event_time: null, exchanges: {} });
    expect(addSummaries([])).toEqual(summarize([]));
  });
});
