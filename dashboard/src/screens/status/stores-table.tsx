import type { SinkStatus } from "../../api/schema.ts";
import { type Feed, isAnswering } from "../../api/status.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { countText } from "../../parts/format.ts";
import { Hint } from "../../parts/hint.tsx";
import { Age } from "../../parts/time.tsx";

interface StoreRow {
  readonly exchange: string;
  readonly store: string;
  readonly status: SinkStatus;
  /** Whether it is the first line of its store: the name of the others is only repeated. */
  readonly isFirst: boolean;
}

const STALE_MS = 600_000;

/** What each feed has still to store, and what the stores said last. Stores that are off for every feed have one line. */
export function StoresTable({ feeds }: { readonly feeds: readonly Feed[] }) {
  const all = feeds
    .filter(isAnswering)
    .flatMap(({ exchange, sinks }) => Object.entries(sinks).map(([store, status]) => ({ exchange, store, status })));
  const rows = [...Map.groupBy(all, ({ store }) => store)].flatMap(([store, entries]) => {
    const [first] = entries;
    const lines = entries.map((entry, index) => ({ ...entry, isFirst: index === 0 }));
    const isOff = first !== undefined && entries.every(({ status }) => status.off_reason !== null);
    return isOff ? [{ exchange: "all", store, status: first.status, isFirst: true }] : lines;
  });
  return (
    <DataTable
      caption="Stores of each feed"
      rows={rows}
      keyOf={({ exchange, store }) => `${store} ${exchange}`}
      columns={[
        { name: "store", cell: ({ store, isFirst }) => (isFirst ? <strong>{store}</strong> : <span class="store-again">{store}</span>) },
        { name: "feed", cell: ({ exchange }) => exchange },
        { name: "state", cell: (row) => <StoreState row={row} /> },
        { name: "backlog, rows", align: "right", cell: ({ status }) => countText(status.backlog_rows) },
        { name: "stored", align: "right", cell: ({ status }) => countText(status.rows_stored) },
        { name: "refused", align: "right", cell: ({ status }) => countText(status.rows_refused) },
        { name: "missed", align: "right", cell: ({ status }) => countText(status.rows_missed) },
        { name: "last success", align: "right", cell: ({ status }) => <Age time={status.last_success_time} staleMs={STALE_MS} /> },
      ]}
    />
  );
}

function StoreState({ row: { status } }: { readonly row: StoreRow }) {
  if (status.off_reason !== null)
    return (
      <Hint hint={status.off_reason} class="feed-off">
        off
      </Hint>
    );
  const isFailing = status.last_error !== null && (status.last_success_time ?? 0) < (status.last_error_time ?? 0);
  if (isFailing)
    return (
      <Hint hint={status.last_error} class="status-bad">
        failing
      </Hint>
    );
  return <span class="status-good">on</span>;
}
