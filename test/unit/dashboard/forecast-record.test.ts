import { expect, test } from "vitest";
import { liveRecord, reliabilityRows, testRecord } from "../../../dashboard/src/screens/cascades/forecast-record.ts";
import { EMPTY_BINS, reliabilityOf } from "../../../src/cascade-forecast/reliability.ts";
import { forecastModel } from "../cascade-forecast/forecast-model.ts";

const binsWith = (bin: number, forecasts: number, followed: number) =>
  reliabilityOf(EMPTY_BINS.map((one, index) => (index === bin ? { forecasts, probability: 0.07 * forecasts, followed } : one)));

test("tested and live forecasts stand side by side, by probability, and bins without any are left out", async () => {
  const { test: tested } = await forecastModel();
  const records = [
    testRecord({ test: { lead_times: tested.lead_times, reliability: binsWith(4, 200, 15) } }),
    liveRecord({ reliability: [...binsWith(5, 10, 1)], lead_times: { cascades: 0, led: 0, p10_s: null, p50_s: null, p90_s: null } }),
  ];
  expect(reliabilityRows(records)).toEqual([
    { range: "5% to 10%", shares: [0.075, null], counts: [200, 0] },
    { range: "10% to 20%", shares: [null, 0.1], counts: [0, 10] },
  ]);
  expect(records.map(({ leads }) => leads)).toEqual([
    "On the tested days an alarm led 380 of 430 cascades, by 11 s in the median (80 % between 2 and 40 s).",
    "Live no cascade came.",
  ]);
});
