import type { QueuedEvent } from "../event.ts";
import { durationOf, textOf, timeOf } from "./figures.ts";
import type { Wording } from "./message.ts";

const STATUS = { label: "Open the status", path: "/status" } as const;

export const feedDegraded: Wording<"feed.degraded"> = (feed) => ({
  tone: "trouble",
  headline: `No liquidations from ${textOf(feed.exchange) ?? "a venue"}: it is not connected`,
  facts: [
    ["State", textOf(feed.state)],
    ["Since", timeOf(feed.since)],
    ["Error", textOf(feed.error)],
  ],
  link: STATUS,
  thread: feedThread(feed.exchange, feed.since),
});

export const feedRecovered: Wording<"feed.recovered"> = (feed) => ({
  tone: "well",
  headline: `${textOf(feed.exchange) ?? "A venue"} is connected again, after ${durationOf(feed.duration_ms) ?? "an outage"}`,
  facts: [["Not connected since", timeOf(feed.since)]],
  link: STATUS,
  thread: feedThread(feed.exchange, feed.since),
});

export const feedSuspect: Wording<"feed.suspect"> = (feed) => ({
  tone: "trouble",
  headline: `${silentPart(feed)} is silent for longer than the other venues explain`,
  lines: [
    textOf(feed.symbol) === null
      ? "It is connected, but its liquidations may be missing: its time is a gap until one arrives."
      : "The venue delivers other base assets, but liquidations of this one may be missing: its time is a gap until one arrives.",
  ],
  facts: [
    ["Silent since", timeOf(feed.since)],
    ["Liquidations of the others since then", textOf(feed.others_events)],
    ["Probability that it is only quiet, at most", textOf(feed.silence_probability)],
  ],
  link: STATUS,
  thread: silenceThread(feed),
});

export const feedCleared: Wording<"feed.cleared"> = (feed) => ({
  tone: "well",
  headline:
    feed.reason === "unlisted"
      ? `${silentPart(feed)} is no longer listed, after a silence of ${durationOf(feed.duration_ms) ?? "unknown length"}`
      : `Liquidations of ${silentPart(feed)} arrive again, after ${durationOf(feed.duration_ms) ?? "a silence"}`,
  facts: [
    ["Silent since", timeOf(feed.since)],
    ["Liquidations of the others meanwhile", textOf(feed.others_events)],
  ],
  link: STATUS,
  thread: silenceThread(feed),
});

export const operationsDegraded: Wording<"operations.degraded"> = (outage) => ({
  tone: "trouble",
  headline: `The ${textOf(outage.part) ?? "Worker"} has stopped`,
  facts: [
    ["Last worked", timeOf(outage.since)],
    ["Error", textOf(outage.error)],
  ],
  link: STATUS,
  thread: partThread(outage.part, outage.since),
});

export const operationsRecovered: Wording<"operations.recovered"> = (outage) => ({
  tone: "well",
  headline: `The ${textOf(outage.part) ?? "Worker"} works again, after ${durationOf(outage.duration_ms) ?? "an outage"}`,
  facts: [["Stopped since", timeOf(outage.since)]],
  link: STATUS,
  thread: partThread(outage.part, outage.since),
});

export const ledgerAnchored: Wording<"ledger.anchored"> = (anchor) => ({
  headline: `Ledger at the end of ${textOf(anchor.date) ?? "the day"}`,
  lines: ["Keep this message: with it, anybody can prove that earlier records were not changed."],
  facts: [
    ["Records", textOf(anchor.sequence)],
    ["Hash", textOf(anchor.hash)],
    ["Grades", textOf(anchor.grades_sequence)],
    ["Hash of the last grade", textOf(anchor.grades_hash)],
    ["Anchored", timeOf(anchor.anchored_time)],
  ],
  link: { label: "Open the signals", path: "/signals" },
});

export const webhookTest: Wording<"webhook.test"> = (data, { time }: QueuedEvent) => ({
  headline: "Test event: messages reach this chat",
  facts: [
    ["Endpoint", textOf(data.endpoint_id)],
    ["Sent", timeOf(time)],
  ],
});

function feedThread(exchange: unknown, since: unknown): string {
  return `feed:${textOf(exchange) ?? ""}:${textOf(since) ?? ""}`;
}

function partThread(part: unknown, since: unknown): string {
  return `operations:${textOf(part) ?? ""}:${textOf(since) ?? ""}`;
}

/** `bybit`, or `BTC on bybit`. */
function silentPart({ exchange, symbol }: { readonly exchange?: unknown; readonly symbol?: unknown }): string {
  const venue = textOf(exchange) ?? "A venue";
  const asset = textOf(symbol);
  return asset === null ? venue : `${asset} on ${venue}`;
}

function silenceThread({
  exchange,
  symbol,
  since,
}: {
  readonly exchange?: unknown;
  readonly symbol?: unknown;
  readonly since?: unknown;
}): string {
  const part = [exchange, symbol].flatMap((name) => textOf(name) ?? []);
  return `suspect:${part.join(":")}:${textOf(since) ?? ""}`;
}
