import { AmountBar, SideSplit } from "../../parts/bars.tsx";
import { COVERAGE_TEXT, fillOf } from "../../parts/coverage.tsx";
import { DataTable } from "../../parts/data-table.tsx";
import { countText, shareText } from "../../parts/format.ts";
import { Hint } from "../../parts/hint.tsx";
import { Empty } from "../../parts/state-view.tsx";
import { Usd } from "../../parts/usd.tsx";
import type { VenueTotal } from "./parquet-day.ts";

/** The totals of a day by venue: USD at the mark price, without what was inferred. */
export function VenueTotals({ venues }: { readonly venues: readonly VenueTotal[] }) {
  if (venues.length === 0) return <Empty>No venue reported a liquidation on this day.</Empty>;
  const sum = ({ usd }: VenueTotal) => usd.long + usd.short;
  const all = venues.reduce((total, venue) => total + sum(venue), 0);
  const share = (venue: VenueTotal) => (all > 0 ? sum(venue) / all : 0);
  return (
    <DataTable
      caption="Totals by venue"
      rows={venues}
      keyOf={({ exchange }) => exchange}
      columns={[
        { name: "venue", cell: ({ exchange, coverage }) => <Hint hint={COVERAGE_TEXT[coverage]}>{exchange}</Hint> },
        { name: "events", align: "right", cell: ({ events }) => countText(events) },
        { name: "longs", align: "right", cell: (venue) => <VenueUsd venue={venue} usd={venue.usd.long} /> },
        { name: "shorts", align: "right", cell: (venue) => <VenueUsd venue={venue} usd={venue.usd.short} /> },
        { name: "sides", isWide: true, cell: ({ usd }) => <SideSplit long={usd.long} short={usd.short} /> },
        {
          name: "share",
          align: "right",
          cell: (venue) => (
            <span class="venue-share">
              <AmountBar share={share(venue)} fill={fillOf(venue.coverage)} />
              <span class="num">{shareText(share(venue))}</span>
            </span>
          ),
        },
      ]}
    />
  );
}

function VenueUsd({ venue: { coverage, withoutUsd }, usd }: { readonly venue: VenueTotal; readonly usd: number }) {
  return (
    <Usd
      usd={usd}
      coverage={
        <>
          {COVERAGE_TEXT[coverage]}
          {withoutUsd === 0 ? null : <div>{countText(withoutUsd)} events have no value in USD and are not in it.</div>}
        </>
      }
    />
  );
}
