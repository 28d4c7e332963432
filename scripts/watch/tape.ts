import type { Liquidation, StreamItem, SymbolTotals } from "../../clients/typescript/src/index.ts";
import { MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import { box } from "../signal-boxes.ts";

/** What happens beside a text to print. */
export interface Printed {
  readonly text: string;
  /** A decision whose input is not in the frame. */
  readonly signalId?: string;
}

/** Turns the items of a stream into lines, and the running sums into a box a minute. */
export class Tape {
  #minute = 0;

  /** @returns null for what is no news to a person */
  print(frame: StreamItem): Printed | null {
    switch (frame.type) {
      case "lost": {
        const place = frame.last_event_id === null ? "" : `, to continue after ${frame.last_event_id}`;
        return { text: `${clock(Date.now())}  connection lost: ${frame.reason}. Again in ${(frame.wait_ms / 1_000).toFixed(1)} s${place}` };
      }
      case "liquidation":
        return { text: liquidationLine(frame.data) };
      case "cascade":
        return { text: cascadeLine(frame) };
      case "signal":
        return {
          text: `${clock(frame.data.created_time)}  signal      ${frame.data.symbol} ${frame.data.action}`,
          signalId: frame.data.signal_id,
        };
      case "feed":
        return { text: `${clock(frame.data.since)}  feed        ${frame.data.exchange} is ${frame.data.state}` };
      case "silence":
        return { text: silenceLine(frame) };
      case "totals":
        return this.#windows(frame.time, frame.data);
      case "hello":
        return {
          text: [
            `${clock(frame.time)}  connected   ${resumedText(frame.resumed)}`,
            ...frame.notices.map((notice) => `              ${notice}`),
          ].join("\n"),
        };
      case "skipped":
        return {
          text: `${clock(Date.now())}  skipped     ${frame.count} frames, as this reader was too slow. GET ${frame.request} has them`,
        };
      case "gap":
        return { text: `${clock(Date.now())}  gap         ${gapText(frame)}. GET ${frame.request} has what was stored` };
      case "live":
        return { text: `${clock(frame.time)}  live        the replay has reached the present` };
      case "estimate":
      case "beat":
      case "snapshot":
        return null;
    }
  }

  /** The last quarter of an hour of each base asset, once a minute. */
  #windows(time: number, totals: readonly SymbolTotals[]): Printed | null {
    const minute = floorTo(time, MINUTE_MS);
    const isFirst = this.#minute === 0;
    if (minute <= this.#minute) return null;
    this.#minute = minute;
    if (isFirst || totals.length === 0) return null;
    const lines = totals.map(
      ({ symbol, window_15m: { long, short } }) =>
        `${symbol.padEnd(8)} longs ${usd(long.usd)} in ${long.events}, shorts ${usd(short.usd)} in ${short.events}`,
    );
    return { text: box(`Liquidations of the 15 minutes to ${clock(minute).slice(0, 5)} UTC`, lines) };
  }
}

/** Time, base asset, side of the position, value, price, venue, how late it came, and the cascade it belongs to. */
function liquidationLine(row: Liquidation): string {
  const delay = row.received_time - row.event_time;
  return [
    `${clock(row.event_time)}  ${row.symbol.padEnd(8)}`,
    row.position_side.padEnd(5),
    usd(row.usd_value).padStart(16),
    `at ${row.price?.toLocaleString("en-US", { maximumSignificantDigits: 8 }) ?? "unknown"}`.padEnd(16),
    row.exchange.padEnd(8),
    delay >= 1_000 ? `${(delay / 1_000).toFixed(1)} s late` : "",
    row.cascade_id === null ? "" : "in a cascade",
    row.coverage === "inferred" ? "inferred" : "",
  ]
    .join("  ")
    .trimEnd();
}

function cascadeLine({ change, data }: Extract<StreamItem, { type: "cascade" }>): string {
  const venues = data.exchanges.join(", ");
  const time = data.end_time ?? (change === "started" ? data.start_time : data.peak_time);
  return `${clock(time)}  cascade     ${data.symbol} ${data.position_side} ${change}: ${usd(data.usd)} in ${data.events} on ${venues}, severity ${data.severity}`;
}

function silenceLine({ data }: Extract<StreamItem, { type: "silence" }>): string {
  const name = data.symbol === null ? data.exchange : `${data.exchange} ${data.symbol}`;
  if (data.cleared_time === null) {
    const meanwhile = `while the others had ${data.others_events} liquidations`;
    return `${clock(data.suspect_time)}  silence     ${name} is suspect: nothing since ${moment(data.since)}, ${meanwhile}`;
  }
  const end = data.cleared_reason === "unlisted" ? "the venue no longer lists it" : "it delivers again";
  return `${clock(data.cleared_time)}  silence     ${name} is cleared: ${end}`;
}

function resumedText(resumed: Extract<StreamItem, { type: "hello" }>["resumed"]): string {
  switch (resumed) {
    case "none":
      return "from now on";
    case "complete":
      return "again, nothing is missing";
    case "partial":
    case "expired":
      return "again, with a gap";
  }
}

function gapText({ from_time: from, to_time: to }: Extract<StreamItem, { type: "gap" }>): string {
  return from === null ? `everything before ${moment(to)} is missing` : `${moment(from)} to ${moment(to)} is missing`;
}

function usd(value: number | null): string {
  return value === null ? "unknown USD" : `${Math.round(value).toLocaleString("en-US")} USD`;
}

/** A gap may lie days back. */
function moment(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** The time of the day, UTC. */
function clock(time: number): string {
  return new Date(time).toISOString().slice(11, 23);
}
