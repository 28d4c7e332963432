import type { CascadeRecord } from "../../src/cascade/cascade-record.ts";
import { exchanges } from "../../src/exchanges/registry.ts";
import type { ExchangeName, Liquidation } from "../../src/liquidation.ts";
import type { ScriptedCascade } from "../simulator/cascade-script.ts";
import type { LedgerEvent } from "../simulator/ledger.ts";

/** The random walk goes on under the scripted move. */
const MOVE_TOLERANCE_BPS = 60;

export interface Comparison {
  readonly what: string;
  readonly scripted: string;
  readonly reported: string;
  readonly agrees: boolean;
}

/**
 * What the system reported of a cascade against the script that was played. Sums are compared with what was on the
 * wire, since Binance shows only the largest a second; lags within what the two feeds can resolve.
 */
export function compareCascade(
  script: ScriptedCascade,
  sent: readonly LedgerEvent[],
  reported: CascadeRecord | undefined,
  events: readonly Liquidation[],
): readonly Comparison[] {
  if (reported === undefined) return [{ what: "cascade", scripted: `${script.symbol} ${script.side}`, reported: "none", agrees: false }];
  const isPart = ({ symbol, position_side, event_time }: Pick<Liquidation, "symbol" | "position_side" | "event_time">) =>
    symbol === script.symbol && position_side === script.side && event_time >= script.startTime;
  const wire = sent.filter(isPart);
  const stored = events.filter(isPart);
  const usd = wire.reduce((sum, event) => sum + (event.usd_value ?? 0), 0);
  const scriptedBps = script.movePct * 100;
  const moveBps = reported.move_bps ?? Number.NaN;
  return [
    row("first mover", script.firstExchange, reported.first_exchange, script.firstExchange === reported.first_exchange),
    row("venues", names(script.venues), names(reported.exchanges.map((exchange) => ({ exchange }))), sameVenues(script, reported)),
    row("events on the wire", String(wire.length), String(reported.events), wire.length === reported.events),
    row("USD on the wire", usd.toFixed(0), reported.usd.toFixed(0), Math.abs(usd - reported.usd) <= 1e-6 * usd),
    row("move, bps", scriptedBps.toFixed(0), moveBps.toFixed(0), Math.abs(moveBps - scriptedBps) <= MOVE_TOLERANCE_BPS),
    ...script.venues.filter(({ delayMs }) => delayMs > 0).map(({ exchange, delayMs }) => lagRow(exchange, delayMs, script, stored)),
  ];
}

/** The lag that the first event of a follower carries. */
function lagRow(exchange: ExchangeName, delayMs: number, script: ScriptedCascade, events: readonly Liquidation[]): Comparison {
  const own = events.filter(
    (event) => event.exchange === exchange && event.symbol === script.symbol && event.position_side === script.side,
  );
  const first = own.toSorted((a, b) => a.event_time - b.event_time)[0];
  const lag = first?.cross_exchange_lag_ms ?? null;
  const resolution = exchanges[exchange].lagResolutionMs + exchanges[script.firstExchange].lagResolutionMs;
  const agrees = lag !== null && Math.abs(lag - delayMs) <= resolution && first?.lag_resolution_ms === resolution;
  return row(`lag of ${exchange}, ms (± ${resolution})`, String(delayMs), String(lag), agrees);
}

function row(what: string, scripted: string, reported: string, agrees: boolean): Comparison {
  return { what, scripted, reported, agrees };
}

function names(venues: readonly { readonly exchange: ExchangeName }[]): string {
  return venues
    .map(({ exchange }) => exchange)
    .toSorted()
    .join(" ");
}

function sameVenues(script: ScriptedCascade, reported: CascadeRecord): boolean {
  return names(script.venues) === names(reported.exchanges.map((exchange) => ({ exchange })));
}
