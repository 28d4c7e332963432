import type { AnswerBody } from "../api/http/answer.ts";
import { withReadableTimes } from "./readable-times.ts";
import { type SummaryWords, summaryOf } from "./summary.ts";

/**
 * The result as text, for clients that ignore structured content: a summary, then the data as JSON. A list becomes a
 * table with each field name only once, which is half as long.
 */
export function answerText(body: AnswerBody, words: SummaryWords, now: number): string {
  const data = withReadableTimes(body.data);
  const shown: unknown = Array.isArray(data) && data.length > 0 ? tableOf(data) : data;
  return `${summaryOf(body, words, now)}\n${JSON.stringify(shown)}`;
}

/** A table of the rows. Fields that are null in every row are only listed by name. */
function tableOf(list: readonly object[]) {
  const rows = list.map((row) => new Map<string, unknown>(Object.entries(row)));
  const names = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  const isKnown = (name: string) => rows.some((row) => (row.get(name) ?? null) !== null);
  const columns = names.filter(isKnown);
  return {
    null_in_every_row: names.filter((name) => !isKnown(name)),
    columns,
    rows: rows.map((row) => columns.map((name) => row.get(name) ?? null)),
  };
}
