import { readFileSync } from "node:fs";
import { MarkBook } from "../../src/backtest/mark-book.ts";
import { publishingVenues } from "../../src/exchanges/coverage.ts";
import { HEADLINE_HORIZON, HORIZONS, entryMinute } from "../../src/grades/grade.ts";
import { historyOf } from "../../src/rules/minute-sums.ts";
import { parseRule } from "../../src/rules/parse-rule.ts";
import { type PreviewGrades, type SideGrade, previewGrades } from "../../src/rules/preview-grades.ts";
import { type PreviewedRule, RulePreview, previewLead } from "../../src/rules/preview-rule.ts";
import { RuleError } from "../../src/rules/rule-error.ts";
import { ruleText } from "../../src/rules/rule-text.ts";
import { ESCALATION_NEEDS, type Rule, isOfLiquidations } from "../../src/rules/rule-tree.ts";
import { valueText } from "../../src/webhooks/messages/figures.ts";
import { DAY_MS, floorTo } from "../../src/windows/calendar.ts";
import { loadParquet } from "../parquet-module.ts";
import { table } from "../table.ts";
import { openSource } from "./open-source.ts";
import type { Options } from "./options.ts";
import { InputError, type Source } from "./sources/source.ts";
import { UsageError } from "./usage-error.ts";

const SHOWN = 200;

/** What a rule did over stored days, and what trading each time that it fired would have earned. */
export interface RuleBacktest extends PreviewedRule {
  readonly grades: PreviewGrades;
}

/**
 * Follows a rule over stored days.
 * @returns the lines to print
 * @throws {UsageError} where the file holds no rule
 */
export async function ruleBacktest(options: Options, file: string): Promise<readonly string[]> {
  loadParquet();
  const rule = readRule(file);
  const source = await openSource(options);
  try {
    return linesOf(rule, options, await followStored(rule, options, source), source);
  } finally {
    await source.close();
  }
}

function readRule(file: string): Rule {
  try {
    return parseRule(readFileSync(file, "utf8"));
  } catch (error) {
    if (error instanceof RuleError) throw new UsageError(`--rule ${file}: ${error.message}`);
    throw error;
  }
}

/** @throws {InputError} where nothing of the range is stored */
export async function followStored(
  rule: Rule,
  { config, judged, escalateAfterMs, marks: marksOption }: Options,
  source: Source,
): Promise<RuleBacktest> {
  const { LIQUIDATION_SYMBOLS: symbols, LIQUIDATION_TAKER_FEES_BPS: fees } = config;
  if (symbols === "*") throw new UsageError("--symbols is *; allowed with --rule: base assets such as BTC,ETH");
  if (escalateAfterMs !== null && isOfLiquidations(rule)) throw new UsageError(`--escalate-after: ${ESCALATION_NEEDS}`);
  const venues = publishingVenues(config);
  const leadMs = previewLead(rule) + historyOf(rule);
  const since = await firstStoredDay(source, floorTo(judged.start - leadMs, DAY_MS), judged.end);
  const followed = { id: "rule", version: 0, rule, symbols: [...symbols], escalateAfterMs };
  const minutes = new Map(followed.symbols.map((symbol) => [symbol, { minutes: [], from: judged.start - leadMs, missing: [] }]));
  const preview = new RulePreview({ rule: followed, range: judged, venues, since, gaps: [], minutes, leadMs });
  const marks = new MarkBook();
  for (let day = floorTo(judged.start - leadMs, DAY_MS); day < judged.end + HORIZONS[HEADLINE_HORIZON] + DAY_MS; day += DAY_MS) {
    const stored = day < judged.end ? await source.readDay(day) : null;
    preview.noteGaps(stored?.gaps ?? []);
    if (stored !== null) preview.add(stored.events, day + DAY_MS);
    else if (day < judged.end) preview.addMissing({ start: day, end: day + DAY_MS });
    for (const mark of await source.readMarks(day)) marks.put(mark);
    if (marksOption.kind === "events") for (const event of stored?.events ?? []) marks.see(event);
  }
  const result = preview.finish();
  const fired = result.events.filter(({ kind }) => kind === "fired");
  const paths = fired.map(({ symbol, time }) =>
    marks.path(symbol, entryMinute({ created_time: time, minute: time }), HEADLINE_HORIZON, Infinity, fees),
  );
  return { ...result, grades: previewGrades(paths) };
}

async function firstStoredDay(source: Source, from: number, end: number): Promise<number> {
  for (let day = from; day < end; day += DAY_MS) if ((await source.readDay(day)) !== null) return day;
  throw new InputError(`${source.name} has no day from ${new Date(from).toISOString()} to ${new Date(end).toISOString()}.`);
}

function linesOf(rule: Rule, { judged }: Options, { events, busiest_hour: busiest, grades, ...counts }: RuleBacktest, source: Source) {
  const [from, to] = [judged.start, judged.end].map((time) => new Date(time).toISOString());
  const rows = events.slice(-SHOWN).map(({ time, kind, symbol, values, silentExchanges }) => {
    const shown = Object.entries(values).map(([name, value]) => `${name} ${valueText(value)}`);
    return [new Date(time).toISOString(), kind, symbol, shown.join(", "), silentExchanges.join(", ")];
  });
  const most = busiest === null ? "" : `, at most ${busiest.fired} times an hour (from ${new Date(busiest.start_time).toISOString()})`;
  return [
    `${ruleText(rule)}`,
    `From ${from} to ${to} in ${source.name}: ${counts.liquidations} liquidations read, looked at ${counts.looks} times${sharesOf(counts)}.`,
    `Fired ${counts.fired} times${most}, escalated ${counts.escalated} times, undetermined ${counts.undetermined} times.`,
    ...source.notes(),
    "",
    ...(events.length > SHOWN ? [`The last ${SHOWN} of ${events.length}:`] : []),
    table(["time", "what", "symbol", "values", "not connected"], rows),
    "",
    `What trading each time earned over an hour after cost (${grades.graded} graded, ${grades.ungraded} without marks or a known cost):`,
    table(["trade", "trades", "episodes", "mean bps", "95 %", "hit rate"], [sideRow("buy", grades.buy), sideRow("sell", grades.sell)]),
    `A coin at the same moments: ${shownNumber(grades.coin.mean_net_bps, 1)} bps, hit rate ${shownNumber(grades.coin.hit_rate, 2)}.`,
  ];
}

/** Of the looks, how many the condition held at, and how many left it undetermined. */
function sharesOf({ held_share: held, undetermined_share: undetermined }: Pick<RuleBacktest, "held_share" | "undetermined_share">): string {
  if (held === null || undetermined === null) return "";
  const [holds, unknown] = [held, undetermined].map((share) => `${(100 * share).toFixed(1)} %`);
  return `: the condition held at ${holds} of them and was undetermined at ${unknown}`;
}

function sideRow(name: string, grade: SideGrade): string[] {
  const { trades, episodes, mean_net_bps: mean, interval_low_bps: low, interval_high_bps: high, hit_rate: hits } = grade;
  const interval = low === null ? "–" : `${shownNumber(low, 1)} to ${shownNumber(high, 1)}`;
  return [name, String(trades), String(episodes), shownNumber(mean, 1), interval, shownNumber(hits, 2)];
}

function shownNumber(value: number | null, digits: number): string {
  return value === null ? "–" : value.toFixed(digits);
}
