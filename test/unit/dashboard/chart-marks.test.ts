import type { IChartApi, ISeriesApi, SeriesType } from "lightweight-charts";
import { expect, test } from "vitest";
import { type ChartMarks, ChartMarksLayer } from "../../../dashboard/src/screens/live/chart-marks.ts";

const BAR_PX = 10;
/** As the library: a place is known for whole indices alone, and is 0 for all others. */
const chart = {
  timeScale: () => ({ logicalToCoordinate: (logical: number) => (Number.isInteger(logical) ? logical * BAR_PX : 0) }),
} as unknown as IChartApi;
const series = { priceToCoordinate: (price: number) => price } as unknown as ISeriesApi<SeriesType>;
const COLOURS = { ink: "", ink3: "", edge: "", panel: "", long: "long", short: "short", gap: "gap", accent: "" };

const ignore = () => undefined;

/** The points where shapes begin, and the rectangles, that a layer draws. */
function drawn(marks: Partial<ChartMarks>): { readonly starts: number[]; readonly rects: number[][] } {
  const [starts, rects]: [number[], number[][]] = [[], []];
  const context = new Proxy({} as Record<string, unknown>, {
    get: (_, name) =>
      name === "moveTo" ? (x: number) => starts.push(x) : name === "fillRect" ? (...rect: number[]) => rects.push(rect) : ignore,
    set: () => true,
  });
  const layer = new ChartMarksLayer(chart, series);
  layer.show({ first: 0, stepMs: 1_000, gaps: [], venues: 2, bubbles: [], colours: COLOURS, ...marks });
  const target = { useMediaCoordinateSpace: (draw: (scope: object) => void) => draw({ context, mediaSize: { width: 500, height: 100 } }) };
  for (const view of layer.paneViews()) view.renderer()?.draw(target as never);
  return { starts, rects };
}

test("a liquidation stands at its own time, also within a candle", () => {
  const bubble = { id: "a", price: 50, usd: 100, side: "long", isInferred: false } as const;
  const { starts } = drawn({ bubbles: [{ ...bubble, time: 20_250 }] });
  // The largest has a radius of 20 px, and a candle stands in the middle of its step.
  expect(starts).toEqual([20.25 * BAR_PX - BAR_PX / 2 - 20]);
});

test("a gap is a band from its beginning to its end, over the whole height", () => {
  const { rects } = drawn({ gaps: [{ from: 5_000, to: 7_500, exchanges: ["okx"] }] });
  expect(rects).toEqual([[45, 0, 25, 100]]);
});
