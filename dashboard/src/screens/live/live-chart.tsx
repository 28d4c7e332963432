import { useEffect, useRef, useState } from "preact/hooks";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/query.ts";
import { Panel } from "../../parts/panel.tsx";
import { FailureView, StaleNotice } from "../../parts/state-view.tsx";
import { parameter, setParameters } from "../../shell/router.tsx";
import { completeFrom, eventLog, eventsVersion, openGaps, venues } from "../../store/live-store.ts";
import { shownTheme } from "../../store/preferences.ts";
import { useStoredEvents } from "../../store/stored-events.ts";
import { serverNow } from "../../stream/server-clock.ts";
import { type BarsInput, type ChartBar, bubblesOf, chartBars, gapSegments, priceVenueOf, unknownSegments } from "./chart-bars.ts";
import { ChartLegend, ChartTable } from "./chart-numbers.tsx";
import { shownSymbol } from "./live-symbol.ts";
import { chartStart, marksTo, useMarks } from "./marks-query.ts";
import { PricePane, type PaneContent } from "./price-pane.ts";
import { CHART_STEPS, type ChartStep, chartStepOf } from "./steps.ts";

const REFRESH_MS = 60_000;
const DRAW_MS = 250;
const MAX_BUBBLES = 150;

/** The price of one base asset with its liquidations and gaps. */
export function LiveChart() {
  const symbol = shownSymbol();
  const step = chartStepOf(parameter("step"));
  return (
    <Panel
      title={`${symbol} price and liquidations`}
      class="live-chart"
      aside={
        <div class="choices" role="group" aria-label="Length of a candle">
          {CHART_STEPS.map(({ name }) => (
            <button type="button" class="choice" key={name} aria-pressed={name === step.name} onClick={() => setParameters({ step: name })}>
              {name}
            </button>
          ))}
        </div>
      }
    >
      <ChartOf key={`${symbol} ${step.name}`} symbol={symbol} step={step} />
    </Panel>
  );
}

interface ChartOfProps {
  readonly symbol: string;
  readonly step: ChartStep;
}

function ChartOf({ symbol, step }: ChartOfProps) {
  const input = useChartInput(symbol, step);
  const box = useRef<HTMLDivElement>(null);
  const pane = useRef<PricePane | null>(null);
  const [hovered, setHovered] = useState<ChartBar | null>(null);
  useEffect(() => {
    if (box.current === null) return;
    pane.current = new PricePane(box.current, step.stored === null ? "line" : "candles", setHovered);
    return () => pane.current?.remove();
  }, []);
  const theme = shownTheme.value;
  useEffect(() => pane.current?.paint(), [theme]);
  const content = useSteadily(() => contentOf(symbol, step, input), input);
  useEffect(() => {
    if (content !== null) pane.current?.show(content);
  }, [content]);
  const shown = hovered ?? content?.bars.findLast(({ events, price }) => events > 0 || price !== null) ?? null;
  const { failure, isBlank, reload } = chartFailure(step, input);
  return (
    <>
      {failure === null || isBlank ? null : <StaleNotice failure={failure} reload={reload} />}
      <ChartLegend bar={shown} content={content} />
      <div class="chart-stage">
        {/* It stays while a failure covers it: the chart is drawn into it once, for good. */}
        <div class="chart-box" ref={box} role="img" aria-label={`Chart of ${symbol}: the table below has the same numbers`} />
        {failure !== null && isBlank ? (
          <div class="chart-cover">
            <FailureView failure={failure} reload={reload} />
          </div>
        ) : null}
      </div>
      <footer class="chart-foot">
        <details class="chart-table">
          <summary>As a table</summary>
          <ChartTable bars={content?.bars ?? []} symbol={symbol} priceVenue={content?.priceVenue ?? null} />
        </details>
        <a class="chart-credit" href="https://www.tradingview.com/" target="_blank" rel="noopener noreferrer">
          Charts by TradingView
        </a>
      </footer>
    </>
  );
}

