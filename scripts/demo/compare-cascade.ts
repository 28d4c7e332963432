import { CASCADE_CONSTANTS, type CascadeRecord } from "../../src/cascade/cascade-record.ts";
import { exchanges } from "../../src/exchanges/registry.ts";
import { flowUsd } from "../../src/flow-usd.ts";
import type { ExchangeName, Liquidation } from "../../src/liquidation.ts";
import type { ScriptedCascade } from "../simulator/cascade-script.ts";
import type { LedgerEvent } from "../simulator/ledger.ts";
import type { Check } from "./check.ts";

/** The random walk goes on under the scripted move. */
const MOVE_TOLERANCE_BPS = 60;
/** As simulated markets show it, see `npm run measure -- cascades`. */
const ONSET_TOLERANCE_MS = 3_000;

/**
 * What the system reported of a cascade against the script that was played. Sums are compared over the stretch that was
 * reported, with what was on the wire and stored in it, since Binance shows only the largest a second. Others of the symbol and side are
 * liquidated all the while, so each venue's lag is compared with what was on the wire since the script's beginning.
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
    ...sums(sent.filter(isPart), events.filter(isPart), reported),
    {
      what: "reported as one",
      expected: "1",
      found: String(overlapping.length),
      tolerance: "exact",
      agrees: overlapping.length === 1,
      advisory: true,
    },
    {
      what: "onset, ms after the script's",
      expected: "0",
      found: String(onset),
      tolerance: `± ${ONSET_TOLERANCE_MS}`,
      agrees: Math.abs(onset) <= ONSET_TOLERANCE_MS,
    },
    {
      what: "first mover",
      expected: script.firstExchange,
      found: reported.first_exchange ?? "not known",
      tolerance: "exact, or not known",
      agrees: reported.first_exchange === null || script.firstExchange === reported.first_exchange,
    },
    {
      what: "move, bps",
      expected: scriptedBps.toFixed(0),
      found: moveBps.toFixed(0),
      tolerance: `± ${MOVE_TOLERANCE_BPS}`,
      agrees: Math.abs(moveBps - scriptedBps) <= MOVE_TOLERANCE_BPS,
      advisory: true,
    },
    ...adlChecks(script, reported),
    ...lagChecks(
      script,
      sent.filter(isPart),
      events.filter(({ cascade_id: id }) => id === reported.cascade_id),
    ),
  ];
}

/** A cascade goes on counting for as long as it may still flare up again, which its record does not show. */
function sums(wire: readonly LedgerEvent[], stored: readonly Liquidation[], reported: CascadeRecord): readonly Check[] {
  const { start_time: start, end_time } = reported;
  const end = end_time ?? Number.POSITIVE_INFINITY;
  const upTo = <Event extends { readonly event_time: number }>(events: readonly Event[], last: number) =>
    events.filter(({ event_time: time }) => time >= start && time <= last);
  const lastCounted = end + CASCADE_CONSTANTS.end_s * 1_000;
  const [inside, counted] = [upTo(wire, end), upTo(wire, lastCounted)];
  // What was on the wire has no mark price; the stored rows are compared with the wire one by one elsewhere.
  const [insideUsd, countedUsd] = [sumUsd(upTo(stored, end)), sumUsd(upTo(stored, lastCounted))];
  return [
    {
      what: "events on the wire in it",
      expected: range(inside.length, counted.length),
      found: String(reported.events),
      tolerance: "exact",
      agrees: isBetween(reported.events, inside.length, counted.length),
    },
    {
      what: "USD stored in it",
      expected: range(insideUsd, countedUsd),
      found: reported.usd.toFixed(0),
      tolerance: "± 0.0001 %",
      agrees: isBetween(reported.usd, insideUsd, countedUsd),
    },
  ];
}

function sumUsd(events: readonly Liquidation[]): number {
  return events.reduce((sum, event) => sum + (flowUsd(event) ?? 0), 0);
}

function isBetween(value: number, low: number, high: number): boolean {
  return value >= low * (1 - 1e-6) && value <= high * (1 + 1e-6);
}

function range(low: number, high: number): string {
  return low === high ? low.toFixed(0) : `${low.toFixed(0)} to ${high.toFixed(0)}`;
}

/** The simulated venues deleverage at the height of a cascade; a venue that names its state has to be in the record. */
function adlChecks({ venues }: ScriptedCascade, { adl_states }: CascadeRecord): readonly Check[] {
  return venues
    .filter(({ exchange }) => exchanges[exchange].adlSource === "states")
    .map(({ exchange }) => {
      const published = (adl_states ?? []).filter((one) => one.exchange === exchange);
      return {
        what: `auto-deleveraging published by ${exchange}`,
        expected: "adl",
        found: published.map(({ state }) => state ?? "no state").join(" ") || "none",
        tolerance: "exact",
        agrees: published.some(({ state }) => state === "adl"),
      };
    });
}

/** The median lag that the cascade's events of each venue carry. That of the venue that led is negative. */
function lagChecks(script: ScriptedCascade, wire: readonly LedgerEvent[], events: readonly Liquidation[]): readonly Check[] {
  const firsts = new Map<ExchangeName, number>();
  for (const { exchange, event_time: time } of wire) {
    if (time >= script.startTime && time < (firsts.get(exchange) ?? Infinity)) firsts.set(exchange, time);
  }
  return script.venues.map(({ exchange, delayMs }) => {
    const others = [...firsts].filter(([name]) => name !== exchange).toSorted(([, a], [, b]) => a - b);
    const [other, otherTime] = others[0] ?? [exchange, Number.NaN];
    const expected = (firsts.get(exchange) ?? Number.NaN) - otherTime;
    const resolution = exchanges[exchange].lagResolutionMs + exchanges[other].lagResolutionMs;
    const found = medianLag(events, exchange);
    const isClose = found !== null && Math.abs(found - expected) <= resolution;
    return {
      what: `median lag of ${exchange}, ms`,
      expected: String(expected),
      found: String(found ?? "none"),
      tolerance: `± ${resolution}${delayMs === 0 ? ", below 0" : ""}`,
      agrees: isClose && (delayMs > 0 || found < 0),
    };
  });
}

/** The median lag that the events of a venue carry; null where none has one. */
export function medianLag(events: readonly Liquidation[], exchange: ExchangeName): number | null {
  const lags = events.flatMap((event) => (event.exchange === exchange ? (event.cross_exchange_lag_ms ?? []) : []));
  return lags.toSorted((a, b) => a - b)[Math.floor(lags.length / 2)] ?? null;
}

function names(venues: readonly ExchangeName[]): string {
  return venues.toSorted().join(" ");
}
