import { useState } from "preact/hooks";
import { MINUTE_MS } from "../../../../src/windows/calendar.ts";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/query.ts";
import { Price } from "../../parts/price.tsx";
import { Age, isStale } from "../../parts/time.tsx";
import { Icon } from "../../shell/icon.tsx";
import { lastPrices } from "../../store/live-store.ts";
import { favourites, toggleFavourite } from "../../store/preferences.ts";
import { parameter } from "../../shell/router.tsx";
import { lastMark } from "./last-mark.ts";
import { showSymbol, shownSymbol } from "./live-symbol.ts";
import { marksTo, useMarks } from "./marks-query.ts";
import { chartStepOf } from "./steps.ts";

/** The prices of a minute come once it has ended, and once a minute. */
const STALE_PRICE_MS = 180_000;

/** Which base asset is shown: favourites at hand, all others by name. */
export function SymbolBar() {
  const symbol = shownSymbol();
  const names = favourites.value.includes(symbol) ? favourites.value : [...favourites.value, symbol];
  const isFavourite = favourites.value.includes(symbol);
  return (
    <div class="symbol-bar">
      <div class="choices" role="group" aria-label="Base asset">
        {names.map((name) => (
          <button type="button" class="choice symbol-choice" key={name} aria-pressed={name === symbol} onClick={() => showSymbol(name)}>
            {name}
          </button>
        ))}
      </div>
      <SymbolSearch />
      <button
        type="button"
        class={`icon-button ${isFavourite ? "is-favourite" : ""}`}
        aria-label={`${symbol} is a favourite`}
        aria-pressed={isFavourite}
        title={isFavourite ? "Remove from the favourites" : "Add to the favourites"}
        onClick={() => toggleFavourite(symbol)}
      >
        <Icon name="star" />
      </button>
      <LastPrice symbol={symbol} />
    </div>
  );
}

/** The newest mark price on the venue of the chart. */
function LastPrice({ symbol }: { readonly symbol: string }) {
  const step = chartStepOf(parameter("step"));
  const marks = useMarks(symbol, step);
  const ofEvents = [...(lastPrices.value.get(symbol)?.values() ?? [])];
  const last = lastMark(marks.data ?? [], Math.max(step.ms, MINUTE_MS), marksTo(marks), ofEvents);
  return (
    <div class="last-price">
      <span class={last !== null && isStale(last.time, STALE_PRICE_MS) ? "last-price-value number-stale" : "last-price-value"}>
        <Price
          price={last?.price ?? null}
          reason="No minute with a mark price of it is stored, and none of its liquidations on this page has one."
        />
      </span>
      <span class="last-price-of">
        mark{last === null ? null : ` on ${last.exchange}`} <Age time={last?.time ?? null} staleMs={STALE_PRICE_MS} />
      </span>
    </div>
  );
}

/** Any other base asset, by name. The list is that of the API; a name that it does not have is the API's to refuse. */
function SymbolSearch() {
  const [text, setText] = useState("");
  const [isOpen, setOpen] = useState(false);
  // Only who searches needs the whole list.
  const { data } = useQuery(isOpen ? "symbols" : null, () => ask(api.GET("/v1/symbols", { params: { query: { limit: 1_000 } } })));
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const name = text.trim().toUpperCase();
    if (name !== "") showSymbol(name);
    setText("");
  };
  return (
    <form class="symbol-search" onSubmit={submit}>
      <input
        class="input"
        list="symbols"
        placeholder="Other"
        aria-label="Another base asset"
        value={text}
        maxLength={20}
        autocomplete="off"
        spellcheck={false}
        onFocus={() => setOpen(true)}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <datalist id="symbols">
        {(data ?? []).map(({ symbol }) => (
          <option key={symbol} value={symbol} />
        ))}
      </datalist>
    </form>
  );
}
