import * as fc from "fast-check";
import { expect, test } from "vitest";
import { loadParquet } from "../../../scripts/parquet-module.ts";
import { sampleLiquidations } from "../../../scripts/bench/sample-liquidations.ts";
import { slicePlaces } from "../../../src/daily/slice-places.ts";
import { sliceRows } from "../../../src/daily/slice-rows.ts";
import { countRows } from "../../../src/daily/row-counts.ts";
import { summarize } from "../../../src/daily/slice-summary.ts";
import { rowFilter } from "../../../src/exports/export-request.ts";
import type { ImpactFields, Liquidation } from "../../../src/liquidation.ts";
import { LIQUIDATION_FIELDS, SCHEMA_VERSION } from "../../../src/liquidation-fields.ts";
import { liquidationsAt, placeLiquidations, readLiquidations } from "../../../src/parquet/decode.ts";
import { encodeLiquidations, encodePlaces } from "../../../src/parquet/encode.ts";

loadParquet();

const samples = sampleLiquidations(12);
const impact = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { freq: 2 });
const impacts = fc.record<ImpactFields>({ impact_1s_bps: impact, impact_5s_bps: impact, impact_60s_bps: impact });

/** Few ids and times, so that many events come more than once and at the same time. */
const events = fc
  .tuple(
    fc.nat({ max: 11 }),
    fc.nat({ max: 11 }),
    fc.nat({ max: 5 }),
    fc.nat({ max: 2 }),
    impacts,
    fc.constantFrom("plain", 'q"uo,te', "牛\u2028来", "longer than what is copied byte by byte"),
  )
  .map(([sample, id, time, late, known, text]): Liquidation => {
    const row = samples[sample];
    if (row === undefined) throw new Error("no sample");
    return {
      ...row,
      ...known,
      event_id: `é${id}`,
      event_time: 10 + time,
      received_time: 20 + late,
      order_type: text,
      gap_before_ms: 2 ** 52 + id,
    };
  });
const sources = fc.array(fc.array(events, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 });
const later = fc
  .dictionary(
    fc.nat({ max: 11 }).map((id) => `é${id}`),
    impacts,
  )
  .map((known) => new Map(Object.entries(known)));

test("rows in columns are merged, chosen, summed up and encoded to the very bytes that they give as objects", () => {
  const range = { start: 11, end: 15 };
  const isLarge = rowFilter({ symbols: null, exchanges: null, side: "long", min_usd: 1_000, inferred: false } as Parameters<
    typeof rowFilter
  >[0]);
  fc.assert(
    fc.property(sources, later, (given, known) => {
      const files = given.map((rows) => encodeLiquidations(rows, { metadata: {} }));
      const rows = sliceRows(
        files.map((file) => readLiquidations(file)),
        range,
        known,
      );
      const places = slicePlaces(
        files.map((file) => placeLiquidations(file)),
        range,
        known,
      );
      expect(liquidationsAt(places)).toEqual(rows);
      expect(summarize(places)).toEqual(summarize(rows));
      expect(countRows(places, 0)).toEqual(countRows(rows, 0));
      expect(places.map((row) => isLarge(row))).toEqual(rows.map((row) => isLarge(row)));
      if (rows.length === 0) return;
      const metadata = { schema_version: SCHEMA_VERSION, rows: rows.length };
      expect(Buffer.from(encodePlaces(LIQUIDATION_FIELDS, places, { metadata })).equals(encodeLiquidations(rows, { metadata: {} }))).toBe(
        true,
      );
    }),
    { numRuns: 25, seed: 3 },
  );
});
