import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSource } from "../../../scripts/backtest/open-source.ts";
import { type Options, readOptions } from "../../../scripts/backtest/options.ts";
import { followStored, ruleBacktest } from "../../../scripts/backtest/rule-backtest.ts";
import { publishingVenues } from "../../../src/exchanges/coverage.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { happeningOf } from "../../../src/rules/live-rule.ts";
import { parseRule } from "../../../src/rules/parse-rule.ts";
import { RuleMachine } from "../../../src/rules/rule-machine.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { sampleEvent } from "./sample-events.ts";

const DAY = Date.UTC(2026, 10, 20);
const RANGE = { start: DAY + 12 * HOUR_MS, end: DAY + 13 * HOUR_MS };
const TEXT = "long_usd_5m > 9_000 and spread_bps < 5 and silent_venues >= 0 for 20s cooldown 3m";

/** Liquidations from half an hour before the range until after it, of which some are late and some lack the spread. */
const EVENTS = Array.from({ length: 480 }, (_, index) => {
  const event_time = RANGE.start - 30 * MINUTE_MS + index * 13_000 + ((index * 7_919) % 9_000);
  return sampleEvent({
    event_id: `e-${index}`,
    event_time,
    received_time: event_time + ((index * 31) % 500),
    position_side: index % 3 === 0 ? "short" : "long",
    usd_value: 100 + ((index * 104_729) % 900),
    notional_mark_usd: 100 + ((index * 104_729) % 900),
    spread_bps: index % 11 === 0 ? null : index % 7,
  });
});

let folder: string;
let options: Options;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rule-backtest-"));
  const rows = EVENTS.map((event): Partial<Liquidation> => ({ ...event, instrument: "BTC-USDT-SWAP", quote: "USDT" }));
  writeFileSync(join(folder, "liquidation_20261120.ndjson"), rows.map((row) => JSON.stringify(row)).join("\n"));
  writeFileSync(join(folder, "my.rule"), `${TEXT}\n`);
  const times = ["--from", String(RANGE.start), "--to", String(RANGE.end), "--symbols", "BTC", "--marks", "events"];
  const read = readOptions([...times, "--data", join(folder, "liquidation_20261120.ndjson"), "--rule", join(folder, "my.rule")]);
  if (read === null) throw new Error("help");
  options = read;
});

afterAll(() => rmSync(folder, { recursive: true }));

test("a backtest of a stored hour says what the rule did live", async () => {
  const rule = parseRule(TEXT);
  const machine = new RuleMachine(publishingVenues(options.config), DAY);
  machine.setRules([{ id: "rule", version: 0, rule, symbols: ["BTC"], escalateAfterMs: null }]);
  const live = [];
  for (let [now, next] = [RANGE.start - 45 * MINUTE_MS, 0]; now <= RANGE.end; now += 500) {
    for (; (EVENTS[next]?.received_time ?? Infinity) < now; next += 1) machine.add(EVENTS[next] ?? sampleEvent({ received_time: now }));
    live.push(...machine.advance(now));
  }
  const expected = live.filter(({ time }) => time > RANGE.start).map(happeningOf);
  const source = await openSource(options);
  const { events } = await followStored(rule, options, source);
  await source.close();
  expect(events.map(happeningOf)).toEqual(expected);
  expect(expected.length).toBeGreaterThan(3);
});

async function followedFor60s(text: string) {
  const source = await openSource(options);
  return followStored(parseRule(text), { ...options, escalateAfterMs: 60_000 }, source).finally(() => source.close());
}

test("it escalates as the rule would live, where the rule can", async () => {
  expect((await followedFor60s("long_usd_5m > 8_700 cooldown 0s")).escalated).toBeGreaterThan(0);
  await expect(followedFor60s("usd_value > 5")).rejects.toThrow("--escalate-after: an escalation needs a condition that lasts");
});

test("it prints when the rule fired, and where a rule cannot be read", async () => {
  const lines = await ruleBacktest(options, join(folder, "my.rule"));
  expect(lines.join("\n")).toMatch(/Fired \d+ times, at most \d+ times an hour/);
  expect(lines.join("\n")).toMatch(/the condition held at \d+\.\d % of them and was undetermined at \d+\.\d %/);
  writeFileSync(join(folder, "bad.rule"), "usd_valu > 5");
  await expect(ruleBacktest(options, join(folder, "bad.rule"))).rejects.toThrow(
    "line 1, column 1: usd_valu is no field; did you mean usd_value?",
  );
});

test("it prints values without the dust of rounding", async () => {
  const usd = 482_868.428_899_999_94;
  const event = sampleEvent({ received_time: RANGE.start + MINUTE_MS, usd_value: usd, notional_mark_usd: usd });
  const [data, rule] = [join(folder, "liquidation_20261120.dust.ndjson"), join(folder, "dust.rule")];
  writeFileSync(data, JSON.stringify({ ...event, instrument: "BTC-USDT-SWAP", quote: "USDT" }));
  writeFileSync(rule, "usd_value > 1");
  const times = ["--from", String(RANGE.start), "--to", String(RANGE.end), "--symbols", "BTC", "--marks", "events"];
  const read = readOptions([...times, "--data", data, "--rule", rule]);
  if (read === null) throw new Error("help");
  const text = (await ruleBacktest(read, rule)).join("\n");
  expect(text).toContain("usd_value 482,868, ");
  expect(text).not.toContain("482868.4");
});
