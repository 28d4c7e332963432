import { CASCADE_CONSTANTS, type CascadeRecord } from "../../src/cascade/cascade-record.ts";
import { exchanges } from "../../src/exchanges/registry.ts";
import type { ExchangeName, Liquidation } from "../../src/liquidation.ts";
import type { ScriptedCascade } from "../simulator/cascade-script.ts";
import type { LedgerEvent } from "../simulator/ledger.ts";
import type { Check } from "./check.ts";

/** The random walk goes on under the scripted move. */
const MOVE_TOLERANCE_BPS = 60;
/** A feed resolves half a second at best, and the first events of a cascade are few. */
const ONSET_TOLERANCE_MS = 2_000;

/**
 * What the system reported of a cascade against the script that was played. Sums are compared over the stretch that was
 * reported, with what was on the wire in it, since Binance shows only the largest a second. Others of the symbol and side are
 * liquidated all the while, so where it began, on which venue, and by how much each followed is advisory: the detection is
 * known to take what came by chance before the cascade for its beginning.
 */
export function compareCascade(
  script: ScriptedCascade,
  sent: readonly LedgerEvent[],
  reports: readonly CascadeRecord[],
  events: readonly Liquidation[],
): readonly Check[] {
  const overlapping = reports.filter(
    ({ start_time: start, end_time: end }) => start <= script.endTime && (end ?? Number.POSITIVE_INFINITY) >= script.startTime,
  );
  const reported = overlapping.toSorted((a, b) => b.usd - a.usd)[0];
  const what = `${script.symbol} ${script.side}`;
  const found = [...new Set(overlapping.map(({ symbol, position_side }) => `${symbol} ${position_side}`))].join(", ") || "none";
  const isReported: Check = { what: "cascade", expected: what, found, tolerance: "", agrees: reported !== undefined };
  if (reported === undefined) return [isReported];
  const isPart = ({ symbol, position_side }: Pick<Liquidation, "symbol" | "position_side">) =>
    symbol === script.symbol && position_side === script.side;
  const scriptedBps = script.movePct * 100;
  const moveBps = reported.move_bps ?? Number.NaN;
  const onset = reported.start_time - script.startTime;
  const missing = script.venues.filter(({ exchange }) => !reported.exchanges.includes(exchange));
  return [
    isReported,
    {
      what: "venues",
      expected: names(script.venues.map(({ exchange }) => exchange)),
      found: names(reported.exchanges),
      tolerance: "these at least",
      agrees: missing.length === 0,
    },
    ...sums(sent.filter(isPart), reported),
    advisory("reported as one", "1", String(overlapping.length), "exact", overlapping.length === 1),
    advisory("onset, ms after the script's", "0", String(onset), `± ${ONSET_TOLERANCE_MS}`, Math.abs(onset) <= ONSET_TOLERANCE_MS),
    advisory("first mover", script.firstExchange, reported.first_exchange, "exact", script.firstExchange === reported.first_exchange),
    advisory(
      "move, bps",
      scriptedBps.toFixed(0),
      moveBps.toFixed(0),
      `± ${MOVE_TOLERANCE_BPS}`,
      Math.abs(moveBps - scriptedBps) <= MOVE_TOLERANCE_BPS,
    ),
    ...script.venues.filter(({ delayMs }) => delayMs > 0).map((venue) => lagCheck(venue, script, events.filter(isPart))),
  ];
}

/** A cascade goes on counting for as long as it may still flare up again, which its record does not show. */
function sums(wire: readonly LedgerEvent[], reported: CascadeRecord): readonly Check[] {
  const { start_time: start, end_time } = reported;
  const end = end_time ?? Number.POSITIVE_INFINITY;
  const inside = wire.filter(({ event_time: time }) => time >= start && time <= end);
  const counted = wire.filter(({ event_time: time }) => time >= start && time <= end + CASCADE_CONSTANTS.end_s * 1_000);
  return [
    {
      what: "events on the wire in it",
      expected: range(inside.length, counted.length),
      found: String(reported.events),
      tolerance: "exact",
      agrees: isBetween(reported.events, inside.length, counted.length),
    },
    {
      what: "USD on the wire in it",
      expected: range(sumUsd(inside), sumUsd(counted)),
      found: reported.usd.toFixed(0),
      tolerance: "± 0.0001 %",
      agrees: isBetween(reported.usd, sumUsd(inside), sumUsd(counted)),
    },
  ];
}

function sumUsd(events: readonly LedgerEvent[]): number {
  return events.reduce((sum, event) => sum + (event.usd_value ?? 0), 0);
}

function isBetween(value: number, low: number, high: number): boolean {
  return value >= low * (1 - 1e-6) && value <= high * (1 + 1e-6);
}

function range(low: number, high: number): string {
  return low === high ? low.toFixed(0) : `${low.toFixed(0)} to ${high.toFixed(0)}`;
}

/** The lag that a follower's first event of the cascade carries. */
function lagCheck(
  { exchange, delayMs }: { readonly exchange: ExchangeName; readonly delayMs: number },
  script: ScriptedCascade,
  events: readonly Liquidation[],
): Check {
  const resolution = exchanges[exchange].lagResolutionMs + exchanges[script.firstExchange].lagResolutionMs;
  const own = events.filter((event) => event.exchange === exchange && event.event_time >= script.startTime + delayMs);
  const lag = own.toSorted((a, b) => a.event_time - b.event_time)[0]?.cross_exchange_lag_ms ?? null;
  const agrees = lag !== null && Math.abs(lag - delayMs) <= resolution;
  return advisory(`lag of ${exchange}, ms`, String(delayMs), String(lag ?? "none"), `± ${resolution}`, agrees);
}

function advisory(what: string, expected: string, found: string, tolerance: string, agrees: boolean): Check {
  return { what, expected, found, tolerance, agrees, advisory: true };
}

function names(venues: readonly ExchangeName[]): string {
  return venues.toSorted().join(" ");
}
