import type { CascadeRecord } from "../../../../src/cascade/cascade-record.ts";
import { CascadeState } from "../../parts/cascade-state.tsx";
import { priceText, shortUsd, spanText } from "../../parts/format.ts";
import { Hint } from "../../parts/hint.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Severity } from "../../parts/severity.tsx";
import { Side } from "../../parts/side.tsx";
import { Empty } from "../../parts/state-view.tsx";
import { Unknown } from "../../parts/unknown.tsx";
import { Usd } from "../../parts/usd.tsx";
import { Link } from "../../shell/router.tsx";
import { cascades, eventLog, eventsVersion } from "../../store/live-store.ts";
import { now } from "../../stream/server-clock.ts";

/** The cascades that run, and those that ended in the last two minutes. */
export function CascadesPanel() {
  const list = cascades.value;
  return (
    <Panel
      title="Running cascades"
      class="cascades"
      aside={<span class="num">{list.filter(({ end_time: end }) => end === null).length}</span>}
    >
      {list.length === 0 ? (
        <Empty>No cascade runs.</Empty>
      ) : (
        <ul class="cascade-list">
          {list.map((cascade) => (
            <CascadeRow key={cascade.cascade_id} cascade={cascade} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function CascadeRow({ cascade }: { readonly cascade: CascadeRecord }) {
  // Speed and branching ratio come with each event.
  void eventsVersion.value;
  const { cascade_id: id, symbol, position_side: side, state, severity, usd, start_time: start, end_time: end, exchanges } = cascade;
  const newest = eventLog.events.findLast((event) => event.cascade_id === id);
  return (
    <li class={`cascade cascade-${state}`}>
      <Link href={`/cascades/${encodeURIComponent(id)}`} class="cascade-name">
        <strong>{symbol}</strong> <Side side={side} label={side === "long" ? "longs" : "shorts"} />
      </Link>
      <CascadeState state={state} />
      <Severity severity={severity} />
      <span class="cascade-usd">
        <Usd
          usd={usd}
          coverage={`${cascade.events} liquidations on ${exchanges.join(", ")}.${cascade.gaps.length === 0 ? "" : " A venue was not covered during it, so this is a lower bound."}`}
        />
      </span>
      <dl class="cascade-facts">
        <div>
          <dt>speed</dt>
          <dd>
            {newest?.velocity_usd_per_s == null ? (
              <Unknown reason="No event of it has come to this page." />
            ) : (
              <span class="num">{shortUsd(newest.velocity_usd_per_s)}/s</span>
            )}
          </dd>
        </div>
        <div>
          <dt>branching</dt>
          <dd>
            {newest?.branching_ratio == null ? (
              <Unknown reason="Not fitted yet, or too few events: it takes 200 of a day." />
            ) : (
              <Hint hint="Liquidations that each liquidation brings about, as fitted; towards 1 it feeds itself." class="num">
                {newest.branching_ratio.toFixed(2)}
              </Hint>
            )}
          </dd>
        </div>
        <div>
          <dt>move</dt>
          <dd>
            {cascade.move_bps === null ? (
              <Unknown reason="No venue reported mark prices during it." />
            ) : (
              <Hint
                hint={`${cascade.start_mark === null ? "?" : priceText(cascade.start_mark)} to ${cascade.extreme_mark === null ? "?" : priceText(cascade.extreme_mark)}`}
                class="num"
              >
                {cascade.move_bps.toFixed(0)} bps
              </Hint>
            )}
          </dd>
        </div>
        <div>
          <dt>{end === null ? "for" : "lasted"}</dt>
          <dd class="num">{spanText((end ?? now.value) - start)}</dd>
        </div>
        <div>
          <dt>first</dt>
          <dd>
            {cascade.first_exchange ?? <Unknown reason="No venue is known to have begun more than half a second before the others." />}
          </dd>
        </div>
      </dl>
    </li>
  );
}
