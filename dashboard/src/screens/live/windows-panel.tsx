import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/query.ts";
import type { SymbolWindow, WindowStatistics } from "../../api/schema.ts";
import { SideSplit } from "../../parts/bars.tsx";
import { UptimeShare } from "../../parts/coverage.tsx";
import { estimateSentence } from "../../parts/estimate-text.ts";
import { changeText, momentText, percentileText, shareText } from "../../parts/format.ts";
import { Hint } from "../../parts/hint.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Side } from "../../parts/side.tsx";
import { StateView } from "../../parts/state-view.tsx";
import { Age, isStale } from "../../parts/time.tsx";
import { Unknown } from "../../parts/unknown.tsx";
import { Usd } from "../../parts/usd.tsx";
import { shownSymbol } from "./live-symbol.ts";

const WINDOWS = ["15m", "1h", "4h", "24h"] as const;
/** Short windows move faster, and each request counts. */
const REFRESH_MS: Readonly<Record<(typeof WINDOWS)[number], number>> = { "15m": 30_000, "1h": 30_000, "4h": 60_000, "24h": 60_000 };
const STALE_MS = 180_000;

/** The sums of four windows, against the window before and among earlier ones. */
export function WindowsPanel() {
  const symbol = shownSymbol();
  return (
    <Panel title={`${symbol} windows`} class="windows">
      <div class="window-list">
        {WINDOWS.map((window) => (
          <Window key={`${symbol} ${window}`} symbol={symbol} window={window} />
        ))}
      </div>
    </Panel>
  );
}

function Window({ symbol, window }: { readonly symbol: string; readonly window: (typeof WINDOWS)[number] }) {
  const loaded = useQuery(`stats ${symbol} ${window}`, () => ask(api.GET("/v1/stats", { params: { query: { symbol, window } } })), {
    refreshMs: REFRESH_MS[window],
  });
  return (
    <article class="window" aria-label={`Window of ${window}`}>
      <StateView loaded={loaded}>{(data) => <WindowNumbers data={data} />}</StateView>
    </article>
  );
}

function WindowNumbers({ data }: { readonly data: SymbolWindow }) {
  const { sides, uptime_share: share, as_of_time: time, window } = data;
  return (
    <div class={isStale(time, STALE_MS) ? "window-numbers window-stale" : "window-numbers"}>
      <header class="window-head">
        <h3>{window}</h3>
        <span class="window-age">
          <Age time={time} staleMs={STALE_MS} />
        </span>
        <UptimeShare share={share} />
      </header>
      <SideSplit long={sides.long.usd ?? 0} short={sides.short.usd ?? 0} />
      <WindowSide side="long" statistics={sides.long} data={data} />
      <WindowSide side="short" statistics={sides.short} data={data} />
    </div>
  );
}

/** The minutes that the estimate is of, which end some minutes ago. */
function estimatedTime({ estimate: { start_time: start, end_time: end } }: SymbolWindow): string {
  return start === null || end === null ? "" : `Of the minutes from ${momentText(start)} to ${momentText(end)}: `;
}

interface WindowSideProps {
  readonly side: "long" | "short";
  readonly statistics: WindowStatistics;
  readonly data: SymbolWindow;
}

function WindowSide({ side, statistics, data }: WindowSideProps) {
  const { usd, events, events_without_usd: without, percentile, change_pct: change } = statistics;
  const coverage = (
    <>
      {events} liquidations{without === 0 ? "" : `, ${without} of unknown value`}. {shareText(data.uptime_share)} of venue time was
      connected. A lower bound: not every venue reports all.
      <br />
      {estimatedTime(data)}
      {estimateSentence(data.estimate.sides[side])}
    </>
  );
  return (
    <div class="window-side">
      <Side side={side} label={side === "long" ? "longs" : "shorts"} />
      <span class="window-usd">
        <Usd usd={usd} coverage={coverage} reason="The value of every liquidation of the window is unknown." />
      </span>
      <span class="window-change">
        {change === null ? (
          <Unknown reason="The window before has none, or no venue was covered in both." />
        ) : (
          <Hint
            hint={`Change against the window before, over the venues that were covered in both: ${data.comparison.exchanges.join(", ")}.`}
            class="num"
          >
            {changeText(change)}
          </Hint>
        )}
      </span>
      <span class="window-rank">
        {percentile === null ? (
          <Unknown reason="There is not enough history to rank this window among earlier ones of the same hour." />
        ) : (
          <Hint hint="Rank among earlier windows of this length at the same hour." class={percentile >= 0.95 ? "num rank-high" : "num"}>
            {percentileText(percentile)}
          </Hint>
        )}
      </span>
    </div>
  );
}
