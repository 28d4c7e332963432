import type { CrossExchange } from "../../api/schema.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { EstimateBar } from "../../parts/estimate-bar.tsx";
import { type NamedEstimate, STATUS_TEXT, eventsText, reasonText, reportedUsd, statusReasons } from "../../parts/estimate-text.ts";
import { momentText, shortUsd } from "../../parts/format.ts";
import { Hint } from "../../parts/hint.tsx";
import { Panel } from "../../parts/panel.tsx";
import { StateView } from "../../parts/state-view.tsx";
import { Unknown } from "../../parts/unknown.tsx";
import { Usd } from "../../parts/usd.tsx";
import { useCrossExchange } from "./cross-exchange.ts";

/** What each venue reported, and what it is estimated to have left out. */
export function EstimatesPanel() {
  const { symbol, hours, loaded } = useCrossExchange();
  return (
    <Panel title={`${symbol} reported and estimated`} class="estimates" aside={<span>settled minutes of {hours} h</span>}>
      <StateView
        loaded={loaded}
        isEmpty={({ exchanges }) => exchanges.length === 0}
        empty={`No venue reported a liquidation of ${symbol} within ${hours} h.`}
      >
        {(data) => <Estimates data={data} />}
      </StateView>
    </Panel>
  );
}

function Estimates({ data: { exchanges, estimate: all } }: { readonly data: CrossExchange }) {
  const rows = exchanges.toSorted((a, b) => b.estimate.reported_usd - a.estimate.reported_usd);
  const most = Math.max(1, ...rows.flatMap(({ estimate: { reported_usd, high_usd } }) => [reported_usd, high_usd ?? 0]));
  return (
    <>
      <DataTable
        caption="Liquidations by venue, as reported and as estimated"
        columns={columnsOf(most, all.start_time !== null)}
        rows={rows}
        keyOf={({ exchange }) => exchange}
      />
      <ul class="estimate-notes">
        <li>
          <span class="estimate-key estimate-key-reported" aria-hidden="true" /> reported, a lower bound
          <span class="estimate-key estimate-key-hidden fill-hatched" aria-hidden="true" /> estimated to be missing
          <span class="estimate-key estimate-key-whisker" aria-hidden="true" /> interval: the sum of those of 80 % by minute.{" "}
          {all.start_time === null || all.end_time === null
            ? "No minute of this time is estimated yet."
            : `Estimates by a model, not measurements. All of it, what was reported too, is of the settled minutes from ${momentText(all.start_time)} to ${momentText(all.end_time)} alone.`}
        </li>
        {statusReasons(rows).map(({ exchanges: names, status, reason }) => (
          <li key={`${status} ${reason ?? ""}`}>
            <strong>{names.join(", ")}</strong>: {STATUS_TEXT[status]}. {reasonText(reason)}
          </li>
        ))}
      </ul>
    </>
  );
}

function columnsOf(most: number, isRead: boolean): readonly Column<NamedEstimate>[] {
  return [
    { name: "venue", cell: ({ exchange }) => exchange },
    {
      name: "reported",
      align: "right",
      cell: ({ estimate }) => (
        <Usd
          usd={reportedUsd(estimate, isRead)}
          coverage="What the venue reported in the settled minutes: a lower bound."
          reason={reasonText(estimate.reason)}
        />
      ),
    },
    {
      name: "",
      cell: ({ estimate: { reported_usd, estimated_usd, low_usd, high_usd } }) => (
        <EstimateBar reported={reported_usd} estimated={estimated_usd} low={low_usd} high={high_usd} most={most} />
      ),
    },
    {
      name: "estimated",
      align: "right",
      cell: ({ estimate }) => (
        <Usd
          usd={estimate.estimated_usd}
          coverage={`Estimated, reported or not, by ${estimate.method}: ${estimate.status}.`}
          reason={reasonText(estimate.reason)}
        />
      ),
    },
    {
      name: "interval",
      align: "right",
      isWide: true,
      cell: ({ estimate: { low_usd: low, high_usd: high, reason } }) =>
        low === null || high === null ? (
          <Unknown reason={reasonText(reason)} />
        ) : (
          <span class="num">
            {shortUsd(low)}–{shortUsd(high)}
          </span>
        ),
    },
    {
      name: "liquidations",
      align: "right",
      isWide: true,
      cell: ({ estimate }) =>
        reportedUsd(estimate, isRead) === null ? (
          <Unknown reason={reasonText(estimate.reason)} />
        ) : (
          <span class="num">{eventsText(estimate)}</span>
        ),
    },
    {
      name: "status",
      cell: ({ estimate: { status, method } }) => (
        <Hint hint={`${STATUS_TEXT[status]}; method ${method}.`} class={`estimate-status estimate-${status}`}>
          {status}
        </Hint>
      ),
    },
  ];
}
