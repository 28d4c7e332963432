import type { ComponentChildren } from "preact";
import type { AdlContract, AdlSource } from "../../../../src/adl/adl-state.ts";
import { type Feed, type Status, isAnswering } from "../../api/status.ts";
import { AdlStateOf, Fund } from "../../parts/adl-mark.tsx";
import { NOT_PUBLISHED, SOURCE_TEXT, bySeverity, contractAt, noFundText, noStateText, notNormal } from "../../parts/adl-text.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { countText } from "../../parts/format.ts";
import { Panel } from "../../parts/panel.tsx";
import { Age } from "../../parts/time.tsx";
import { Unknown } from "../../parts/unknown.tsx";
import { now } from "../../stream/server-clock.ts";

const MAX_ROWS = 200;

/** A venue, with what it publishes of its auto-deleveraging. */
interface VenueAdl {
  readonly exchange: Feed["exchange"];
  /** Null where it publishes nothing. */
  readonly source: AdlSource | null;
  readonly publishes: string | null;
  /** Why nothing is known of it at all; null where something is. */
  readonly reason: string | null;
  readonly changedTime: number | null;
  /** The most severe first. */
  readonly contracts: readonly AdlContract[];
}

interface VenueContract extends AdlContract {
  readonly exchange: Feed["exchange"];
  readonly source: AdlSource;
}

/** How far each venue is towards auto-deleveraging, and which contracts are not normal. */
export function AdlPanel({ status: { exchanges, time } }: { readonly status: Status }) {
  const venues = exchanges
    .map((feed) => venueAdl(feed, time, now.value))
    .toSorted((a, b) => Number(a.source === null) - Number(b.source === null));
  const all = bySeverity(venues.flatMap(contractsOf));
  const severe = notNormal(all);
  const count = `${countText(severe.length)} ${severe.length === 1 ? "contract" : "contracts"} not normal`;
  return (
    <Panel title="Auto-deleveraging" class="status-wide" aside={<span>{count}</span>}>
      <VenuesTable venues={venues} />
      {severe.length === 0 ? null : <ContractsTable caption="Contracts that are not normal" contracts={severe} />}
      {all.length === 0 ? null : (
        <details class="status-more">
          <summary>All {countText(all.length)} contracts of which something is published</summary>
          <ContractsTable caption="Auto-deleveraging by contract" contracts={all} />
        </details>
      )}
    </Panel>
  );
}

function venueAdl(feed: Feed, answeredTime: number, time: number): VenueAdl {
  const { exchange } = feed;
  const none = { exchange, source: null, publishes: null, changedTime: null, contracts: [] };
  if (!isAnswering(feed)) return { ...none, reason: feed.error ?? "The feed did not answer." };
  if (feed.adl_state === null) return { ...none, publishes: "nothing of it", reason: NOT_PUBLISHED };
  const { source, changed_time: changedTime, contracts } = feed.adl_state;
  const known = bySeverity(contracts.map((contract) => contractAt(contract, answeredTime, time)));
  const reason = known.length === 0 ? "The venue has published nothing yet: unknown, not normal." : null;
  return { exchange, source, publishes: SOURCE_TEXT[source], reason, changedTime, contracts: known };
}

function contractsOf({ exchange, source, contracts }: VenueAdl): readonly VenueContract[] {
  return source === null ? [] : contracts.map((contract) => ({ ...contract, exchange, source }));
}

function VenuesTable({ venues }: { readonly venues: readonly VenueAdl[] }) {
  const of = (cell: (venue: VenueAdl) => ComponentChildren) => (venue: VenueAdl) => (venue.reason === null ? cell(venue) : null);
  const count = (contracts: readonly AdlContract[], isCounted: (contract: AdlContract) => boolean) =>
    countText(contracts.filter(isCounted).length);
  return (
    <DataTable
      caption="Auto-deleveraging by venue"
      rows={venues}
      keyOf={({ exchange }) => exchange}
      columns={[
        { name: "venue", cell: ({ exchange }) => <strong>{exchange}</strong> },
        { name: "worst known state", cell: (venue) => <WorstState venue={venue} /> },
        { name: "not normal", align: "right", cell: of(({ contracts }) => countText(notNormal(contracts).length)) },
        { name: "normal", align: "right", cell: of(({ contracts }) => count(contracts, ({ state }) => state === "normal")) },
        { name: "unknown", align: "right", cell: of(({ contracts }) => count(contracts, ({ state }) => state === null)) },
        {
          name: "last received",
          align: "right",
          cell: of(({ contracts }) => <Age time={Math.max(...contracts.map(({ received_time: received }) => received))} />),
        },
        {
          name: "last change",
          align: "right",
          cell: of(({ changedTime }) => (
            <Age time={changedTime} reason="No state other than normal has begun or ended since the feed began." />
          )),
        },
        { name: "publishes", cell: ({ publishes }) => publishes ?? <Unknown reason="The feed did not answer." /> },
      ]}
    />
  );
}

/** The first contract has the most severe state, or an unknown one before normal ones. */
function WorstState({ venue: { source, reason, contracts } }: { readonly venue: VenueAdl }) {
  const worst = contracts.find(({ state }) => state !== null);
  const [first] = contracts;
  if (reason !== null || source === null || first === undefined) return <Unknown reason={reason ?? NOT_PUBLISHED} />;
  return <AdlStateOf state={worst?.state ?? null} reason={noStateText(source, first)} />;
}

function ContractsTable({ caption, contracts }: { readonly caption: string; readonly contracts: readonly VenueContract[] }) {
  return (
    <>
      <DataTable
        caption={caption}
        rows={contracts.slice(0, MAX_ROWS)}
        keyOf={({ exchange, instrument }) => `${exchange} ${instrument}`}
        columns={[
          { name: "contract", cell: ({ instrument }) => <strong>{instrument}</strong> },
          { name: "venue", cell: ({ exchange }) => exchange },
          { name: "state", cell: (contract) => <AdlStateOf state={contract.state} reason={noStateText(contract.source, contract)} /> },
          {
            name: "since",
            align: "right",
            cell: (contract) => <Age time={contract.since} reason={noStateText(contract.source, contract)} />,
          },
          {
            name: "insurance fund",
            align: "right",
            cell: ({ insurance_fund: fund, insurance_fund_currency: currency, source }) => (
              <Fund balance={fund} currency={currency} reason={noFundText(source)} />
            ),
          },
          { name: "received", align: "right", cell: ({ received_time: received }) => <Age time={received} /> },
        ]}
      />
      {contracts.length <= MAX_ROWS ? null : (
        <p class="status-note">The first {countText(MAX_ROWS)}, the most severe first. The API has all of them.</p>
      )}
    </>
  );
}