/** The answers that the chart of a symbol and step is made of. */
function useChartInput(symbol: string, step: ChartStep) {
  const { name, stored } = step;
  const start = () => chartStart(step);
  const marks = useMarks(symbol, step);
  const totals = useQuery(
    stored === null ? null : `totals ${symbol} ${name}`,
    () =>
      ask(
        api.GET("/v1/totals", {
          params: { query: { symbol, interval: stored?.totals ?? "1m", start: start(), limit: 1_000 } },
        }),
      ),
    { refreshMs: REFRESH_MS },
  );
  const recent = useStoredEvents(symbol);
  const largest = useQuery(
    stored === null ? null : `largest ${symbol} ${name}`,
    () => ask(api.GET("/v1/liquidations", { params: { query: { symbol, sort: "usd", limit: MAX_BUBBLES, start: start() } } })),
    { refreshMs: 2 * REFRESH_MS },
  );
  return { marks, totals, recent, largest };
}
type ChartInput = ReturnType<typeof useChartInput>;

/** Why a part of the chart is not there or not new, and whether that leaves it without what it is made of. */
function chartFailure({ stored }: ChartStep, { marks, totals, recent, largest }: ChartInput) {
  const failed = [marks, recent, totals, largest].filter(({ failure }) => failure !== null);
  const main = stored === null ? recent : marks;
  return {
    failure: main.failure ?? failed[0]?.failure ?? null,
    isBlank: main.failure !== null && main.data === null,
    reload: () => {
      for (const { reload } of failed) reload();
    },
  };
}

/** Computes at most four times a second, however fast events come, and at once when an answer comes. */
function useSteadily<Value>(compute: () => Value, { marks, totals, recent, largest }: ChartInput): Value | null {
  const [value, setValue] = useState<Value | null>(null);
  const latest = useRef(compute);
  latest.current = compute;
  useEffect(() => setValue(latest.current()), [marks.data, totals.data, recent.data, largest.data]);
  useEffect(() => {
    let drawn = -1;
    let second = 0;
    const timer = setInterval(() => {
      if (document.visibilityState === "hidden") return;
      const now = Math.floor(Date.now() / 1_000);
      if (eventsVersion.peek() === drawn && now === second) return;
      [drawn, second] = [eventsVersion.peek(), now];
      setValue(latest.current());
    }, DRAW_MS);
    return () => clearInterval(timer);
  }, []);
  return value;
}

function contentOf(symbol: string, step: ChartStep, { marks, totals, recent, largest }: ChartInput): PaneContent | null {
  if (marks.data === null && recent.data === null) return null;
  const end = serverNow();
  const start = end - step.rangeMs;
  const events = eventLog.events.filter((event) => event.symbol === symbol);
  const inView = events.filter(({ event_time: time }) => time >= start);
  const input: BarsInput = {
    start,
    end,
    stepMs: step.ms,
    events,
    eventsFrom: completeFrom(symbol),
    totals: totals.data,
    marks: marks.data ?? [],
    marksTo: marksTo(marks),
    priceVenue: priceVenueOf(marks.data ?? [], inView),
  };
  const coverage = marks.meta?.coverage ?? {};
  const publishes = ({ exchange }: { readonly exchange: string }) => (coverage as Record<string, string>)[exchange] !== "none";
  const gaps = [...(marks.meta?.gaps ?? []), ...openGaps.peek()].filter(publishes);
  const bars = chartBars(input);
  return {
    bars,
    stepMs: step.ms,
    gaps: [...unknownSegments(bars, step.ms), ...gapSegments(gaps, start, end)],
    venues: venues.peek().filter(({ coverage: kind }) => kind !== "none").length,
    bubbles: bubblesOf([...(largest.data ?? []), ...events], start, MAX_BUBBLES),
    priceVenue: input.priceVenue,
  };
}
