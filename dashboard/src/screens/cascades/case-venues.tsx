import { AmountBar } from "../../parts/bars.tsx";
import { COVERAGE_TEXT, fillOf } from "../../parts/coverage.tsx";
import { DataTable } from "../../parts/data-table.tsx";
import { countText, spanText, timesText } from "../../parts/format.ts";
import { Hint } from "../../parts/hint.tsx";
import { Panel } from "../../parts/panel.tsx";
import { StateView } from "../../parts/state-view.tsx";
import { Unknown } from "../../parts/unknown.tsx";
import { Usd } from "../../parts/usd.tsx";
import { type VenuePart, venueParts } from "./case-data.ts";
import type { KnownEvents } from "./case-queries.ts";

/** How the cascade spread over the venues. */
export function CaseVenues({ known: { events, loaded } }: { readonly known: KnownEvents }) {
  return (
    <Panel title="Spread over venues">
      <StateView loaded={loaded} isEmpty={(data) => data.events.length === 0} empty="No liquidation of it is stored here.">
        {() => <VenueTable venues={venueParts(events)} />}
      </StateView>
    </Panel>
  );
}

function VenueTable({ venues }: { readonly venues: readonly VenuePart[] }) {
  const most = Math.max(...venues.map(({ usd }) => usd));
  return (
    <DataTable
      caption="Venues in the order in which they began"
      rows={venues}
      keyOf={({ exchange }) => exchange}
      columns={[
        { name: "venue", cell: ({ exchange }) => exchange },
        { name: "lag", align: "right", cell: (venue) => <Lag venue={venue} /> },
        {
          name: "USD",
          align: "right",
          cell: ({ usd, coverage }) => (
            <span class="venue-usd">
              <Usd usd={usd} coverage={COVERAGE_TEXT[coverage]} />
              <AmountBar share={usd / most} fill={fillOf(coverage)} />
            </span>
          ),
        },
        { name: "events", align: "right", isWide: true, cell: ({ events }) => countText(events) },
        {
          name: "depth",
          align: "right",
          isWide: true,
          cell: ({ depth }) =>
            depth.times === null ? <Unknown reason="The order book is not known at any of its events." /> : timesText(depth.times),
        },
      ]}
    />
  );
}

/** When a venue began against the first of the others, with how finely that can be told. */
function Lag({ venue: { lagMs, resolutionMs, exchange } }: { readonly venue: VenuePart }) {
  if (lagMs === null) return <Unknown reason="No other venue liquidated in it." />;
  const isWithin = resolutionMs !== null && Math.abs(lagMs) <= resolutionMs;
  const size = spanText(Math.abs(lagMs));
  const text = `${exchange} ${lagMs < 0 ? `led the next venue by ${size}` : `began ${size} after the first`}. ${
    resolutionMs === null
      ? "The resolution of this lag is not known."
      : `The two feeds tell times apart by ${spanText(resolutionMs)}${isWithin ? ": the lag is indistinguishable from zero" : ""}.`
  }`;
  return (
    <Hint hint={text} class={isWithin ? "num quiet" : "num"}>
      {lagMs < 0 ? "−" : "+"}
      {size} <span class="lag-resolution">± {resolutionMs === null ? "?" : spanText(resolutionMs)}</span>
    </Hint>
  );
}
