import type { CrossExchange, VenueStanding } from "../../api/schema.ts";
import type { Coverage } from "../../../../src/liquidation.ts";
import { AmountBar } from "../../parts/bars.tsx";
import { Choices } from "../../parts/choices.tsx";
import { COVERAGE_TEXT, fillOf } from "../../parts/coverage.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { countText, shareText } from "../../parts/format.ts";
import { Hint } from "../../parts/hint.tsx";
import { Interval, type IntervalScale, scaleOf } from "../../parts/interval.tsx";
import { Panel } from "../../parts/panel.tsx";
import { StateView } from "../../parts/state-view.tsx";
import { Unknown } from "../../parts/unknown.tsx";
import { Usd } from "../../parts/usd.tsx";
import { setParameters } from "../../shell/router.tsx";
import { HOURS, useCrossExchange } from "./cross-exchange.ts";
import { lagText } from "./lag-text.ts";
import { venueKind } from "./venue-kind.ts";

/** Which venue has how much of the flow, and which is first: over the shared bursts of one base asset. */
export function StandingPanel() {
  const { symbol, hours, loaded } = useCrossExchange();
  return (
    <Panel
      title={`${symbol} by venue`}
      class="standing"
      aside={
        <>
          <input
            class="input filter-symbol"
            aria-label="Base asset"
            placeholder="symbol"
            value={symbol}
            onChange={({ currentTarget }) => setParameters({ symbol: currentTarget.value.trim().toUpperCase() })}
          />
          <Choices label="Hours" names={HOURS} chosen={hours} onChoose={(name) => setParameters({ hours: name })} />
          <span>h</span>
        </>
      }
    >
      <StateView
        loaded={loaded}
        isEmpty={({ exchanges }) => exchanges.every(({ events }) => events === 0)}
        empty={`No venue reported a liquidation of ${symbol} within ${hours} h.`}
      >
        {(data) => <Standings data={data} coverage={loaded.meta?.coverage ?? {}} />}
      </StateView>
    </Panel>
  );
}

function Standings({ data, coverage }: { readonly data: CrossExchange; readonly coverage: Readonly<Partial<Record<string, Coverage>>> }) {
  const scale = scaleOf(data.exchanges.flatMap(({ median_lag_ms: lag, lag_resolution_ms: resolution }) => ends(lag, resolution)));
  return (
    <>
      <DataTable
        caption="Venues by their part of the flow"
        columns={columnsOf(coverage, scale)}
        rows={data.exchanges.toSorted((a, b) => (b.usd ?? 0) - (a.usd ?? 0))}
        keyOf={({ exchange }) => exchange}
      />
      <p class="venues-note">
        {countText(data.shared_bursts)} shared bursts
        {data.bursts_not_covered === 0 ? "" : ` and ${countText(data.bursts_not_covered)} with a venue not covered`}, each ended by{" "}
        {data.burst_quiet_ms / 1_000} s of quiet. A lag is the median of a venue's first event minus the first one elsewhere: left of the
        line it led. Within the bar it cannot be told from zero.{" "}
        {data.hhi === null ? null : <>Concentration (HHI) {data.hhi.toFixed(2)}.</>}
      </p>
    </>
  );
}

function ends(lag: number | null, resolution: number | null): readonly number[] {
  return lag === null ? [] : [lag - (resolution ?? 0), lag + (resolution ?? 0)];
}

function columnsOf(coverage: Readonly<Partial<Record<string, Coverage>>>, scale: IntervalScale): readonly Column<VenueStanding>[] {
  const hintOf = (exchange: string) => COVERAGE_TEXT[venueKind(coverage, exchange)];
  return [
    {
      name: "venue",
      cell: ({ exchange }) => (
        <Hint hint={hintOf(exchange)} class="venue-name">
          <span class={`venue-fill venue-fill-${fillOf(venueKind(coverage, exchange))}`} aria-hidden="true" />
          {exchange}
        </Hint>
      ),
    },
    {
      name: "share",
      align: "right",
      cell: ({ share }) => (share === null ? <Unknown reason="No event with a known mark price." /> : shareText(share)),
    },
    {
      name: "",
      isWide: true,
      cell: ({ exchange, share }) => <AmountBar share={share ?? 0} fill={fillOf(venueKind(coverage, exchange))} />,
    },
    {
      name: "USD",
      align: "right",
      cell: ({ exchange, usd }) => <Usd usd={usd} reason="No event with a known value." coverage={hintOf(exchange)} />,
    },
    { name: "liquidations", align: "right", isWide: true, cell: ({ events }) => countText(events) },
    { name: "first", align: "right", cell: ({ first_mover_count: first }) => countText(first) },
    { name: "followed", align: "right", isWide: true, cell: ({ followed_count: followed }) => countText(followed) },
    {
      name: "median lag",
      align: "right",
      cell: ({ median_lag_ms: lag }) => (lag === null ? <Unknown reason="It shared no burst." /> : `${lagText(lag)} s`),
    },
    {
      name: "± resolution",
      isWide: true,
      cell: ({ median_lag_ms: lag, lag_resolution_ms: resolution }) =>
        lag === null ? null : (
          <Hint hint={resolution === null ? "The resolution is not known." : `Resolution ${resolution} ms.`}>
            <Interval
              low={resolution === null ? null : lag - resolution}
              value={lag}
              high={resolution === null ? null : lag + resolution}
              scale={scale}
            />
          </Hint>
        ),
    },
  ];
}
