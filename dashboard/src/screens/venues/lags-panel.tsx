import { countText, spanText } from "../../parts/format.ts";
import { Hint } from "../../parts/hint.tsx";
import { Panel } from "../../parts/panel.tsx";
import { StateView } from "../../parts/state-view.tsx";
import { Unknown } from "../../parts/unknown.tsx";
import { useCrossExchange } from "./cross-exchange.ts";
import { type LagCell, type LagRow, lagMatrix } from "./lag-matrix.ts";
import { lagText } from "./lag-text.ts";

/** How far each venue is behind each other one, with what its feeds can tell apart. */
export function LagsPanel() {
  const { symbol, loaded } = useCrossExchange();
  return (
    <Panel title={`${symbol} lags between venues`} class="lags" aside={<span>seconds</span>}>
      <StateView
        loaded={loaded}
        isEmpty={({ pairs }) => pairs.length === 0}
        empty="No two venues liquidated within 10 s of each other while all of them were connected."
      >
        {({ exchanges, pairs }) => <LagMatrix rows={lagMatrix(exchanges, pairs)} />}
      </StateView>
    </Panel>
  );
}

function LagMatrix({ rows }: { readonly rows: readonly LagRow[] }) {
  return (
    <>
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Lags between venues">
        <table class="data-table lag-matrix">
          <caption class="sr-only">Median lag of the venue of the row behind the venue of the column, in seconds</caption>
          <thead>
            <tr>
              <th scope="col">behind</th>
              {rows.map(({ exchange }) => (
                <th key={exchange} scope="col" class="right">
                  {exchange}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ exchange, cells }) => (
              <tr key={exchange}>
                <th scope="row">{exchange}</th>
                {cells.map((cell, index) => (
                  <LagTd key={rows[index]?.exchange} exchange={exchange} other={rows[index]?.exchange ?? ""} cell={cell} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="venues-note">
        The median of the row's first liquidation of a shared burst minus the column's: − led, + followed. Grey is within ± the feeds'
        resolution, and cannot be told from zero. A third venue may have been before both.
      </p>
    </>
  );
}

interface LagTdProps {
  readonly exchange: string;
  readonly other: string;
  readonly cell: LagCell | null;
}

function LagTd({ exchange, other, cell }: LagTdProps) {
  if (exchange === other) return <td class="lag-self" />;
  if (cell === null) {
    return (
      <td class="right">
        <Unknown reason={`${exchange} and ${other} shared no burst while all venues were connected.`} />
      </td>
    );
  }
  const { lag, resolution, isWithin } = cell;
  return (
    <td class={`right lag-cell ${isWithin ? "lag-within" : lag < 0 ? "lag-led" : "lag-followed"}`}>
      <Hint hint={hintOf(exchange, other, cell)}>
        {lagText(lag)}
        <span class="lag-resolution">±{(resolution / 1_000).toFixed(2)}</span>
      </Hint>
    </td>
  );
}

function hintOf(exchange: string, other: string, { lag, resolution, bursts, before, after, isWithin }: LagCell) {
  const size = spanText(Math.abs(lag));
  return (
    <>
      <strong>{lag === 0 ? `${exchange} began with ${other}` : `${exchange} ${lag < 0 ? "led" : "followed"} ${other} by ${size}`}</strong>,
      the median of {countText(bursts)} shared bursts: before it in {countText(before)}, after it in {countText(after)}. The two feeds tell
      times apart by {spanText(resolution)}
      {isWithin ? ", so the lag cannot be told from zero" : ""}.
    </>
  );
}
