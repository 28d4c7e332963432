import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/query.ts";
import type { MarketState } from "../../api/schema.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { bpsText, changeText, percentileText } from "../../parts/format.ts";
import { Hint } from "../../parts/hint.tsx";
import { Panel } from "../../parts/panel.tsx";
import { StateView } from "../../parts/state-view.tsx";
import { Age } from "../../parts/time.tsx";
import { Unknown } from "../../parts/unknown.tsx";
import { Usd } from "../../parts/usd.tsx";
import { useCrossExchange } from "./cross-exchange.ts";
import { correlationText, shownCorrelations, squeezeText } from "./market-state-text.ts";

const REFRESH_MS = 120_000;
/** The strongest are the ones to read. */
const MAX_SHOWN = 5;

/** Funding, open interest and basis of each venue, who is crowded, and how liquidations went with them. */
export function MarketStatePanel() {
  const { symbol } = useCrossExchange();
  const loaded = useQuery(`market state ${symbol}`, () => ask(api.GET("/v1/market-state", { params: { query: { symbol } } })), {
    refreshMs: REFRESH_MS,
  });
  return (
    <Panel title={`${symbol} funding and open interest`} class="market-state">
      <StateView loaded={loaded}>{(data) => <State data={data} />}</StateView>
    </Panel>
  );
}

type Row = NonNullable<MarketState["exchanges"]["okx"]> & { readonly exchange: string };

function State({ data }: { readonly data: MarketState }) {
  const rows = Object.entries(data.exchanges).map(([exchange, market]): Row => ({ exchange, ...market }));
  return (
    <>
      <DataTable caption="Market by venue" columns={COLUMNS} rows={rows} keyOf={({ exchange }) => exchange} />
      <p class="venues-note">{squeezeText(data.squeeze)} A description, not a forecast.</p>
      <Correlations correlations={data.correlations} />
    </>
  );
}

function Correlations({ correlations }: { readonly correlations: MarketState["correlations"] }) {
  const { status, reason, computed_time: computed, entries } = correlations;
  if (status === "withheld") return <p class="venues-note">Correlations with liquidations are withheld: {reason}.</p>;
  const shown = shownCorrelations(correlations);
  return (
    <div class="venues-note">
      Rank correlations with liquidations, computed <Age time={computed} /> ago: {shown.length} of {entries.length} are distinguishable from
      none. They do not tell cause.
      <ul>
        {shown.slice(0, MAX_SHOWN).map((one) => (
          <li key={`${one.measure} ${one.position_side} ${one.lag_minutes}`}>{correlationText(one)}</li>
        ))}
      </ul>
    </div>
  );
}

const COLUMNS: readonly Column<Row>[] = [
  { name: "venue", cell: ({ exchange }) => exchange },
  {
    name: "funding",
    align: "right",
    cell: ({ funding_rate: rate, funding_interval_hours: hours }) =>
      rate === null ? (
        <Unknown reason="No funding rate came within the last minutes." />
      ) : (
        <Hint hint={hours === null ? "The venue does not say how often it is paid." : `Paid every ${hours} h.`} class="num">
          {bpsText(1e4 * rate)}
        </Hint>
      ),
  },
  { name: "rank", align: "right", cell: ({ funding_percentile: rank }) => <Rank rank={rank} /> },
  { name: "open interest", align: "right", cell: ({ open_interest_usd: usd }) => <Usd usd={usd} reason="No open interest came." /> },
  { name: "1 h", align: "right", cell: ({ open_interest_change_1h_pct: change }) => <Change change={change} /> },
  { name: "24 h", align: "right", cell: ({ open_interest_change_24h_pct: change }) => <Change change={change} /> },
  {
    name: "basis",
    align: "right",
    cell: ({ basis_bps: basis }) =>
      basis === null ? <Unknown reason="No index price came." /> : <span class="num">{bpsText(basis)}</span>,
  },
];

function Rank({ rank }: { readonly rank: number | null }) {
  return rank === null ? (
    <Unknown reason="It takes the rates of 24 hours." />
  ) : (
    <Hint hint="Share of the hours of the last 7 days with a lower rate." class="num">
      {percentileText(rank)}
    </Hint>
  );
}

function Change({ change }: { readonly change: number | null }) {
  return change === null ? <Unknown reason="It was not known at one of the two times." /> : <span class="num">{changeText(change)}</span>;
}
