import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/query.ts";
import type { Contagion, ContagionEntry } from "../../api/schema.ts";
import { momentText, shareText } from "../../parts/format.ts";
import { Hint } from "../../parts/hint.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Empty, StateView } from "../../parts/state-view.tsx";
import { Unknown } from "../../parts/unknown.tsx";
import { contagionPicture, PICTURE } from "./contagion-picture.ts";
import { chanceText, leaderText, ratioText } from "./contagion-text.ts";
import { useCrossExchange } from "./cross-exchange.ts";

const REFRESH_MS = 3_600_000;

/** Who triggers whom, as the last daily fit says. */
export function ContagionPanel() {
  const { symbol } = useCrossExchange();
  const loaded = useQuery(`contagion ${symbol}`, () => ask(api.GET("/v1/contagion", { params: { query: { symbol } } })), {
    refreshMs: REFRESH_MS,
  });
  return (
    <Panel title={`${symbol} who triggers whom`} class="contagion" aside={<span>14 days, fitted daily</span>}>
      <StateView loaded={loaded}>
        {(data) => (data.withheld === null ? <Matrix data={data} /> : <Empty>No matrix is shown: {data.withheld.detail}.</Empty>)}
      </StateView>
    </Panel>
  );
}

function Matrix({ data }: { readonly data: Contagion }) {
  const { spectral_radius: radius, end_time: end } = data;
  const throttled = data.venues.filter((venue) => venue.throttled && venue.left_out === null).map(({ exchange }) => exchange);
  const omitted = data.venues.filter(({ left_out: left }) => left !== null);
  const leader = leaderText(data);
  return (
    <>
      <Picture data={data} />
      <EntryTable data={data} />
      <ul class="contagion-notes">
        <li>
          An arrow is as wide as the share of the target's liquidations that the source triggers directly. Solid: clearly more goes this way
          than back; dashed: not clearly. No arrow: not beyond chance, or faster than both clocks can tell.
        </li>
        {leader === null ? null : <li>{leader}</li>}
        {radius === null ? null : (
          <li>
            Spectral radius {radius.estimate.toFixed(2)} ({radius.low.toFixed(2)}–{radius.high.toFixed(2)}): from 1 on, a cascade would
            never end by itself.
          </li>
        )}
        {throttled.length === 0 ? null : (
          <li>
            <strong>{throttled.join(", ")}</strong> (hollow) report only some liquidations: ratios from them are too high, and ratios to
            them too low.
          </li>
        )}
        {omitted.length === 0 ? null : (
          <li>
            Not compared:{" "}
            {omitted.map(({ exchange, left_out: left }) => `${exchange} (${left === "gaps" ? "gaps" : "too few liquidations"})`).join(", ")}
            .
          </li>
        )}
        <li>Up to {momentText(end)}. Timing does not prove a cause: a price move that reaches venues in turn looks the same.</li>
      </ul>
    </>
  );
}

/** What the table says, drawn; hidden from screen readers, which have the table. */
function Picture({ data }: { readonly data: Contagion }) {
  const { nodes, arrows } = contagionPicture(data);
  return (
    <svg class="contagion-picture" viewBox={`0 0 ${PICTURE.width} ${PICTURE.height}`} aria-hidden="true">
      {arrows.map(({ key, line, head, width, isClear }) => (
        <g key={key} class="contagion-arrow">
          <path
            d={line}
            stroke-width={width}
            stroke-dasharray={isClear ? undefined : `${(2 * width).toFixed(1)} ${(1.2 * width).toFixed(1)}`}
          />
          <polygon points={head} />
        </g>
      ))}
      {nodes.map(({ exchange, throttled, x, y, labelX, labelY, anchor }) => (
        <g key={exchange} class={throttled ? "contagion-node contagion-throttled" : "contagion-node"}>
          <circle cx={x} cy={y} r={7} />
          <text x={labelX} y={labelY} text-anchor={anchor} dominant-baseline="middle">
            {exchange}
          </text>
        </g>
      ))}
    </svg>
  );
}

function EntryTable({ data: { venues, entries } }: { readonly data: Contagion }) {
  const names = venues.filter(({ left_out: left }) => left === null).map(({ exchange }) => exchange);
  const entryOf = (from: string, to: string) => entries.find((one) => one.from_exchange === from && one.to_exchange === to);
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Who triggers whom">
      <table class="data-table lag-matrix contagion-matrix">
        <caption class="sr-only">Mean number of liquidations that one on the venue of the row triggers on the venue of the column</caption>
        <thead>
          <tr>
            <th scope="col">triggers</th>
            {names.map((name) => (
              <th key={name} scope="col" class="right">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map((from) => (
            <tr key={from}>
              <th scope="row">{from}</th>
              {names.map((to) => (
                <EntryTd key={to} entry={entryOf(from, to)} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function EntryTd({ entry }: { readonly entry: ContagionEntry | undefined }) {
  if (entry === undefined || entry.ratio === null || entry.share_of_events === null) {
    return (
      <td class="right">
        <Unknown reason={`Not beyond chance${entry === undefined ? "" : `: ${chanceText(entry.p_value)}`}.`} />
      </td>
    );
  }
  const heat = Math.min(4, Math.ceil(entry.share_of_events * 10));
  return (
    <td class={`right lag-cell contagion-heat-${heat}`}>
      <Hint hint={<EntryHint entry={entry} share={entry.share_of_events} />}>
        {entry.ratio.toFixed(2)}
        <span class="lag-resolution">{shareText(entry.share_of_events)}</span>
      </Hint>
    </td>
  );
}

function EntryHint({ entry, share }: { readonly entry: ContagionEntry; readonly share: number }) {
  const { from_exchange: from, to_exchange: to, delay_s: delay, floor_ms: floor, p_value: p } = entry;
  return (
    <>
      <strong>
        A liquidation on {from} directly triggers {ratioText(entry)} on {from === to ? "itself" : to}
      </strong>
      , after {(delay ?? 0).toFixed(1)} s on average: {shareText(share)} of the liquidations there; {chanceText(p)}.{" "}
      {floor === null ? "" : `Lags up to ${(floor / 1_000).toFixed(1)} s are not counted.`}
    </>
  );
}
