import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { CascadeRecord } from "../../../../src/cascade/cascade-record.ts";
import { clockText, priceText, shortUsd } from "../../parts/format.ts";
import type { FlowBar, PathContent, PathPoint } from "./path-content.ts";
import { type Span, scale, spanOf, timeTicks, valueTicks } from "./path-scale.ts";

const HEIGHT = 320;
const FLOW_HEIGHT = 62;
const FOOT = 20;
const RIGHT = 66;
const TOP = 18;
const TICK_PX = 90;
const MAX_RADIUS = 15;
const MIN_RADIUS = 2.5;

interface MarkPathProps {
  readonly cascade: CascadeRecord;
  readonly content: PathContent;
  /** During a replay only what is before this time is drawn in full; null draws everything. */
  readonly until: number | null;
}

interface Scales {
  readonly x: (time: number) => number;
  readonly y: (price: number) => number;
  readonly width: number;
  readonly bottom: number;
}

/** The mark price around a cascade: its minutes, its liquidations, and in grey what no venue or not every venue covered. */
export function MarkPath({ cascade, content, until }: MarkPathProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const { span, lines, bubbles, bars } = content;
  const prices = spanOf([...lines.flatMap((line) => line.flatMap(({ low, high }) => [low, high])), ...bubbles.map(({ price }) => price)]);
  const bottom = HEIGHT - FOOT - FLOW_HEIGHT;
  const right = width - RIGHT;
  const scales = prices === null ? null : { x: scale(span, 0, right), y: scale(prices, bottom, TOP), width: right, bottom };
  return (
    <div
      class="mark-path"
      ref={box}
      role="img"
      aria-label={`Mark price of ${cascade.symbol} around the cascade: the table below has the same numbers`}
    >
      {width === 0 ? null : scales === null || prices === null ? (
        <p class="state">No mark price of this time is stored.</p>
      ) : (
        <svg width={width} height={HEIGHT} aria-hidden="true">
          <Grid scales={scales} span={span} prices={prices} />
          <Gaps content={content} scales={scales} />
          <During cascade={cascade} scales={scales} span={span} />
          <Prices lines={lines} scales={scales} until={until} />
          <Bubbles content={content} cascade={cascade} scales={scales} until={until} />
          <Flow bars={bars} barMs={content.barMs} side={cascade.position_side} scales={scales} />
          {until === null ? null : <line class="path-now" x1={scales.x(until)} x2={scales.x(until)} y1={0} y2={HEIGHT - FOOT} />}
        </svg>
      )}
    </div>
  );
}

function useWidth(box: { readonly current: HTMLDivElement | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    return () => observer.disconnect();
  }, []);
  return width;
}

function Grid({ scales: { x, y, width, bottom }, span, prices }: { readonly scales: Scales; readonly span: Span; readonly prices: Span }) {
  const times = timeTicks(span, Math.max(2, Math.floor(width / TICK_PX)));
  const isFine = span.high - span.low < 600_000;
  return (
    <g class="path-grid">
      {valueTicks(prices).map((price) => (
        <g key={price}>
          <line x1={0} x2={width} y1={y(price)} y2={y(price)} />
          <text x={width + 8} y={y(price) + 3.5}>
            {priceText(price)}
          </text>
        </g>
      ))}
      {times.map((time) => (
        <g key={time}>
          <line x1={x(time)} x2={x(time)} y1={TOP} y2={HEIGHT - FOOT} />
          {x(time) < 20 || x(time) > width - 20 ? null : (
            <text x={x(time)} y={HEIGHT - 6} text-anchor="middle">
              {isFine ? clockText(time) : clockText(time).slice(0, 5)}
            </text>
          )}
        </g>
      ))}
      <line class="path-floor" x1={0} x2={width} y1={bottom + 8} y2={bottom + 8} />
    </g>
  );
}

/** A gap as a grey hatched band over the whole height: what is drawn within it is not all that happened. */
function Gaps({ content: { gaps }, scales: { x } }: { readonly content: PathContent; readonly scales: Scales }) {
  if (gaps.length === 0) return null;
  return (
    <g>
      <defs>
        <pattern id="path-hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect class="path-gap-ground" width="7" height="7" />
          <line class="path-gap-line" x1="0" x2="0" y1="0" y2="7" />
        </pattern>
      </defs>
      {gaps.map(({ from, to, exchanges }) => (
        <rect
          class="path-gap"
          key={from}
          x={x(from)}
          y={0}
          width={Math.max(x(to) - x(from), 1.5)}
          height={HEIGHT - FOOT}
          fill="url(#path-hatch)"
        >
          <title>{`Not covered: ${exchanges.join(", ")}`}</title>
        </rect>
      ))}
    </g>
  );
}

