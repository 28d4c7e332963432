import { useState } from "preact/hooks";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/query.ts";
import type { RuleEvent } from "../../api/schema.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { momentText } from "../../parts/format.ts";
import { StateView } from "../../parts/state-view.tsx";
import { valuesText } from "./values-text.ts";

const REFRESH_MS = 15_000;
const SHOWN = 50;

/** What happened to a rule and when it was delivered, asked for when it is opened. */
export function RuleHappenings({ id }: { readonly id: string }) {
  const [open, setOpen] = useState(false);
  const load = () => ask(api.GET("/v1/rules/{id}/events", { params: { path: { id }, query: { limit: SHOWN } } }));
  const list = useQuery(open ? `rule ${id} events` : null, load, { refreshMs: REFRESH_MS });
  return (
    <details open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Deliveries</summary>
      <StateView loaded={list} isEmpty={(rows) => rows.length === 0} empty="Nothing has happened to this rule in the last 30 days.">
        {(rows) => <DataTable caption="What happened to the rule" columns={COLUMNS} rows={rows} keyOf={(row) => row.id} />}
      </StateView>
    </details>
  );
}

function deliveryText({ time, release_time: released, omitted }: RuleEvent): string {
  if (omitted) return "no: over 60 within an hour";
  return released > time ? `with the digest of ${momentText(released)}` : "at once";
}

const COLUMNS: readonly Column<RuleEvent>[] = [
  { name: "Time", cell: ({ time }) => <span class="num">{momentText(time)}</span> },
  { name: "What", cell: ({ kind }) => <span class={`rule-kind rule-${kind}`}>{kind}</span> },
  { name: "Symbol", cell: ({ symbol }) => symbol },
  { name: "Values", cell: ({ values }) => <span class="num rule-values">{valuesText(values)}</span> },
  {
    name: "Delivered",
    isWide: true,
    cell: (event) => <span class="num">{deliveryText(event)}</span>,
  },
  { name: "Not connected", isWide: true, cell: ({ silent_exchanges: silent }) => (silent.length === 0 ? "none" : silent.join(", ")) },
];
