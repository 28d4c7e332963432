import type { Gap } from "../../src/gap.ts";
import type { VenueAccount } from "../demo/reconcile-gaps.ts";
import { table } from "../table.ts";
import type { Fault } from "./fault.ts";
import type { Outcome } from "./outcome.ts";
import { liveShare } from "./watch.ts";

const EXAMPLES = 5;

/** The summary of a campaign, and how many violations it found. */
export function report(outcome: Outcome): { readonly text: string; readonly violations: number } {
  const { accounts, gaps, connects, watch, played, wrong, tookMs } = outcome;
  const rows = accounts.map((account) => [
    account.exchange,
    ...[account.published, account.whole, account.inGaps, account.ahead, account.withheld].map(String),
    ...[account.lost, account.partial, account.surplus].map(({ length }) => String(length)),
    ...gapCells(gaps.filter(({ exchange, reason }) => exchange === account.exchange && reason !== "not_started")),
    String(connects[account.exchange]),
    `${(100 * liveShare(watch.seen, account.exchange)).toFixed(0)}%`,
  ]);
  const kinds = [...Map.groupBy(played, ({ fault }) => kindOf(fault))].map(([kind, { length }]) => `${length} ${kind}`);
  const examples = accounts.flatMap(examplesOf);
  const text = [
    `\n${(tookMs / 1_000).toFixed(0)} s. Faults: ${kinds.toSorted().join(", ")}`,
    table(HEADER, rows),
    ...examples,
    ...wrong.map((one) => `violation: ${one}`),
  ].join("\n");
  const violations = accounts.reduce(
    (sum, { lost, partial, surplus }) => sum + lost.length + partial.length + surplus.length,
    wrong.length,
  );
  return { text, violations };
}

const HEADER = [
  "venue",
  "published",
  "in all stores",
  "in gaps",
  "ahead",
  "withheld",
  "lost",
  "partial",
  "surplus",
  "gaps",
  "gap s",
  "sockets",
  "live",
];

function gapCells(gaps: readonly Gap[]): readonly string[] {
  const ms = gaps.reduce((sum, { from_time: from, to_time: to }) => sum + (to ?? Date.now()) - from, 0);
  return [String(gaps.length), (ms / 1_000).toFixed(0)];
}

function kindOf(fault: Fault): string {
  if ("venue" in fault) return fault.venue.kind;
  return "store" in fault ? `${fault.store}_${fault.fate}` : fault.process;
}

function examplesOf({ exchange, lost, partial, surplus }: VenueAccount): readonly string[] {
  const shown = lost.slice(0, EXAMPLES).map(({ instrument, event_time, published_time, sent_time }) => {
    const times = [event_time, published_time, sent_time].map((time) => (time === null ? "never" : new Date(time).toISOString()));
    return `violation: ${exchange} ${instrument} is lost: happened ${times[0]}, published ${times[1]}, sent ${times[2]}`;
  });
  return [
    ...shown,
    ...partial.slice(0, EXAMPLES).map((one) => `violation: ${one}`),
    ...surplus.slice(0, EXAMPLES).map((one) => `violation: surplus in ${one}`),
  ];
}
