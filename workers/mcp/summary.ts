import type { Gap } from "../../src/gap.ts";
import type { AnswerBody } from "../api/http/answer.ts";
import { coverageText } from "../../src/exchanges/coverage-text.ts";

/** Maximum number of gaps that a summary names, the latest ones. The others are counted; `meta.gaps` holds them all. */
const NAMED_GAPS = 5;

/** The wording of a tool's summary. */
export interface SummaryWords {
  /** The field of `data`, or of each row, that shows the age of the result, and the words for it. */
  readonly age: { readonly field: string; readonly of: string } | null;
  /** The meaning of `meta.gaps`: gaps inside the range, gaps open now, or none where there is no range. */
  readonly gaps: "range" | "now" | "none";
}

/** What a reader must know about a result: its age, the coverage of its venues, its gaps, and what is not covered. */
export function summaryOf({ data, meta }: AnswerBody, { age, gaps }: SummaryWords, now: number): string {
  return [
    `${ageText(data, age, now)}${rowsText(data, meta)}`,
    `Coverage: ${coverageText(meta.coverage)}. Sums that include a venue with a lower bound are lower bounds. Null means unknown.`,
    gapsText(meta, gaps),
    notCoveredText(meta),
  ]
    .filter((line) => line !== null)
    .join("\n");
}

function ageText(data: unknown, age: SummaryWords["age"], now: number): string {
  const answered = `Generated at ${iso(now)}`;
  if (age === null) return `${answered}.`;
  const times = (Array.isArray(data) ? data : [data]).map((row: unknown) => numberAt(row, age.field)).filter((time) => time !== null);
  if (times.length === 0) return `${answered}.`;
  const newest = times.reduce((a, b) => Math.max(a, b));
  return `${answered}; ${age.of} ${iso(newest)} (${duration(Math.max(0, now - newest))} ago).`;
}

function numberAt(row: unknown, field: string): number | null {
  const value: unknown = typeof row === "object" && row !== null ? Reflect.get(row, field) : null;
  return typeof value === "number" ? value : null;
}

function rowsText(data: unknown, meta: AnswerBody["meta"]): string {
  if (!Array.isArray(data)) return "";
  const rows = ` ${data.length === 0 ? "No row" : data.length === 1 ? "1 row" : `${data.length} rows`}`;
  return meta.next_cursor === null
    ? `${rows}; no more rows.`
    : `${rows}; more rows exist: call again with the same arguments and cursor ${JSON.stringify(meta.next_cursor)}.`;
}

function gapsText({ gaps, gaps_truncated: truncated }: AnswerBody["meta"], kind: SummaryWords["gaps"]): string | null {
  if (kind === "none") return null;
  const where = kind === "range" ? "inside the range" : "open now, for feeds that responded";
  if (gaps.length === 0) return `Gaps ${where}: none.`;
  const named = gaps.slice(-NAMED_GAPS).map(gapText);
  const others = gaps.length - named.length;
  const rest = others > 0 ? `; and ${others}${truncated === true ? " or more" : ""} earlier` : "";
  return `Gaps ${where}: ${named.join("; ")}${rest}.`;
}

function gapText({ exchange, from_time: from, to_time: to, reason }: Gap): string {
  if (to === null) return `${exchange} not connected since ${iso(from)} (${reason})`;
  return reason === "not_started"
    ? `${exchange} never connected before ${iso(to)}`
    : `${exchange} not connected from ${iso(from)} to ${iso(to)} (${reason})`;
}

function notCoveredText({ not_covered: part }: AnswerBody["meta"]): string | null {
  return part ? `Not covered: ${iso(part.start)} to ${iso(part.end)} (${part.code}): ${part.detail}` : null;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

/** A duration in its largest unit, rounded. */
function duration(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}
