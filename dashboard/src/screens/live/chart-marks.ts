import type {
  IChartApi,
  ISeriesApi,
  ISeriesPrimitive,
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  Logical,
  SeriesType,
  Time,
} from "lightweight-charts";
import type { Bubble, GapSegment } from "./chart-bars.ts";
import type { ChartColours } from "./chart-colours.ts";

/** What is drawn over the candles: gaps as grey hatched bands behind them, liquidations as triangles in front. */
export interface ChartMarks {
  readonly first: number;
  readonly stepMs: number;
  readonly gaps: readonly GapSegment[];
  /** Number of venues that publish liquidations: a gap of all of them is darkest. */
  readonly venues: number;
  readonly bubbles: readonly Bubble[];
  readonly colours: ChartColours;
}

type Canvas = CanvasRenderingContext2D;
const MAX_RADIUS_PX = 20;
const MIN_RADIUS_PX = 3;
const HATCH_PX = 7;

/** A layer of `lightweight-charts` that draws `ChartMarks`; `show` replaces them. */
export class ChartMarksLayer implements ISeriesPrimitive<Time> {
  readonly #chart: IChartApi;
  readonly #series: ISeriesApi<SeriesType>;
  #marks: ChartMarks | null = null;
  readonly #views: readonly IPrimitivePaneView[];

  constructor(chart: IChartApi, series: ISeriesApi<SeriesType>) {
    this.#chart = chart;
    this.#series = series;
    this.#views = [
      { zOrder: () => "bottom", renderer: () => this.#renderer((canvas, marks, height) => this.#drawGaps(canvas, marks, height)) },
      { zOrder: () => "top", renderer: () => this.#renderer((canvas, marks) => this.#drawBubbles(canvas, marks)) },
    ];
  }

  show(marks: ChartMarks): void {
    this.#marks = marks;
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return this.#views;
  }

  #renderer(draw: (canvas: Canvas, marks: ChartMarks, height: number) => void): IPrimitivePaneRenderer {
    return {
      draw: (target) =>
        target.useMediaCoordinateSpace(({ context, mediaSize }) => {
          if (this.#marks === null) return;
          context.save();
          draw(context, this.#marks, mediaSize.height);
          context.restore();
        }),
    };
  }

  /** The axis has one index per step, and the library knows the places of whole indices alone: a time lies between two. */
  #x(time: number, { first, stepMs }: ChartMarks): number | null {
    const scale = this.#chart.timeScale();
    const place = (time - first) / stepMs - 0.5;
    const index = Math.floor(place);
    const [left, right] = [scale.logicalToCoordinate(index as Logical), scale.logicalToCoordinate((index + 1) as Logical)];
    return left === null || right === null ? null : left + (place - index) * (right - left);
  }

  #drawGaps(canvas: Canvas, marks: ChartMarks, height: number): void {
    for (const { from, to, exchanges } of marks.gaps) {
      const [left, right] = [this.#x(from, marks), this.#x(to, marks)];
      if (left === null || right === null) continue;
      const width = Math.max(right - left, 2);
      const share = Math.min(1, exchanges.length / Math.max(1, marks.venues));
      canvas.globalAlpha = 0.1 + 0.16 * share;
      canvas.fillStyle = marks.colours.gap;
      canvas.fillRect(left, 0, width, height);
      hatch(canvas, left, width, height, marks.colours.gap, 0.18 + 0.3 * share);
    }
  }

  #drawBubbles(canvas: Canvas, marks: ChartMarks): void {
    const largest = marks.bubbles[0]?.usd ?? 0;
    // The smallest last, so that none lies hidden under a larger one.
    for (const bubble of marks.bubbles) {
      const x = this.#x(bubble.time, marks);
      const y = this.#series.priceToCoordinate(bubble.price);
      if (x === null || y === null || x < -MAX_RADIUS_PX) continue;
      const radius = Math.max(MIN_RADIUS_PX, MAX_RADIUS_PX * Math.sqrt(bubble.usd / largest));
      drawBubble(canvas, bubble, x, y, radius, marks.colours);
    }
  }
}

function drawBubble(canvas: Canvas, { side, isInferred }: Bubble, x: number, y: number, radius: number, colours: ChartColours): void {
  canvas.beginPath();
  // Longs are sold: a triangle down. Shorts are bought back: a triangle up.
  const up = side === "short" ? -1 : 1;
  canvas.moveTo(x - radius, y - up * radius * 0.7);
  canvas.lineTo(x + radius, y - up * radius * 0.7);
  canvas.lineTo(x, y + up * radius * 0.95);
  canvas.closePath();
  const colour = side === "long" ? colours.long : colours.short;
  canvas.setLineDash(isInferred ? [2, 2] : []);
  if (!isInferred) {
    canvas.globalAlpha = 0.32;
    canvas.fillStyle = colour;
    canvas.fill();
  }
  canvas.globalAlpha = 0.95;
  canvas.strokeStyle = colour;
  canvas.lineWidth = 1;
  canvas.stroke();
}

function hatch(canvas: Canvas, left: number, width: number, height: number, colour: string, alpha: number): void {
  canvas.save();
  canvas.beginPath();
  canvas.rect(left, 0, width, height);
  canvas.clip();
  canvas.globalAlpha = alpha;
  canvas.strokeStyle = colour;
  canvas.lineWidth = 1;
  canvas.beginPath();
  // The lines start on one grid, so that neighbouring bands join.
  for (let x = Math.floor((left - height) / HATCH_PX) * HATCH_PX; x < left + width; x += HATCH_PX) {
    canvas.moveTo(x, height);
    canvas.lineTo(x + height, 0);
  }
  canvas.stroke();
  canvas.restore();
}
