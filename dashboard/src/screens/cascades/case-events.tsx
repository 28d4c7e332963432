import { useState } from "preact/hooks";
import type { CascadeRecord } from "../../../../src/cascade/cascade-record.ts";
import { flowUsd } from "../../../../src/flow-usd.ts";
import type { Liquidation } from "../../api/schema.ts";
import { COVERAGE_TEXT } from "../../parts/coverage.tsx";
import { DataTable } from "../../parts/data-table.tsx";
import { clockText, countText, momentText, shareText } from "../../parts/format.ts";
import { Panel } from "../../parts/panel.tsx";
import { Price } from "../../parts/price.tsx";
import { StateView } from "../../parts/state-view.tsx";
import { Unknown } from "../../parts/unknown.tsx";
import { Usd } from "../../parts/usd.tsx";
import type { KnownEvents } from "./case-queries.ts";
import { saveAs } from "../../store/save-as.ts";
import { eventsCsv } from "./events-csv.ts";

const FIRST_ROWS = 50;

interface CaseEventsProps {
  readonly cascade: CascadeRecord;
  readonly known: KnownEvents;
}

/** The liquidations of the cascade, as a table and as a file. */
export function CaseEventsPanel({ cascade, known: { events, loaded } }: CaseEventsProps) {
  const [isAll, setAll] = useState(false);
  const isWhole = loaded.data?.isWhole ?? true;
  const save = () => saveAs(eventsCsv(events), `${cascade.cascade_id.replaceAll(/[^\w-]/g, "_")}.csv`, "text/csv;charset=utf-8");
  return (
    <Panel
      title="Liquidations"
      class="case-events"
      aside={
        <>
          <span class="num">{countText(events.length)}</span>
          <button type="button" class="link" disabled={events.length === 0} onClick={save}>
            Download as CSV
          </button>
          {isWhole ? null : <span class="quiet">only the first {countText(events.length)}</span>}
        </>
      }
    >
      <StateView
        loaded={loaded}
        isEmpty={(data) => data.events.length === 0}
        empty="No liquidation of it is stored here: the daily files have those of older days."
      >
        {() => (
          <>
            {isWhole ? null : (
              <p class="state-stale">Only the first {countText(events.length)} are here; the daily file has all of them.</p>
            )}
            <EventTable events={isAll ? events : events.slice(0, FIRST_ROWS)} />
            {isAll || events.length <= FIRST_ROWS ? null : (
              <button type="button" class="button case-all" onClick={() => setAll(true)}>
                Show all {countText(events.length)}
              </button>
            )}
          </>
        )}
      </StateView>
    </Panel>
  );
}

function EventTable({ events }: { readonly events: readonly Liquidation[] }) {
  return (
    <DataTable
      caption="Liquidations of the cascade, oldest first"
      rows={events}
      keyOf={({ event_id: id }) => id}
      columns={[
        { name: "time (UTC)", cell: ({ event_time: time }) => <EventTime time={time} /> },
        { name: "venue", cell: ({ exchange }) => exchange },
        { name: "contract", isWide: true, cell: ({ instrument }) => instrument },
        { name: "USD", align: "right", cell: (event) => <Usd usd={flowUsd(event)} coverage={COVERAGE_TEXT[event.coverage]} /> },
        { name: "price", align: "right", cell: ({ price }) => <Price price={price} /> },
        {
          name: "mark",
          align: "right",
          isWide: true,
          cell: ({ mark_price: mark }) => <Price price={mark} reason="No mark price of the venue was known, or it was older than 10 s." />,
        },
        {
          name: "depth taken",
          align: "right",
          isWide: true,
          cell: ({ depth_share: share }) => (share === null ? <Unknown reason="The order book was not known." /> : shareText(share)),
        },
        {
          name: "branching",
          align: "right",
          isWide: true,
          cell: ({ branching_ratio: ratio }) =>
            ratio === null ? <Unknown reason="Not fitted at that time, or too few events: it takes 200 of a day." /> : ratio.toFixed(2),
        },
      ]}
    />
  );
}

/** To the millisecond: within a second the order matters. */
function EventTime({ time }: { readonly time: number }) {
  return (
    <time class="num" dateTime={new Date(time).toISOString()} title={momentText(time)}>
      {clockText(time)}
      <span class="quiet">.{String(time % 1_000).padStart(3, "0")}</span>
    </time>
  );
}
