import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { EXCHANGES } from "../../../../src/liquidation-fields.ts";
import type { Liquidation } from "../../api/schema.ts";
import { fillOf } from "../../parts/coverage.tsx";
import { clockText, countText, momentText } from "../../parts/format.ts";
import { Hint } from "../../parts/hint.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Price } from "../../parts/price.tsx";
import { Side } from "../../parts/side.tsx";
import { Empty } from "../../parts/state-view.tsx";
import { Clock } from "../../parts/time.tsx";
import { Usd } from "../../parts/usd.tsx";
import { VirtualList } from "../../parts/virtual-list.tsx";
import { Icon } from "../../shell/icon.tsx";
import { addKey } from "../../shell/keys.ts";
import { parameter, setParameters } from "../../shell/router.tsx";
import { completeFrom, eventLog, eventsVersion } from "../../store/live-store.ts";
import { useStoredEvents } from "../../store/stored-events.ts";
import { AlertButton } from "./alert-button.tsx";
import { type TapeFilter, type TapeRow, tapeRows } from "./tape-rows.ts";

const ROW_PX = 24;
/** What nobody scrolls to is not made into rows at every frame. */
const MAX_ROWS = 4_000;
const LARGE_USD = 100_000;
const HUGE_USD = 1_000_000;

/** The liquidations as they were when the tape was stopped, which the filter still applies to; null while it runs. */
const frozen = signal<readonly Liquidation[] | null>(null);

function toggle(): void {
  frozen.value = frozen.peek() === null ? [...eventLog.events] : null;
}

function tapeFilter(): TapeFilter {
  const side = parameter("side");
  const minUsd = Number(parameter("min_usd") ?? Number.NaN);
  return {
    symbol: parameter("tape")?.toUpperCase() ?? null,
    // A venue of an old bookmark that is none any more filters nothing.
    exchange: EXCHANGES.find((name) => name === parameter("venue")) ?? null,
    side: side === "long" || side === "short" ? side : null,
    minUsd: Number.isFinite(minUsd) && minUsd > 0 ? minUsd : null,
  };
}

/** The liquidations as they come, newest first. The filter is in the address, so a link shows the same. */
export function Tape() {
  void eventsVersion.value;
  useStoredEvents(null);
  const filter = tapeFilter();
  const from = completeFrom(filter.symbol);
  const rows = tapeRows(frozen.value ?? eventLog.events, filter, { from, count: MAX_ROWS });
  useEffect(() => addKey({ key: " ", what: "Stop and run the tape", run: toggle }), []);
  useEffect(() => () => void (frozen.value = null), []);
  const isFrozen = frozen.value !== null;
  const stopped = isFrozen ? "Run the tape (space)" : "Stop the tape (space)";
  return (
    <Panel
      title="Tape"
      class="tape"
      aside={
        <>
          <span class="tape-count">
            {isFrozen ? (
              "stopped"
            ) : Number.isFinite(from) ? (
              <Since from={rows.length < MAX_ROWS ? from : null} count={rows.length} />
            ) : null}
          </span>
          <AlertButton />
          <button type="button" class="icon-button" aria-label={stopped} title={stopped} aria-pressed={isFrozen} onClick={toggle}>
            <Icon name={isFrozen ? "play" : "pause"} />
          </button>
        </>
      }
    >
      <TapeFilters filter={filter} />
      {rows.length === 0 ? (
        <Empty>{eventLog.events.length === 0 ? "Liquidations appear here as venues report them." : "Nothing passes the filter yet."}</Empty>
      ) : (
        <VirtualList
          label="Liquidations, newest first"
          count={rows.length}
          rowHeight={ROW_PX}
          keyOf={(index) => rows[index]?.key ?? ""}
          row={(index) => rowView(rows[index])}
        />
      )}
      <Announcer rows={rows} />
    </Panel>
  );
}

/** @param from null where the tape ends before what the page holds */
function Since({ from, count }: { readonly from: number | null; readonly count: number }) {
  if (from === null) return <span class="num">newest {countText(count)}</span>;
  const hint = `Every liquidation that the venues reported since ${momentText(from)} is here. Those of the last seconds before this page opened come within half a minute.`;
  return (
    <Hint hint={hint} class="num">
      {countText(count)} since {clockText(from).slice(0, 5)}
    </Hint>
  );
}

