import { useState } from "preact/hooks";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/query.ts";
import type { ListedGap } from "../../api/schema.ts";
import { Choices } from "../../parts/choices.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { countText, momentText, spanText } from "../../parts/format.ts";
import { GAP_REASONS, isBeforeCollection } from "../../parts/gap-text.ts";
import { Panel } from "../../parts/panel.tsx";
import { StateView } from "../../parts/state-view.tsx";
import { parameter, setParameters } from "../../shell/router.tsx";
import { venues } from "../../store/live-store.ts";

const STEPS = [50, 200, 1_000] as const;

const COLUMNS: readonly Column<ListedGap>[] = [
  {
    name: "from (UTC)",
    cell: (gap) => <span class="num">{isBeforeCollection(gap) ? "the beginning" : momentText(gap.from_time).slice(0, 19)}</span>,
  },
  { name: "venue", cell: ({ exchange, contract, symbol }) => [exchange, contract ?? symbol ?? []].flat().join(" ") },
  {
    name: "length",
    align: "right",
    cell: ({ from_time: from, to_time: to }) =>
      to === null ? "still open" : isBeforeCollection({ from_time: from }) ? "" : spanText(to - from),
  },
  { name: "reason", cell: ({ reason }) => GAP_REASONS[reason] ?? reason },
  {
    name: "liquidations filled in",
    align: "right",
    isWide: true,
    cell: ({ filled_events: filled }) => (filled === undefined ? "" : filled === 0 ? "none" : countText(filled)),
  },
];

/** Every stretch of time in which a venue was not covered, with its reason. */
export function GapsPanel() {
  const [step, setStep] = useState(0);
  const names = venues.value.map(({ exchange }) => exchange);
  const exchange = names.find((name) => name === parameter("exchange"));
  const query = { limit: STEPS[step] ?? STEPS[0], ...(exchange === undefined ? {} : { exchange }) };
  const loaded = useQuery(`gaps ${JSON.stringify(query)}`, () => ask(api.GET("/v1/gaps", { params: { query } })), { refreshMs: 60_000 });
  const hasMore = (loaded.meta?.next_cursor ?? null) !== null;
  return (
    <Panel
      title="Gaps"
      class="gaps"
      aside={<Choices label="Venue" names={names} chosen={exchange ?? null} onChoose={(name) => setParameters({ exchange: name })} />}
    >
      <StateView loaded={loaded} isEmpty={(list) => list.length === 0} empty="No gap is recorded.">
        {(list) => (
          <>
            <DataTable
              caption="Gaps, newest first"
              columns={COLUMNS}
              rows={list}
              keyOf={(gap) => `${gap.exchange} ${gap.from_time} ${gap.reason} ${gap.contract ?? gap.symbol ?? ""}`}
            />
            {hasMore && step + 1 < STEPS.length ? (
              <button type="button" class="button more" onClick={() => setStep(step + 1)}>
                Show older gaps
              </button>
            ) : null}
          </>
        )}
      </StateView>
    </Panel>
  );
}
