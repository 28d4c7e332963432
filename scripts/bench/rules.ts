import { CascadeMachine } from "../../src/cascade/cascade-machine.ts";
import { CrossVenueState } from "../../src/cascade/cross-venue-state.ts";
import { exchanges } from "../../src/exchanges/registry.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import { encodeLiquidations } from "../../src/parquet/encode.ts";
import { readRuleLiquidations } from "../../src/rules/read-rule-liquidations.ts";
import { EXAMPLE_RULES } from "../../src/rules/example-rules.ts";
import { parseRule } from "../../src/rules/parse-rule.ts";
import { RulePreview } from "../../src/rules/preview-rule.ts";
import { type FollowedRule, RuleMachine } from "../../src/rules/rule-machine.ts";
import { liquidationEntry } from "../../src/stream/log-entry.ts";
import { DAY_MS, HOUR_MS, floorTo } from "../../src/windows/calendar.ts";
import { loadParquet } from "../parquet-module.ts";
import { table } from "../table.ts";
import { sampleLiquidations } from "./sample-liquidations.ts";

const START = Date.UTC(2026, 10, 20);
const PER_SECOND = 1_000;
const SECONDS = 20;
const RULES = 200;
const SYMBOLS = ["BTC", "ETH", "SOL"];
const TRIES = 5;
const PREVIEW_DAYS = 7;
const PREVIEWED_A_DAY = 20_000;

/** What rules cost: one look, 200 rules beside what the hub does with each liquidation, and a preview of a week. */
export async function benchRules(print: (line: string) => void): Promise<void> {
  const events = burst();
  const hub = best(() => throughHub(events));
  const runs = [
    ["half about single liquidations, half about windows", mixed()],
    ["all about single liquidations", all("usd_value >= 10_000 * NUMBER and spread_bps < 5")],
    ["all about windows", all("long_usd_5m > p99(long_usd_5m, 7d) + NUMBER and spread_bps < 5 for 30s")],
  ] as const;
  const rows = runs.map(([name, rules]) => {
    let looks = 0;
    const micros = best(() => {
      const [spent, looked] = throughRules(events, rules);
      looks = looked;
      return spent;
    });
    const perLook = (micros * events.length) / looks;
    return [
      name,
      hub.toFixed(2),
      micros.toFixed(2),
      `${((100 * micros) / hub).toFixed(0)} %`,
      looks.toLocaleString("en-US"),
      perLook.toFixed(3),
    ];
  });
  print(
    `${RULES} rules of 3 symbols over ${PER_SECOND} liquidations a second, best of ${TRIES}; the hub's own time is its enrichment, its cascades and the frame of the stream`,
  );
  print(table(["rules", "hub µs an event", "rules µs an event", "share", "conditions computed", "µs each"], rows));
  print("Aim: a share under 20 %, each under 5 µs");
  print(previewLine());
  await Promise.resolve();
}

/** The least of some tries, µs an event. */
function best(measure: () => number): number {
  return Math.min(...Array.from({ length: TRIES }, measure));
}

function burst(): readonly Liquidation[] {
  const rows = sampleLiquidations(PER_SECOND * SECONDS);
  return rows.map((row, index): Liquidation => {
    const time = START + DAY_MS + Math.floor((index * 1_000) / PER_SECOND);
    const symbol = SYMBOLS[index % SYMBOLS.length] ?? "BTC";
    return { ...row, event_id: `e-${index}`, symbol, event_time: time, received_time: time + 50, coverage: "largest_per_second" };
  });
}

function all(text: string): readonly FollowedRule[] {
  return Array.from({ length: RULES }, (_, index) => followed(text.replaceAll("NUMBER", String(index)), index));
}

function mixed(): readonly FollowedRule[] {
  return Array.from({ length: RULES }, (_, index) => followed(EXAMPLE_RULES[index % EXAMPLE_RULES.length]?.rule ?? "", index));
}

function followed(text: string, index: number): FollowedRule {
  return { id: `rule-${index}`, version: 0, rule: parseRule(text), symbols: SYMBOLS, escalateAfterMs: null };
}

function throughHub(events: readonly Liquidation[]): number {
  const machine = new CascadeMachine(() => 1_000);
  const state = new CrossVenueState({
    lagResolutionMs: (exchange) => exchanges[exchange].lagResolutionMs,
    baseline: () => ({ medianVelocity: 100, medianEvents1m: 3, hawkes: null }),
    cascadeOf(event, flow, reader) {
      machine.observe(event, flow, reader);
      return machine.cascadeOf(event);
    },
  });
  return timed(events, (batch, now) => {
    const answers = state.observe(batch, now);
    batch.forEach((event, index) => liquidationEntry({ ...event, ...answers[index] }));
  });
}

function throughRules(events: readonly Liquidation[], rules: readonly FollowedRule[]): readonly [micros: number, looks: number] {
  const machine = new RuleMachine(["binance", "bybit", "okx"], START);
  machine.setRules(rules);
  machine.advance(START + DAY_MS);
  const micros = timed(events, (batch, now) => {
    for (const event of batch) machine.add(event);
    machine.advance(now - 1_000);
  });
  return [micros, machine.looks.computed];
}

/** Hands events over in batches of 50, as feeds do. @returns µs an event */
function timed(events: readonly Liquidation[], take: (batch: readonly Liquidation[], now: number) => void): number {
  const start = process.cpuUsage();
  for (let first = 0; first < events.length; first += 50) {
    const batch = events.slice(first, first + 50);
    take(batch, (batch.at(-1)?.received_time ?? 0) + 10);
  }
  take([], (events.at(-1)?.received_time ?? 0) + 3_000);
  return microsSince(start) / events.length;
}

/** Time of the processor, which waiting for it is no part of. */
function microsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

/** A preview from the daily files of a week to what the rule did. */
function previewLine(): string {
  loadParquet();
  const count = PREVIEW_DAYS * PREVIEWED_A_DAY;
  const step = (PREVIEW_DAYS * DAY_MS) / count;
  const rows = sampleLiquidations(count).map((row, index): Liquidation => {
    const time = START + Math.floor(index * step);
    return { ...row, event_id: `p-${index}`, event_time: time, received_time: time + 80, symbol: SYMBOLS[index % 3] ?? "BTC" };
  });
  const files = [...Map.groupBy(rows, ({ event_time: time }) => floorTo(time, DAY_MS)).values()].map((day) =>
    encodeLiquidations(day, { metadata: {} }),
  );
  const rule = followed("long_usd_5m > p99(long_usd_5m, 7d) and spread_bps < 5 for 30s", 0);
  const start = process.cpuUsage();
  const range = { start: START + HOUR_MS, end: START + PREVIEW_DAYS * DAY_MS };
  const minutes = new Map(SYMBOLS.map((symbol) => [symbol, { minutes: [], from: START, missing: [] }]));
  const preview = new RulePreview({ rule, range, venues: ["binance", "okx"], since: START, gaps: [], minutes });
  files.forEach((bytes, day) => preview.add(readRuleLiquidations(bytes), START + (day + 1) * DAY_MS));
  const { fired, looks } = preview.finish();
  const seconds = microsSince(start) / 1e6;
  return `Preview of ${PREVIEW_DAYS} days with ${PREVIEWED_A_DAY} liquidations each, daily files read: ${seconds.toFixed(2)} s of the processor (${looks} looks, fired ${fired}). Aim: under 3 s`;
}
