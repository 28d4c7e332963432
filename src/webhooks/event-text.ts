import type { EventType, QueuedEvent } from "./event.ts";

/**
 * The text of an event, for chat channels. Values of the record, above all a model's reason, are untrusted: they are put
 * on one line, cut to a maximum length and escaped by the format of the channel.
 *
 * The maximum lengths respect the limits of every channel even if escaping turns each character into five.
 */
export interface EventText {
  readonly headline: string;
  /** The reason of a decision; null where there is none. */
  readonly reason: string | null;
  readonly fields: readonly { readonly label: string; readonly value: string }[];
}

export const MAX_HEADLINE = 200;
export const MAX_REASON = 600;
export const MAX_VALUE = 120;
export const MAX_FIELDS = 10;

type Show = (value: unknown) => string | null;
type Data = Readonly<Record<string, unknown>>;

interface Wording {
  readonly headline: (data: Data, symbol: string) => string;
  readonly reason?: string;
  /** Label, field of the record and format. Fields that the record lacks are omitted. */
  readonly fields: readonly (readonly [label: string, field: string, show: Show])[];
}

const text: Show = (value) => (typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : null);
const list: Show = (value) => (Array.isArray(value) && value.length > 0 ? value.map(String).join(", ") : text(value));
const number =
  (show: (value: number) => string): Show =>
  (value) =>
    typeof value === "number" && Number.isFinite(value) ? show(value) : null;
const whole = number((value) => Math.round(value).toLocaleString("en-US"));
const usd = number((value) => `$${Math.round(value).toLocaleString("en-US")}`);
const change = number((value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)} %`);
const bps = number((value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)} bps`);
const time = number((value) => (Math.abs(value) <= 8.64e15 ? new Date(value).toISOString() : String(value)));
const seconds = number((value) => `${Math.round(value / 1_000).toLocaleString("en-US")} s`);
const yes: Show = (value) => (value === true ? "yes" : null);

const CASCADE_FIELDS: Wording["fields"] = [
  ["Severity", "severity", text],
  ["Liquidations", "events", whole],
  ["Volume", "usd", usd],
  ["Peak per second", "peak_usd_per_s", usd],
  ["Mark move", "move_bps", bps],
  ["First venue", "first_exchange", text],
  ["Venues", "exchanges", list],
  ["Market-wide", "market_wide", yes],
  ["Started", "start_time", time],
  ["Cascade", "cascade_id", text],
];

const cascade = (what: string): Wording => ({
  headline: (data, symbol) => `${symbol} ${text(data["position_side"]) ?? ""} cascade ${what}`,
  fields: CASCADE_FIELDS,
});

const WORDINGS: Readonly<Record<EventType, Wording>> = {
  "signal.issued": {
    headline: (data, symbol) => `${text(data["action"]) ?? "Signal"} ${symbol}${ofConfidence(data["confidence"])}`,
    reason: "reason",
    fields: [
      ["Window", "window", text],
      ["Longs", "long_change_pct", change],
      ["Shorts", "short_change_pct", change],
      ["Analyst", "analyst", text],
      ["Rule model", "rule_action", text],
      ["Reason code", "reason_code", text],
      ["Issued", "created_time", time],
      ["Signal", "signal_id", text],
    ],
  },
  "signal.graded": {
    headline: (data, symbol) => `${text(data["action"]) ?? "Signal"} ${symbol} graded`,
    fields: [
      ["Horizon", "horizon", text],
      ["Net return", "net_return_bps", bps],
      ["Forward return", "forward_return_bps", bps],
      ["Signal", "signal_id", text],
    ],
  },
  "signals.suspended": {
    headline: () => "Rises do not count: too few venues are covered",
    fields: [
      ["Venues not covered", "missing_exchanges", list],
      ["Since", "since", time],
    ],
  },
  "signals.resumed": {
    headline: () => "Rises count again",
    fields: [
      ["Suspended since", "since", time],
      ["Suspension", "duration_ms", seconds],
    ],
  },
  "cascade.started": cascade("started"),
  "cascade.escalated": cascade("escalated"),
  "cascade.ended": cascade("ended"),
  "feed.degraded": {
    headline: (data) => `${text(data["exchange"]) ?? "A venue"} is not connected`,
    fields: [
      ["State", "state", text],
      ["Since", "since", time],
      ["Error", "error", text],
    ],
  },
  "feed.recovered": {
    headline: (data) => `${text(data["exchange"]) ?? "A venue"} is connected again`,
    fields: [
      ["Disconnected since", "since", time],
      ["Outage", "duration_ms", seconds],
    ],
  },
  "export.ready": {
    headline: (data) => `Export ${text(data["export_id"]) ?? ""} is ready`,
    fields: [
      ["Rows", "rows", whole],
      ["Bytes", "bytes", whole],
      ["Format", "format", text],
      ["Files", "files", whole],
    ],
  },
  "webhook.failing": {
    headline: (data) => `Webhook endpoint ${text(data["description"]) ?? text(data["url"]) ?? ""} is failing`,
    fields: [
      ["Failing since", "failing_since", time],
      ["Disabled from", "will_be_disabled_time", time],
      ["Error", "error", text],
      ["URL", "url", text],
      ["Owner", "owner", text],
      ["Endpoint", "endpoint_id", text],
    ],
  },
  "webhook.disabled": {
    headline: (data) => `Webhook endpoint ${text(data["description"]) ?? text(data["url"]) ?? ""} is disabled`,
    fields: [
      ["Reason", "reason", text],
      ["Disabled", "disabled_time", time],
      ["URL", "url", text],
      ["Owner", "owner", text],
      ["Endpoint", "endpoint_id", text],
    ],
  },
  "ledger.anchored": {
    headline: (data) => `Ledger at the end of ${text(data["date"]) ?? "the day"}`,
    fields: [
      ["Records", "sequence", whole],
      ["Hash", "hash", text],
      ["Anchored", "anchored_time", time],
    ],
  },
  "webhook.test": { headline: () => "Test event", fields: [["Endpoint", "endpoint_id", text]] },
};

export function textOf(event: QueuedEvent): EventText {
  const wording = WORDINGS[event.type];
  const data: Data = { ...event.data };
  const reason = wording.reason === undefined ? "" : tidy(text(data[wording.reason]) ?? "", MAX_REASON);
  const fields = wording.fields
    .map(([label, field, show]) => ({ label, value: tidy(show(data[field]) ?? "", MAX_VALUE) }))
    .filter(({ value }) => value !== "");
  return {
    headline: tidy(wording.headline(data, event.symbol ?? ""), MAX_HEADLINE),
    reason: reason === "" ? null : reason,
    fields: fields.slice(0, MAX_FIELDS),
  };
}

function ofConfidence(confidence: unknown): string {
  return typeof confidence === "number" ? ` · confidence ${Math.round(confidence)}` : "";
}

/** One line of limited length, without control and format characters, which could hide or reverse the text after them. */
function tidy(value: string, length: number): string {
  const line = value.replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\s]+/gu, " ").trim();
  return line.length <= length ? line : `${line.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
