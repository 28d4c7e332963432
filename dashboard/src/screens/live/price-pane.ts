import {
  CandlestickSeries,
  type ISeriesApi,
  type Time,
  type UTCTimestamp,
  ColorType,
  CrosshairMode,
  HistogramSeries,
  type IChartApi,
  LineSeries,
  LineStyle,
  type SeriesType,
  createChart,
} from "lightweight-charts";
import { momentText, priceText, shortUsd } from "../../parts/format.ts";
import { type Bubble, type ChartBar, type GapSegment, linePoints } from "./chart-bars.ts";
import { type ChartColours, chartColours } from "./chart-colours.ts";
import { ChartMarksLayer } from "./chart-marks.ts";

/** How the price is drawn: `candles`, or a `line` through the moments at which it is known. */
export type PriceShape = "candles" | "line";

/** No line leads on from the last price before a stretch without one. */
const CUT = "rgba(0, 0, 0, 0)";

/** A series of either shape, set to the bars. */
interface PriceSeries {
  readonly series: ISeriesApi<SeriesType>;
  paint(colours: ChartColours): void;
  show(bars: readonly ChartBar[]): void;
}

function momentOf(time: Time): string {
  return momentText(Number(time) * 1_000);
}

export interface PaneContent {
  readonly bars: readonly ChartBar[];
  readonly stepMs: number;
  readonly gaps: readonly GapSegment[];
  readonly venues: number;
  readonly bubbles: readonly Bubble[];
  /** The venue whose mark prices the candles are; null where there is no price. */
  readonly priceVenue: string | null;
}

/** The price with liquidations on it, and long and short bars below: one object around `lightweight-charts`. */
export class PricePane {
  readonly #chart: IChartApi;
  readonly #price: PriceSeries;
  readonly #longs: ISeriesApi<"Histogram">;
  readonly #shorts: ISeriesApi<"Histogram">;
  readonly #marks: ChartMarksLayer;
  #content: PaneContent | null = null;

  /** @param onHover given the bar under the pointer, or null */
  constructor(box: HTMLElement, shape: PriceShape, onHover: (bar: ChartBar | null) => void) {
    this.#chart = createChart(box, {
      autoSize: true,
      // Its link would come with an inline style, which the policy refuses; the panel has the link instead.
      layout: { attributionLogo: false, fontSize: 11 },
      crosshair: { mode: CrosshairMode.Normal },
      rightPriceScale: { minimumWidth: 72 },
      // The browser's own language may be one that it does not know itself.
      localization: { locale: "en-US", timeFormatter: momentOf },
    });
    this.#price = shape === "candles" ? candlesOn(this.#chart) : lineOn(this.#chart);
    const usd = { type: "custom", formatter: (value: number) => shortUsd(Math.abs(value)), minMove: 1 } as const;
    const hidden = { priceLineVisible: false, lastValueVisible: false, priceFormat: usd } as const;
    this.#shorts = this.#chart.addSeries(HistogramSeries, hidden, 1);
    this.#longs = this.#chart.addSeries(HistogramSeries, hidden, 1);
    this.#chart.panes()[1]?.setStretchFactor(0.34);
    this.#marks = new ChartMarksLayer(this.#chart, this.#price.series);
    this.#price.series.attachPrimitive(this.#marks);
    this.#chart.subscribeCrosshairMove(({ logical }) => {
      onHover(logical === undefined ? null : (this.#content?.bars[Math.round(logical)] ?? null));
    });
    this.paint();
  }

  /** Takes the colours of the theme that is shown. */
  paint(): void {
    const colours = chartColours();
    const { ink, edge, panel, long, short, ink3 } = colours;
    const font = getComputedStyle(document.body).fontFamily;
    this.#chart.applyOptions({
      layout: { background: { type: ColorType.Solid, color: panel }, textColor: ink, fontFamily: font, panes: { separatorColor: edge } },
      grid: { vertLines: { color: edge, style: LineStyle.Dotted }, horzLines: { color: edge, style: LineStyle.Dotted } },
      crosshair: { vertLine: { color: ink3, labelBackgroundColor: ink3 }, horzLine: { color: ink3, labelBackgroundColor: ink3 } },
      rightPriceScale: { borderColor: edge },
      timeScale: { borderColor: edge },
    });
    this.#price.paint(colours);
    this.#shorts.applyOptions({ color: short });
    this.#longs.applyOptions({ color: long });
    if (this.#content !== null) this.show(this.#content);
  }

  show(content: PaneContent): void {
    const before = this.#content;
    this.#content = content;
    const { bars, stepMs } = content;
    this.#marks.show({ ...content, first: bars[0]?.time ?? 0, colours: chartColours() });
    this.#price.show(bars);
    // A step whose liquidations are not known has no bar: 0 would say that there were none.
    const value = (bar: ChartBar, usd: number) => (bar.isKnown ? { time: chartTime(bar), value: usd } : { time: chartTime(bar) });
    this.#shorts.setData(bars.map((bar) => value(bar, bar.short)));
    this.#longs.setData(bars.map((bar) => value(bar, -bar.long)));
    this.#chart.applyOptions({ timeScale: { timeVisible: true, secondsVisible: stepMs < 60_000 } });
    if (before?.stepMs !== stepMs || before.bars.length < bars.length / 2) this.#chart.timeScale().fitContent();
  }

  /** Shows the whole range again. */
  fit(): void {
    this.#chart.timeScale().fitContent();
  }

  remove(): void {
    this.#chart.remove();
  }
}

function chartTime({ time }: Pick<ChartBar, "time">): UTCTimestamp {
  return (time / 1_000) as UTCTimestamp;
}

const PRICE = { priceFormat: { type: "custom", formatter: priceText, minMove: 1e-8 }, lastValueVisible: true } as const;

function candlesOn(chart: IChartApi): PriceSeries {
  const series = chart.addSeries(CandlestickSeries, { ...PRICE, borderVisible: true });
  return {
    series,
    // Hollow and filled bodies show the direction; red and green belong to the liquidations.
    paint: ({ panel, ink3 }) => {
      const edges = { borderUpColor: ink3, borderDownColor: ink3, wickUpColor: ink3, wickDownColor: ink3 };
      // The label of the last price takes this colour, not that of a hollow body, which would let the axis show through.
      series.applyOptions({ upColor: panel, downColor: ink3, priceLineColor: ink3, ...edges });
    },
    show: (bars) => {
      series.setData(bars.map((bar) => ({ time: chartTime(bar), ...bar.price })));
    },
  };
}

function lineOn(chart: IChartApi): PriceSeries {
  const series = chart.addSeries(LineSeries, { ...PRICE, lineWidth: 2, crosshairMarkerRadius: 3 });
  return {
    series,
    paint: ({ ink3 }) => series.applyOptions({ color: ink3, priceLineColor: ink3 }),
    show: (bars) => {
      series.setData(
        linePoints(bars).map(({ price, isEnd, ...point }) =>
          price === null ? { time: chartTime(point) } : { time: chartTime(point), value: price, ...(isEnd ? { color: CUT } : {}) },
        ),
      );
    },
  };
}
