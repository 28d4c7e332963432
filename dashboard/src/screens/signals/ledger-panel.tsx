import { useEffect, useRef, useState } from "preact/hooks";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/query.ts";
import type { Signal } from "../../api/schema.ts";
import { Action } from "../../parts/action.tsx";
import { Choices } from "../../parts/choices.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { momentText } from "../../parts/format.ts";
import { Panel } from "../../parts/panel.tsx";
import { StateView } from "../../parts/state-view.tsx";
import { addKey } from "../../shell/keys.ts";
import { Link, parameter, setParameters } from "../../shell/router.tsx";
import { latestSignal } from "../../store/live-store.ts";
import { addressOf } from "./decision-address.ts";
import { Calibrated } from "./probability.tsx";

const ACTIONS = ["BUY", "SELL", "NOTHING"] as const;
const ANALYSTS = ["deepseek", "rules"] as const;
const STEPS = [50, 200, 1_000] as const;

const COLUMNS: readonly Column<Signal>[] = [
  { name: "decided (UTC)", cell: ({ created_time: time }) => <span class="num">{momentText(time).slice(5, 19)}</span> },
  {
    name: "symbol",
    cell: ({ signal_id: id, symbol, window }) => (
      <Link href={addressOf(id)} class="ledger-link" aria-label={`${symbol} ${window}, decision ${id}`}>
        <strong>{symbol}</strong> {window}
      </Link>
    ),
  },
  { name: "action", cell: ({ action }) => <Action action={action} /> },
  { name: "stated", align: "right", cell: ({ action, confidence }) => (action === "NOTHING" ? "" : `${confidence.toFixed(0)}%`) },
  { name: "calibrated", align: "right", isWide: true, cell: (signal) => <Calibrated decision={signal} /> },
  { name: "rule model", isWide: true, cell: ({ rule_action: action }) => <Action action={action} /> },
  { name: "", cell: ({ paper }) => (paper ? <span class="paper">paper</span> : null) },
  { name: "reason", isWide: true, cell: ({ reason }) => <span class="ledger-reason">{reason}</span> },
];

/** The ledger, newest first, by filters that the address holds. */
export function LedgerPanel({ openId }: { readonly openId: string | null }) {
  const [step, setStep] = useState(0);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => addKey({ key: "/", what: "Filter the ledger", run: () => first.current?.focus() }), []);
  const symbol = parameter("symbol")?.toUpperCase() ?? "";
  const action = ACTIONS.find((name) => name === parameter("action"));
  const analyst = ANALYSTS.find((name) => name === parameter("analyst"));
  const limit = STEPS[step] ?? STEPS[0];
  const query = {
    limit,
    ...(symbol === "" ? {} : { symbol }),
    ...(action === undefined ? {} : { action }),
    ...(analyst === undefined ? {} : { analyst }),
  };
  const loaded = useQuery(`signals ${JSON.stringify(query)}`, () => ask(api.GET("/v1/signals", { params: { query } })), {
    refreshMs: 60_000,
  });
  const newest = latestSignal.value?.signal_id;
  useEffect(() => {
    if (newest !== undefined) loaded.reload();
  }, [newest]);
  const rest = loaded.meta?.next_cursor ?? null;
  return (
    <Panel title="Ledger" class="ledger" aside={loaded.data === null ? undefined : <span class="num">{loaded.data.length}</span>}>
      <div class="filters">
        <label>
          <span class="sr-only">Symbol</span>
          <input
            class="input filter-symbol"
            ref={first}
            placeholder="symbol"
            value={symbol}
            onChange={({ currentTarget }) => setParameters({ symbol: currentTarget.value.trim().toUpperCase() })}
          />
        </label>
        <Choices label="Action" names={ACTIONS} chosen={action ?? null} onChoose={(name) => setParameters({ action: name })} />
        <Choices label="Analyst" names={ANALYSTS} chosen={analyst ?? null} onChoose={(name) => setParameters({ analyst: name })} />
      </div>
      <StateView
        loaded={loaded}
        isEmpty={(list) => list.length === 0}
        empty={
          symbol === "" && action === undefined && analyst === undefined
            ? "Nothing has been decided yet. Each spike is judged within seconds, and the decision stays here for good."
            : "No decision passes these filters."
        }
      >
        {(list) => (
          <>
            <DataTable
              caption="Decisions, newest first"
              columns={COLUMNS}
              rows={list}
              keyOf={({ signal_id: id }) => id}
              classOf={({ signal_id: id }) => (id === openId ? "is-open" : "")}
            />
            {rest === null ? null : step + 1 < STEPS.length ? (
              <button type="button" class="button more" onClick={() => setStep(step + 1)}>
                Show older decisions
              </button>
            ) : (
              <p class="ledger-note">These are the latest {list.length} of them. The API pages through all.</p>
            )}
          </>
        )}
      </StateView>
    </Panel>
  );
}
