import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { PLAN_ITEMS } from "../../src/cloudflare-plan.ts";
import { QUEUES } from "../../src/dead-letters.ts";
import { metricsOf } from "../../src/metrics.ts";
import { prometheusText } from "../../src/prometheus.ts";
import { sampleFeedStatus } from "../workers/sample-feed-status.ts";

const NOW = Date.UTC(2026, 10, 28, 12);

const allMetrics = metricsOf({
  now: NOW,
  feeds: [
    {
      exchange: "okx",
      status: sampleFeedStatus({
        exchange: "okx",
        events_total: 7,
        open_gap: { exchange: "okx", from_time: NOW - 90_000, to_time: null, reason: "silent" },
      }),
    },
    { exchange: "bybit", status: null },
  ],
  jobs: [
    {
      job: "signals",
      runs: 3,
      failures: 1,
      total_ms: 4_500,
      last_ms: 1_500,
      last_time: NOW,
      last_success_time: null,
      last_error: "broken",
      rows_read: 300,
      rows_written: 9,
    },
  ],
  deadLetters: [{ queue: "cascades", records: 2, newest_time: NOW, newest_record: 'a "quoted" one', newest_reason: "x" }],
  outages: [{ part: "hub", since: NOW - 60_000, announced: true, error: "gone" }],
  usage: [{ item: "d1_rows_written", today: 12 }],
});
const text = prometheusText(allMetrics);

test("metrics show feeds, jobs, queues, parts and the use of the platform in base units", () => {
  for (const line of [
    "# TYPE liquidations_events_total counter",
    'liquidations_events_total{exchange="okx"} 7',
    'liquidations_open_gap_seconds{exchange="okx"} 90',
    'liquidations_feed_state{exchange="okx",state="live"} 1',
    'liquidations_feed_state{exchange="bybit",state="unreachable"} 1',
    'liquidations_job_duration_seconds_total{job="signals"} 4.5',
    'liquidations_job_failures_total{job="signals"} 1',
    'liquidations_job_rows_read_total{job="signals"} 300',
    'liquidations_dead_letters_total{queue="cascades"} 2',
    'liquidations_part_up{part="hub"} 0',
    'liquidations_part_up{part="cron"} 1',
    'liquidations_platform_usage_today{item="d1_rows_written"} 12',
  ]) {
    expect(text.split("\n")).toContain(line);
  }
});

test("a queue that never gave up a record has a sample of 0, so that its first one is an increase", () => {
  const samples = allMetrics.find(({ name }) => name === "liquidations_dead_letters_total")?.samples ?? [];
  expect(samples.map(({ labels }) => labels["queue"])).toEqual(QUEUES);
  expect(samples.filter(({ value }) => value !== 0)).toEqual([{ labels: { queue: "cascades" }, value: 2 }]);
});

test("what is unknown is left out, and a metric without samples with it", () => {
  expect(text).not.toContain('liquidations_events_total{exchange="bybit"}');
  expect(text).not.toContain("liquidations_job_last_success_timestamp_seconds");
});

test("every line is a comment or a sample, names are unique, and counters end with _total", () => {
  for (const line of text.trimEnd().split("\n")) expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+\{[^{}]*\} -?[\d.e+-]+)$/);
  const types = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => [name ?? "", type ?? ""] as const);
  expect(new Set(types.map(([name]) => name)).size).toBe(types.length);
  for (const [name, type] of types) expect(name.endsWith("_total"), name).toBe(type === "counter");
});

test("quotes, backslashes and line breaks of labels are escaped", () => {
  const samples = [{ labels: { a: 'x"\\\n' }, value: 1 }];
  expect(prometheusText([{ name: "m", help: "h", type: "gauge", samples }])).toBe('# HELP m h\n# TYPE m gauge\nm{a="x\\"\\\\\\n"} 1\n');
});

test.each(["grafana-dashboard.json", "alerts.yml"])("examples/operations/%s names metrics and items that there are", (file) => {
  const example = readFileSync(new URL(`../../examples/operations/${file}`, import.meta.url), "utf8");
  const names = new Set([...example.matchAll(/\bliquidations_\w+/g)].map(([name]) => name));
  expect(names.size).toBeGreaterThan(8);
  const known = new Set(allMetrics.map(({ name }) => name));
  expect([...names].filter((name) => !known.has(name))).toEqual([]);
  const items = [...example.matchAll(/item=~"([\w|]+)"/g)].flatMap(([, list = ""]) => list.split("|"));
  expect(items.filter((item) => !Object.keys(PLAN_ITEMS).includes(item))).toEqual([]);
});