function rowView(row: TapeRow | undefined) {
  if (row === undefined) return null;
  const { key, event, count, usd } = row;
  const size = usd === null || usd < LARGE_USD ? "" : usd < HUGE_USD ? "tape-large" : "tape-huge";
  const isInferred = event.coverage === "inferred";
  return (
    <div key={key} class={`tape-row tape-${event.position_side} ${size} ${isInferred ? "tape-inferred" : ""}`}>
      <Clock time={event.event_time} />
      <span class="tape-symbol" title={event.instrument}>
        {event.symbol}
      </span>
      <Side side={event.position_side} />
      <span class="right tape-usd">
        <Usd usd={usd} reason="Neither its mark price nor its value is known." />
      </span>
      <span class="right tape-price">{count > 1 ? `${count} ×` : <Price price={event.price} />}</span>
      <span class="tape-venue" title={isInferred ? "inferred from market data: no venue reported it" : event.exchange}>
        <span class={`venue-fill venue-fill-${fillOf(event.coverage)}`} aria-hidden="true" />
        {event.exchange}
        {isInferred ? <span class="sr-only">, inferred</span> : null}
      </span>
    </div>
  );
}

const AMOUNTS = ["10000", "100000", "1000000"] as const;
const AMOUNT_NAMES: Readonly<Record<(typeof AMOUNTS)[number], string>> = { "10000": "$10k", "100000": "$100k", "1000000": "$1M" };

function TapeFilters({ filter }: { readonly filter: TapeFilter }) {
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => addKey({ key: "/", what: "Filter the tape", run: () => first.current?.focus() }), []);
  const minimum = parameter("min_usd") ?? "";
  return (
    <form class="tape-filters" onSubmit={(event: Event) => event.preventDefault()}>
      <input
        class="input"
        ref={first}
        placeholder="Asset"
        aria-label="Base asset on the tape"
        value={filter.symbol ?? ""}
        maxLength={20}
        autocomplete="off"
        spellcheck={false}
        onInput={({ currentTarget }) => setParameters({ tape: currentTarget.value.trim().toUpperCase() })}
      />
      <select
        class="input"
        aria-label="Venue"
        value={filter.exchange ?? ""}
        onChange={({ currentTarget }) => setParameters({ venue: currentTarget.value })}
      >
        <option value="">All venues</option>
        {EXCHANGES.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <select
        class="input"
        aria-label="Side"
        value={filter.side ?? ""}
        onChange={({ currentTarget }) => setParameters({ side: currentTarget.value })}
      >
        <option value="">Both sides</option>
        <option value="long">▼ longs</option>
        <option value="short">▲ shorts</option>
      </select>
      <select
        class="input"
        aria-label="Minimum USD"
        value={minimum}
        onChange={({ currentTarget }) => setParameters({ min_usd: currentTarget.value })}
      >
        <option value="">Any size</option>
        {[...new Set([...AMOUNTS, ...(minimum === "" ? [] : [minimum])])].map((amount) => (
          <option key={amount} value={amount}>
            ≥ {AMOUNT_NAMES[amount as (typeof AMOUNTS)[number]] ?? amount}
          </option>
        ))}
      </select>
    </form>
  );
}

const ANNOUNCE_MS = 5_000;

/** For screen readers: off until asked, and at most one sentence in 5 s. */
function Announcer({ rows }: { readonly rows: readonly TapeRow[] }) {
  const [isOn, setOn] = useState(false);
  const [text, setText] = useState("");
  const newest = useRef(rows[0]);
  newest.current = rows[0];
  useEffect(() => {
    if (!isOn) return;
    const timer = setInterval(() => {
      const row = newest.current;
      if (row === undefined) return;
      const { symbol, position_side: side, exchange } = row.event;
      setText(`${symbol} ${side} ${row.usd === null ? "of unknown value" : `${Math.round(row.usd)} dollars`} on ${exchange}`);
    }, ANNOUNCE_MS);
    return () => clearInterval(timer);
  }, [isOn]);
  return (
    <div class="sr-only">
      <button type="button" aria-pressed={isOn} onClick={() => setOn(!isOn)}>
        Read the tape aloud
      </button>
      <div aria-live="polite">{isOn ? text : ""}</div>
    </div>
  );
}
