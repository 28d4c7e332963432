import type { Gap } from "../../src/gap.ts";
import type { AnswerBody } from "../api/http/answer.ts";
import { coverageText } from "../../src/exchanges/coverage-text.ts";

/** Gaps a summary names, the latest; the others are counted, and stand in `meta.gaps`. */
const NAMED_GAPS = 5;

/** How a summary of a tool's answer speaks of it. */
export interface SummaryWords {
  /** The time that says how old the answer is, of `data` or of each of its rows, and what it is the time of. */
  readonly age: { readonly field: string; readonly of: string } | null;
  /** What `meta.gaps` are: those inside the range asked for, those open now, or nothing, where there is no range. */
  readonly gaps: "range" | "now" | "none";
}

/** What has to be known to read an answer: its age, what its venues' feeds carry, what was not heard and what is not covered. */
export function summaryOf({ data, meta }: AnswerBody, { age, gaps }: SummaryWords, now: number): string {
  return [
    `${ageText(data, age, now)}${rowsText(data, meta)}`,
    `Coverage: ${coverageText(meta.coverage)}. Sums over a venue with a floor are floors. Null is unknown.`,
    gapsText(meta, gaps),
    notCoveredText(meta),
  ]
    .filter((line) => line !== null)
    .join("\n");
}

function ageText(data: unknown, age: SummaryWords["age"], now: number): string {
  const answered = `Answered at ${iso(now)}`;
  if (age === null) return `${answered}.`;
  const times = (Array.isArray(data) ? data : [data]).map((row: unknown) => numberAt(row, age.field)).filter((time) => time !== null);
  if (times.length === 0) return `${answered}.`;
  const newest = times.reduce((a, b) => Math.max(a, b));
  return `${answered}; ${age.of} ${iso(newest)}, ${duration(Math.max(0, now - newest))} before.`;
}

function numberAt(row: unknown, field: string): number | null {
  const value: unknown = typeof row === "object" && row !== null ? Reflect.get(row, field) : null;
  return typeof value === "number" ? value : null;
}

function rowsText(data: unknown, meta: AnswerBody["meta"]): string {
  if (!Array.isArray(data)) return "";
  const rows = ` ${data.length === 0 ? "No row" : data.length === 1 ? "1 row" : `${data.length} rows`}`;
  return meta.next_cursor === null
    ? `${rows}; there are no more.`
    : `${rows}; there are more: call again with the same arguments and cursor ${JSON.stringify(meta.next_cursor)}.`;
}

function gapsText({ gaps, gaps_truncated: truncated }: AnswerBody["meta"], kind: SummaryWords["gaps"]): string | null {
  if (kind === "none") return null;
  const where = kind === "range" ? "inside the range" : "open now, of the feeds that answered";
  if (gaps.length === 0) return `Gaps ${where}: none.`;
  const named = gaps.slice(-NAMED_GAPS).map(gapText);
  const others = gaps.length - named.length;
  const rest = others > 0 ? `; and ${others}${truncated === true ? " or more" : ""} earlier ones` : "";
  return `Gaps ${where}: ${named.join("; ")}${rest}.`;
}

function gapText({ exchange, from_time: from, to_time: to, reason }: Gap): string {
  if (to === null) return `${exchange} not heard since ${iso(from)} (${reason})`;
  return reason === "not_started"
    ? `${exchange} never heard before ${iso(to)}`
    : `${exchange} not heard from ${iso(from)} to ${iso(to)} (${reason})`;
}

function notCoveredText({ not_covered: part }: AnswerBody["meta"]): string | null {
  return part ? `Not covered: ${iso(part.start)} to ${iso(part.end)} (${part.code}): ${part.detail}` : null;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

/** In its largest unit, rounded. */
function duration(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}
