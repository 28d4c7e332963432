import { useState } from "preact/hooks";
import type { CascadeRecord } from "../../../../src/cascade/cascade-record.ts";
import { DAY_MS, MINUTE_MS, floorTo } from "../../../../src/windows/calendar.ts";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/query.ts";
import { CascadeState } from "../../parts/cascade-state.tsx";
import { Choices } from "../../parts/choices.tsx";
import { DataTable } from "../../parts/data-table.tsx";
import { countText, momentText, spanText } from "../../parts/format.ts";
import { gapText } from "../../parts/gap-text.ts";
import { Hint } from "../../parts/hint.tsx";
import { Pages } from "../../parts/pages.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Severity } from "../../parts/severity.tsx";
import { Side } from "../../parts/side.tsx";
import { StateView } from "../../parts/state-view.tsx";
import { Usd } from "../../parts/usd.tsx";
import { Link, setParameters } from "../../shell/router.tsx";
import { cascades } from "../../store/live-store.ts";
import { now, serverNow } from "../../stream/server-clock.ts";
import { ForecastPanel } from "./forecast-panel.tsx";
import { RANGES, RANGE_NAMES, SIDES, type CascadeFilter, shownFilter } from "./cascade-filter.ts";
import { withRunning } from "./with-running.ts";
import { CascadeMove, FirstVenue, coverageOfCascade } from "./cascade-facts.tsx";

const PAGE_ROWS = 50;
const REFRESH_MS = 30_000;

/** Cascades, newest first, with those that run. */
export function CascadeList() {
  const filter = shownFilter();
  const { symbol, side, minUsd, range, cursor } = filter;
  const loaded = useQuery(
    `cascades ${JSON.stringify(filter)}`,
    () =>
      ask(
        api.GET("/v1/cascades", {
          params: {
            query: {
              limit: PAGE_ROWS,
              ...(symbol === null ? {} : { symbol }),
              ...(side === null ? {} : { side }),
              threshold_usd: minUsd,
              // In whole minutes, so that visitors who look at the same share an answer. A cursor holds its own range.
              ...(cursor === null ? { start: floorTo(serverNow() - RANGES[range] * DAY_MS, MINUTE_MS) } : { cursor }),
            },
          },
        }),
      ),
    cursor === null ? { refreshMs: REFRESH_MS } : {},
  );
  const next = loaded.meta?.next_cursor ?? null;
  return (
    <div class="cascades-screen">
      <h1 class="sr-only">Cascades</h1>
      <Panel title="Cascades" aside={<span class="list-note">lower bounds: venues do not report every liquidation</span>}>
        <Filters filter={filter} />
        <StateView loaded={loaded}>
          {(page) => {
            const rows = withRunning(page, cascades.value, filter);
            return rows.length === 0 ? <NoCascades filter={filter} /> : <CascadeTable rows={rows} />;
          }}
        </StateView>
        <Pages label="Pages of the list" cursor={cursor} next={next} />
      </Panel>
      <ForecastPanel />
    </div>
  );
}

function Filters({ filter: { symbol, side, minUsd, range } }: { readonly filter: CascadeFilter }) {
  const change = (changes: Readonly<Record<string, string | null>>) => setParameters({ ...changes, cursor: null });
  return (
    <div class="filters" role="search" aria-label="Which cascades are shown">
      <TextFilter label="Base asset" value={symbol ?? ""} onChange={(text) => change({ symbol: text.toUpperCase() })} />
      <TextFilter label="Minimum USD" value={countText(minUsd)} isNumber onChange={(text) => change({ min_usd: text })} />
      <Choices label="Side" names={SIDES} chosen={side} onChoose={(name) => change({ side: name })} />
      <Choices label="Range" names={RANGE_NAMES} chosen={range} onChoose={(name) => change({ range: name })} />
    </div>
  );
}

interface TextFilterProps {
  readonly label: string;
  readonly value: string;
  readonly isNumber?: boolean;
  readonly onChange: (text: string) => void;
}

/** A filter that is typed; it takes effect when the field is left or Enter is pressed, not at each letter. */
function TextFilter({ label, value, isNumber = false, onChange }: TextFilterProps) {
  const [text, setText] = useState<string | null>(null);
  return (
    <label class="filter-field">
      <span>{label}</span>
      <input
        class="input filter-text"
        placeholder={isNumber ? "" : "all"}
        inputMode={isNumber ? "numeric" : "text"}
        maxLength={20}
        autocomplete="off"
        spellcheck={false}
        value={text ?? value}
        onInput={({ currentTarget }) => setText(isNumber ? currentTarget.value.replace(/[^\d.]/g, "") : currentTarget.value)}
        onChange={() => {
          if (text !== null) onChange(text.trim());
          setText(null);
        }}
      />
    </label>
  );
}

function NoCascades({ filter: { symbol, minUsd, range } }: { readonly filter: CascadeFilter }) {
  return (
    <div class="state state-empty">
      <p>
        No cascade{symbol === null ? "" : ` of ${symbol}`} in the last {range} with at least ${countText(minUsd)}.
      </p>
      <p>
        A cascade is a run of liquidations of one base asset and side that feeds itself. They come with fast markets: a new deployment shows
        its first one when the next of them does.
      </p>
    </div>
  );
}

function CascadeTable({ rows }: { readonly rows: readonly CascadeRecord[] }) {
  return (
    <DataTable
      caption="Cascades, newest first"
      rows={rows}
      keyOf={({ cascade_id: id }) => id}
      classOf={({ end_time: end }) => (end === null ? "row-running" : "")}
      columns={[
        {
          name: "began (UTC)",
          cell: ({ cascade_id: id, start_time: start }) => (
            <Link href={`/cascades/${encodeURIComponent(id)}`} class="num case-link">
              {momentText(start).slice(5, 19)}
            </Link>
          ),
        },
        { name: "asset", cell: ({ symbol }) => <strong>{symbol}</strong> },
        { name: "side", cell: ({ position_side: side }) => <Side side={side} label={`${side}s`} /> },
        { name: "USD", align: "right", cell: (row) => <Usd usd={row.usd} coverage={coverageOfCascade(row)} /> },
        { name: "move", align: "right", cell: (row) => <CascadeMove cascade={row} /> },
        { name: "severity", isWide: true, cell: ({ severity }) => <Severity severity={severity} /> },
        { name: "events", align: "right", isWide: true, cell: ({ events }) => countText(events) },
        {
          name: "lasted",
          align: "right",
          isWide: true,
          cell: ({ start_time: start, end_time: end }) => spanText((end ?? now.value) - start),
        },
        { name: "first venue", isWide: true, cell: (row) => <FirstVenue cascade={row} /> },
        {
          name: "venues",
          align: "right",
          isWide: true,
          cell: ({ exchanges }) => <Hint hint={exchanges.join(", ")}>{exchanges.length}</Hint>,
        },
        { name: "gaps", align: "right", isWide: true, cell: ({ gaps }) => <GapCount gaps={gaps} /> },
        { name: "state", isWide: true, cell: ({ state }) => <CascadeState state={state} /> },
      ]}
    />
  );
}

function GapCount({ gaps }: Pick<CascadeRecord, "gaps">) {
  if (gaps.length === 0) return <span class="quiet">0</span>;
  return (
    <Hint
      class="gap-count"
      hint={gaps.slice(0, 6).map((gap) => (
        <div key={gap.exchange + gap.from_time}>{gapText(gap)}</div>
      ))}
    >
      {gaps.length}
    </Hint>
  );
}
