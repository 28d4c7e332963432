import { adlSeverity } from "../adl/adl-state.ts";
import type { CascadeTransition } from "../cascade/cascade-record.ts";
import type { EstimatedMinute } from "../estimates/estimated-minute.ts";
import type { FeedStatus } from "../feed-status.ts";
import type { ExchangeName, Liquidation, PositionSide } from "../liquidation.ts";
import type { SignalRecord } from "../signals/ledger.ts";
import type { SilenceRecord } from "../silence/silence-record.ts";
import { cursorText } from "./cursor.ts";

/** The kinds of frames that the stream log holds. */
export const LOGGED_KINDS = ["liquidation", "cascade", "signal", "feed", "estimate", "silence"] as const;
export type LoggedKind = (typeof LOGGED_KINDS)[number];

/** A frame before it has its place in the log. */
export interface NewEntry {
  readonly kind: LoggedKind;
  /** The same key is logged once: a feed or a run that repeats a call repeats no frame. */
  readonly key: string;
  readonly symbol: string | null;
  readonly exchanges: readonly ExchangeName[] | null;
  readonly side: PositionSide | null;
  /** `usd_value` of a liquidation. */
  readonly usd: number | null;
  readonly inferred: boolean;
  /** When the event happened, ms; for the times of what was skipped. */
  readonly event_time: number;
  /** When the liquidation was received from its venue, ms; null for other frames. */
  readonly received_time: number | null;
  /** The fields of the frame after `type` and `id`, as the inside of a JSON object. */
  readonly body: string;
}

/** A frame of the stream log. */
export interface LogEntry extends NewEntry {
  readonly sequence: number;
  /** When it was logged, ms. */
  readonly time: number;
}

export function liquidationEntry(data: Liquidation): NewEntry {
  return {
    kind: "liquidation",
    key: data.event_id,
    symbol: data.symbol,
    exchanges: [data.exchange],
    side: data.position_side,
    usd: data.usd_value,
    inferred: data.coverage === "inferred",
    event_time: data.event_time,
    received_time: data.received_time,
    body: `"data":${JSON.stringify(data)}`,
  };
}

const OTHER = { usd: null, inferred: false, received_time: null } as const;

/** @param time when the transition was noticed, ms */
export function cascadeEntry({ kind: change, record: data }: CascadeTransition, time: number): NewEntry {
  const { cascade_id, symbol, exchanges, position_side: side, severity, market_wide, events, end_time } = data;
  return {
    ...OTHER,
    kind: "cascade",
    key: ["cascade", cascade_id, change, severity, market_wide, events, end_time].join(":"),
    symbol,
    exchanges,
    side,
    event_time: time,
    body: `"change":"${change}","data":${JSON.stringify(data)}`,
  };
}

/** Decisions are sent without their input, which `GET /v1/signals/{id}` has. */
export function signalEntry({ statistics: _input, ...data }: SignalRecord): NewEntry {
  return {
    ...OTHER,
    kind: "signal",
    key: `signal:${data.signal_id}`,
    symbol: data.symbol,
    exchanges: null,
    side: null,
    event_time: data.created_time,
    body: `"data":${JSON.stringify(data)}`,
  };
}

/**
 * A feed whose state, or a state of whose auto-deleveraging, changed. Of that it has only the contracts that are in a state other than
 * `normal`: some venues list hundreds, and all clients of the stream get it.
 * @param time when the feed reported it, ms
 */
export function feedEntry(data: FeedStatus, time: number): NewEntry {
  const { adl_state: adl } = data;
  const shown = adl && { ...adl, contracts: adl.contracts.filter(({ state }) => adlSeverity(state) > 0) };
  return {
    ...OTHER,
    kind: "feed",
    key: ["feed", data.exchange, data.state, data.since, ...[adl?.changed_time ?? []].flat()].join(":"),
    symbol: null,
    exchanges: [data.exchange],
    side: null,
    event_time: time,
    body: `"data":${JSON.stringify({ ...data, adl_state: shown, error: null })}`,
  };
}

/** The estimates of a base asset in a settled minute, some minutes after it: not part of what a hub does for each liquidation. */
export function estimateEntry(data: EstimatedMinute): NewEntry {
  return {
    ...OTHER,
    kind: "estimate",
    key: `estimate:${data.symbol}:${data.time}`,
    symbol: data.symbol,
    exchanges: [...new Set(data.exchanges.map(({ exchange }) => exchange))],
    side: null,
    event_time: data.time,
    body: `"data":${JSON.stringify(data)}`,
  };
}

/** A silence that became suspect, or a suspect one that ended. */
export function silenceEntry(data: SilenceRecord): NewEntry {
  const { exchange, symbol, since, suspect_time, cleared_time } = data;
  const change = cleared_time === null ? "suspect" : "cleared";
  return {
    ...OTHER,
    kind: "silence",
    key: ["silence", exchange, symbol ?? "", since, change].join(":"),
    symbol,
    exchanges: [exchange],
    side: null,
    event_time: cleared_time ?? suspect_time,
    body: `"change":"${change}","data":${JSON.stringify(data)}`,
  };
}

/** The JSON of a logged frame: the same on both transports. */
export function entryText(epoch: string, { kind, sequence, body }: Pick<LogEntry, "kind" | "sequence" | "body">): string {
  return `{"type":"${kind}","id":"${cursorText({ epoch, sequence })}",${body}}`;
}