/** The time of the cascade itself, with its beginning and end. */
function During({
  cascade,
  scales: { x, width },
  span,
}: {
  readonly cascade: CascadeRecord;
  readonly scales: Scales;
  readonly span: Span;
}) {
  const { start_time: start, end_time: end, position_side: side } = cascade;
  const from = x(start);
  const to = x(Math.min(end ?? span.high, span.high));
  const isNarrow = to - from < 90;
  return (
    <g class={`path-during side-${side}`}>
      <rect x={from} y={TOP} width={Math.max(to - from, 1)} height={HEIGHT - FOOT - TOP} />
      <line x1={from} x2={from} y1={TOP} y2={HEIGHT - FOOT} />
      {end === null ? null : <line x1={to} x2={to} y1={TOP} y2={HEIGHT - FOOT} />}
      <text x={from + (isNarrow ? -4 : 0)} y={11} text-anchor={isNarrow && from > 60 ? "end" : "start"}>
        began
      </text>
      {end === null ? null : (
        <text x={Math.min(to + (isNarrow ? 4 : 0), width)} y={11} text-anchor={isNarrow ? "start" : "end"}>
          ended
        </text>
      )}
    </g>
  );
}

interface PricesProps {
  readonly lines: readonly (readonly PathPoint[])[];
  readonly scales: Scales;
  readonly until: number | null;
}

function Prices({ lines, scales: { x, y, width }, until }: PricesProps) {
  const at = (time: number, price: number) => `${x(time).toFixed(1)} ${y(price).toFixed(1)}`;
  const line = (points: readonly PathPoint[]) => `M${points.map(({ time, price }) => at(time, price)).join("L")}`;
  const range = (points: readonly PathPoint[]) =>
    `M${points.map(({ time, high }) => at(time, high)).join("L")}L${points
      .toReversed()
      .map(({ time, low }) => at(time, low))
      .join("L")}Z`;
  return (
    <g class={until === null ? "path-prices" : "path-prices path-replayed"}>
      <clipPath id="path-until">
        <rect x={0} y={0} width={until === null ? width : Math.max(0, x(until))} height={HEIGHT} />
      </clipPath>
      {lines.map((points) => (
        <g key={points[0]?.time}>
          <path class="path-range" d={range(points)} />
          <path class="path-line path-later" d={line(points)} />
          <path class="path-line" d={line(points)} clip-path="url(#path-until)" />
        </g>
      ))}
    </g>
  );
}

interface BubblesProps extends Omit<MarkPathProps, "content"> {
  readonly content: PathContent;
  readonly scales: Scales;
}

function Bubbles({ content: { bubbles }, cascade: { position_side: side }, scales: { x, y } }: BubblesProps) {
  const most = bubbles[0]?.usd ?? 1;
  const points = side === "long" ? "M-1 -.8H1L0 .95Z" : "M-1 .8H1L0 -.95Z";
  return (
    <g class={`path-bubbles side-${side}`}>
      {bubbles.map(({ id, time, price, usd }) => (
        <path
          key={id}
          d={points}
          transform={`translate(${x(time).toFixed(1)} ${y(price).toFixed(1)}) scale(${Math.max(MIN_RADIUS, MAX_RADIUS * Math.sqrt(usd / most)).toFixed(1)})`}
        >
          <title>{`${shortUsd(usd)} at ${priceText(price)}, ${clockText(time)}`}</title>
        </path>
      ))}
    </g>
  );
}

interface FlowProps {
  readonly bars: readonly FlowBar[];
  readonly barMs: number;
  readonly side: CascadeRecord["position_side"];
  readonly scales: Scales;
}

function Flow({ bars, barMs, side, scales: { x, bottom, width } }: FlowProps) {
  const most = Math.max(1, ...bars.map(({ usd }) => usd));
  const floor = HEIGHT - FOOT;
  const barWidth = Math.max(1, x(barMs) - x(0) - 1);
  return (
    <g class={`path-flow side-${side}`}>
      {bars.map(({ time, usd, events }) => {
        const height = ((FLOW_HEIGHT - 14) * usd) / most;
        return (
          <rect key={time} x={x(time)} y={floor - height} width={barWidth} height={height}>
            <title>{`${shortUsd(usd)} in ${events} liquidations from ${clockText(time)}`}</title>
          </rect>
        );
      })}
      <text x={width + 8} y={bottom + 20}>
        {shortUsd(most)}
      </text>
      <text x={width + 8} y={bottom + 33}>
        per {barMs >= 60_000 ? `${barMs / 60_000} m` : `${barMs / 1_000} s`}
      </text>
    </g>
  );
}
