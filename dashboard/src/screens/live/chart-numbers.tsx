import { MINUTE_MS } from "../../../../src/windows/calendar.ts";
import { Hint } from "../../parts/hint.tsx";
import { priceText, shortUsd, wholeUsd, momentText } from "../../parts/format.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { SideMark } from "../../parts/side.tsx";
import type { ChartBar } from "./chart-bars.ts";
import type { PaneContent } from "./price-pane.ts";

const TABLE_ROWS = 30;

/** The numbers of the bar under the pointer, else of the newest. Its place does not move. */
export function ChartLegend({ bar, content }: { readonly bar: ChartBar | null; readonly content: PaneContent | null }) {
  if (bar === null || content === null) return <div class="chart-legend">&nbsp;</div>;
  const missing = content.gaps.filter(({ from, to }) => from < bar.time + content.stepMs && to > bar.time);
  const names = [...new Set(missing.flatMap(({ exchanges }) => exchanges))];
  return (
    <div class="chart-legend">
      <span class="num">{momentText(bar.time).slice(5)}</span>
      <span class="num">
        <MarkName content={content} /> {bar.price === null ? "–" : priceRange(bar.price)}
      </span>
      {bar.isKnown ? (
        <>
          <span class="num side-long">
            <SideMark side="long" /> {shortUsd(bar.long)} longs
          </span>
          <span class="num side-short">
            <SideMark side="short" /> {shortUsd(bar.short)} shorts
          </span>
        </>
      ) : (
        <span class="chart-missing">liquidations not loaded</span>
      )}
      {names.length === 0 ? null : <span class="chart-missing">not covered: {names.join(", ")}</span>}
    </div>
  );
}

function MarkName({ content: { priceVenue, stepMs } }: { readonly content: PaneContent }) {
  const name = priceVenue === null ? "mark" : `mark on ${priceVenue}`;
  if (stepMs >= MINUTE_MS) return <>{name}</>;
  const hint =
    "In steps of seconds the price is known at the first and the last moment of each minute, and at liquidations of this venue. The line joins them, where at most a minute lies between two.";
  return <Hint hint={hint}>{name}</Hint>;
}

function priceRange({ open, close }: NonNullable<ChartBar["price"]>): string {
  return open === close ? priceText(close) : `${priceText(open)} to ${priceText(close)}`;
}

interface ChartTableProps {
  readonly bars: readonly ChartBar[];
  readonly symbol: string;
  readonly priceVenue: string | null;
}

/** The newest steps as a table, for those who cannot see the chart or point at it. */
export function ChartTable({ bars, symbol, priceVenue }: ChartTableProps) {
  const rows = bars.slice(-TABLE_ROWS).toReversed();
  return (
    <DataTable
      caption={`The last ${TABLE_ROWS} steps of the chart of ${symbol}`}
      rows={rows}
      keyOf={({ time }) => String(time)}
      columns={[
        { name: "start", cell: ({ time }) => momentText(time) },
        {
          name: priceVenue === null ? "mark at the end" : `mark on ${priceVenue} at the end`,
          align: "right",
          cell: ({ price }) => (price === null ? "–" : priceText(price.close)),
        },
        { name: "longs", align: "right", cell: ({ long, isKnown }) => (isKnown ? wholeUsd(long) : "–") },
        { name: "shorts", align: "right", cell: ({ short, isKnown }) => (isKnown ? wholeUsd(short) : "–") },
        { name: "events", align: "right", cell: ({ events, isKnown }) => (isKnown ? String(events) : "–") },
      ]}
    />
  );
}
