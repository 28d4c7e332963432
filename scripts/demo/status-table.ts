import type { FeedStatus, SinkStatus } from "../../src/feed-status.ts";
import type { SinkName } from "../../src/sink.ts";
import { table } from "../table.ts";

/** The minute's statistics, as people read them: from `/v1/status`. */
export function statusTables(feeds: readonly FeedStatus[], uptimeMs: number): string {
  const total = feeds.reduce((sum, feed) => sum + feed.events_total, 0);
  return [
    `uptime ${duration(uptimeMs)} · ${whole(total)} events in total`,
    table(["venue", "state", "coverage", "events", "duplicates", "reconnects", "gaps"], feeds.map(venueRow)),
    table(["symbol", "longs", "longs USD", "shorts", "shorts USD"], symbolRows(feeds)),
    table(
      ["store", "rows saved", "waiting", "refused", "last error"],
      (["r2", "d1", "supabase"] as const).map((sink) => storeRow(feeds, sink)),
    ),
  ].join("\n");
}

function venueRow(feed: FeedStatus): string[] {
  const gap = feed.open_gap === null ? "" : ` (open: ${feed.open_gap.reason})`;
  return [
    feed.exchange,
    feed.state,
    feed.coverage,
    whole(feed.events_total),
    whole(feed.duplicates),
    whole(feed.reconnects),
    `${feed.gaps_total}${gap}`,
  ];
}

function symbolRows(feeds: readonly FeedStatus[]): string[][] {
  const symbols = [...new Set(feeds.flatMap((feed) => Object.keys(feed.symbols)))].toSorted();
  return symbols.map((symbol) => {
    const all = feeds.map((feed) => feed.symbols[symbol]).filter((one) => one !== undefined);
    const sum = (field: keyof (typeof all)[number]) => whole(all.reduce((total, one) => total + one[field], 0));
    return [symbol, sum("long_events"), sum("long_usd"), sum("short_events"), sum("short_usd")];
  });
}

function storeRow(feeds: readonly FeedStatus[], name: SinkName): string[] {
  const sinks = feeds.map((feed) => feed.sinks[name]);
  const off = sinks.find((sink) => sink.off_reason !== null)?.off_reason;
  if (off !== undefined && off !== null) return [name, `off: ${off}`, "", "", ""];
  const sum = (field: "rows_stored" | "backlog_rows" | "rows_refused") => whole(sinks.reduce((total, sink) => total + sink[field], 0));
  return [name, sum("rows_stored"), sum("backlog_rows"), sum("rows_refused"), lastError(sinks)];
}

function lastError(sinks: readonly SinkStatus[]): string {
  const failing = sinks.find((sink) => sink.last_error !== null && (sink.last_error_time ?? 0) > (sink.last_success_time ?? 0));
  return failing?.last_error?.slice(0, 60) ?? "";
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
