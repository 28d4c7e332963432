import { readFileSync, readdirSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { d1Migrations } from "../../scripts/d1-migrations.ts";
import { type FieldSpec, LIQUIDATION_FIELDS } from "../../src/liquidation-fields.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";

const COLUMN_TYPES: Readonly<Record<FieldSpec["type"], string>> = {
  text: "TEXT",
  time: "INTEGER",
  double: "REAL",
  int32: "INTEGER",
  int64: "INTEGER",
};

function columnsOf(table: string): readonly Readonly<Record<string, unknown>>[] {
  const db = new DatabaseSync(":memory:");
  for (const { sql } of d1Migrations()) db.exec(sql);
  const rows = db.prepare(`SELECT name, type, "notnull" AS required, pk FROM pragma_table_info(?) ORDER BY cid`).all(table);
  return rows.map((row) => ({ ...row }));
}

function placeOf({ name }: Readonly<Record<string, unknown>>): number {
  return LIQUIDATION_FIELDS.findIndex((field) => field.name === name);
}

test.each(["migrations", "migrations/supabase"])("the files of %s are numbered from 1 on, each number once", (folder) => {
  const names = readdirSync(new URL(`../../${folder}/`, import.meta.url))
    .filter((name) => name.endsWith(".sql"))
    .toSorted();
  expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(names.map((_, index) => index + 1));
});

describe("the D1 migrations", () => {
  test("give liquidations a column for every field, of its type", () => {
    const wanted = LIQUIDATION_FIELDS.map((field: FieldSpec) => ({
      name: field.name,
      type: COLUMN_TYPES[field.type],
      required: field.nullable ? 0 : 1,
      pk: field.name === "event_id" ? 1 : 0,
    }));
    // A field that is added later has its column at the end.
    const inOrder = columnsOf("liquidations").toSorted((a, b) => placeOf(a) - placeOf(b));
    expect(inOrder).toEqual(wanted);
  });

  test("give minutes and hours the same totals", () => {
    const unnamedColumns = ["minute_totals", "hour_totals"].map((table) => columnsOf(table).slice(1));
    expect(unnamedColumns[0]?.length).toBeGreaterThan(0);
    expect(unnamedColumns[1]).toEqual(unnamedColumns[0]);
  });

  test("keep every cascade and its first venue where that may be unknown from then on", () => {
    const db = new DatabaseSync(":memory:");
    const apply = (name: string): void => db.exec(readFileSync(new URL(`../../migrations/${name}`, import.meta.url), "utf8"));
    for (const name of ["0002_cascades.sql", "0020_cascade_peaks.sql"]) apply(name);
    db.exec("CREATE INDEX cascades_by_usd ON cascades (usd)");
    db.exec(`INSERT INTO cascades (cascade_id, symbol, position_side, state, start_time, peak_time, end_time, events, usd,
      peak_usd_per_s, peak_5s_usd, first_exchange, exchanges, start_mark, extreme_mark, move_bps, severity, market_wide, gaps,
      constants, updated_time)
      VALUES ('c', 'BTC', 'long', 'ended', 1, 2, 3, 4, 5.5, 6.5, 7.5, 'okx', '["okx"]', 8.5, 9.5, 10.5, 2, 0, '[]', '{}', 11)`);
    const before = { ...db.prepare("SELECT * FROM cascades").get() };
    apply("0033_first_venues.sql");
    expect({ ...db.prepare("SELECT * FROM cascades").get() }).toEqual({ ...before, first_exchange_probability: null });
    db.exec("UPDATE cascades SET first_exchange = NULL");
    const indexes = db.prepare("SELECT name FROM pragma_index_list('cascades') WHERE origin = 'c' ORDER BY name").all();
    expect(indexes.map(({ name }) => name)).toEqual(["cascades_by_start", "cascades_by_symbol", "cascades_by_usd"]);
  });

  test("rename the uptime of a spike that waits for its decision", () => {
    const db = new DatabaseSync(":memory:");
    const apply = (name: string): void => db.exec(readFileSync(new URL(`../../migrations/${name}`, import.meta.url), "utf8"));
    apply("0004_signals.sql");
    const input = '{"windows":[{"heard_share":0.75,"previous_heard_share":1}]}';
    db.prepare(
      `INSERT INTO spikes (signal_id, minute, symbol, "window", severity_usd, statistics) VALUES ('s', 0, 'BTC', '15m', 1, ?)`,
    ).run(input);
    apply("0007_uptime_share.sql");
    const { statistics } = db.prepare("SELECT statistics FROM spikes").get() ?? {};
    expect(JSON.parse(String(statistics))).toEqual({ windows: [{ uptime_share: 0.75, previous_uptime_share: 1 }] });
  });

  test("rename the minimum of events in the thresholds of stored cascades", () => {
    const db = new DatabaseSync(":memory:");
    db.exec("CREATE TABLE cascades (constants TEXT NOT NULL)");
    db.prepare("INSERT INTO cascades VALUES (?)").run('{"window_s":90,"least_events":4}');
    db.exec(readFileSync(new URL("../../migrations/0008_min_events.sql", import.meta.url), "utf8"));
    expect(JSON.parse(String(db.prepare("SELECT constants FROM cascades").get()?.["constants"]))).toEqual({ window_s: 90, min_events: 4 });
  });

  test("leave the endpoints that were there to the operator", () => {
    const db = new DatabaseSync(":memory:");
    const apply = (name: string): void => db.exec(readFileSync(new URL(`../../migrations/${name}`, import.meta.url), "utf8"));
    apply("0003_webhooks.sql");
    apply("0006_data_products.sql");
    db.exec(
      `INSERT INTO webhook_endpoints VALUES ('whe_1', 'https://example.com/', NULL, 'standard', '[]', '["BTC"]', 1, 2, 'HTTP 410', 'k', 'h')`,
    );
    apply("0010_webhook_owners.sql");
    expect({ ...db.prepare("SELECT * FROM webhook_endpoints").get() }).toMatchObject({
      endpoint_id: "whe_1",
      owner: "admin",
      sees_all: 1,
      state: "open",
      symbols: '["BTC"]',
      disabled_time: 2,
      announced_disabled_time: 2,
      idempotency_key: "k",
    });
  });

  test("add the warnings of failing endpoints to the chats of the configuration, once, and to no other endpoint", () => {
    const db = new DatabaseSync(":memory:");
    db.exec("CREATE TABLE webhook_endpoints (endpoint_id TEXT PRIMARY KEY, events TEXT NOT NULL)");
    db.exec(`INSERT INTO webhook_endpoints VALUES ('telegram', '["signal.issued"]'), ('whe_1', '["signal.issued"]')`);
    const sql = readFileSync(new URL("../../migrations/0014_built_in_warnings.sql", import.meta.url), "utf8");
    for (let run = 0; run < 2; run += 1) db.exec(sql);
    expect(
      db
        .prepare("SELECT events FROM webhook_endpoints ORDER BY endpoint_id")
        .all()
        .map((row) => row["events"]),
    ).toEqual(['["signal.issued","webhook.failing","webhook.disabled"]', '["signal.issued"]']);
  });

  test("keeps the marks of before a minute had one row for each venue, with an unknown market", () => {
    const db = new DatabaseSync(":memory:");
    const apply = (name: string): void => db.exec(readFileSync(new URL(`../../migrations/${name}`, import.meta.url), "utf8"));
    apply("0001_collector.sql");
    db.exec("INSERT INTO minute_marks VALUES (60000, 'BTC', 'okx', 1, 3, 0.5, 2, 60), (0, 'ETH', 'binance', 5, 5, 5, 5, 1)");
    apply("0023_venue_minute_marks.sql");
    const market = { spread_bps: null, volume_usd: null, funding_rate: null };
    const rows = db.prepare("SELECT * FROM minute_marks").all();
    expect(rows.map((row) => ({ ...row }))).toEqual([
      { symbol: "BTC", exchange: "okx", minute: 60_000, open: 1, high: 3, low: 0.5, close: 2, samples: 60, ...market },
      { symbol: "ETH", exchange: "binance", minute: 0, open: 5, high: 5, low: 5, close: 5, samples: 1, ...market },
    ]);
  });

  test("copies the marks that a pending grade may need, and no more than D1 can copy at once", () => {
    const db = new DatabaseSync(":memory:");
    const apply = (name: string): void => db.exec(readFileSync(new URL(`../../migrations/${name}`, import.meta.url), "utf8"));
    apply("0001_collector.sql");
    const add = db.prepare("INSERT INTO minute_marks VALUES (?, ?, 'okx', 1, 1, 1, 1, 60)");
    const last = 9 * 24 * 60;
    for (let minute = 0; minute <= last; minute += 1) for (const symbol of ["BTC", "ETH"]) add.run(minute * 60_000, symbol);
    apply("0023_venue_minute_marks.sql");
    const { count, first } = { ...db.prepare("SELECT count(*) AS count, min(minute) AS first FROM minute_marks").get() };
    // A path of 24 h that entered 5 minutes late, the hour before it, 3 minutes for its marks and 15 of waiting.
    expect(Number(first)).toBeLessThan((last - 24 * 60 - 60 - 23) * 60_000);
    expect(count).toBe(2 * 26 * 60);
  });

  test("refuse what the former Worker writes as a whole, so that it keeps its marks for the new one", () => {
    const db = new DatabaseSync(":memory:");
    for (const { sql } of d1Migrations()) db.exec(sql);
    const former = `INSERT INTO minute_marks (minute, symbol, exchange, open, high, low, close, samples)
      VALUES (0, 'BTC', 'okx', 1, 1, 1, 1, 60) ON CONFLICT (minute, symbol) DO UPDATE SET open = excluded.open`;
    expect(() => db.exec(former)).toThrow(/ON CONFLICT clause does not match/);
    expect(db.prepare("SELECT count(*) AS count FROM minute_marks").get()).toMatchObject({ count: 0 });
  });

  test("know each day that has a mark, of whichever symbol and venue", () => {
    const db = new DatabaseSync(":memory:");
    const apply = (name: string): void => db.exec(readFileSync(new URL(`../../migrations/${name}`, import.meta.url), "utf8"));
    apply("0001_collector.sql");
    apply("0006_data_products.sql");
    for (const name of ["0018_dataset_changes.sql", "0023_venue_minute_marks.sql"]) apply(name);
    const add = db.prepare(
      "INSERT INTO minute_marks (symbol, exchange, minute, open, high, low, close, samples) VALUES (?, ?, ?, 1, 1, 1, 1, 60)",
    );
    for (const [symbol, exchange, time] of [
      ["BTC", "binance", 10 * DAY_MS],
      ["BTC", "binance", 10 * DAY_MS + 60_000],
      ["BTC", "okx", 12 * DAY_MS - 60_000],
      ["ETH", "bitfinex", 15 * DAY_MS + 3_600_000],
    ] as const)
      add.run(symbol, exchange, time);
    apply("0026_mark_days.sql");
    const rows = db.prepare("SELECT * FROM mark_days ORDER BY day").all();
    const fresh = { reports: 1, published_reports: null, verified_reports: null };
    expect(rows.map((row) => ({ ...row }))).toEqual([10, 11, 15].map((count) => ({ day: count * DAY_MS, ...fresh })));
  });

  test("keep the totals in the order of the base asset, and add up those of each venue", () => {
    const db = new DatabaseSync(":memory:");
    const apply = (name: string): void => db.exec(readFileSync(new URL(`../../migrations/${name}`, import.meta.url), "utf8"));
    apply("0001_collector.sql");
    const rest = "'okx', 'long', 2, 0, 0, 5.5, 5.5, NULL, 3";
    db.exec(`INSERT INTO minute_totals VALUES (60000, 'ETH', ${rest}), (60000, 'BTC', ${rest})`);
    db.exec(`INSERT INTO hour_totals VALUES (0, 'BTC', ${rest})`);
    apply("0036_totals_by_symbol.sql");
    const all = (sql: string) =>
      db
        .prepare(sql)
        .all()
        .map((one) => ({ ...one }));
    expect(all("SELECT symbol, minute, events, usd FROM minute_totals")).toEqual([
      { symbol: "BTC", minute: 60_000, events: 2, usd: 5.5 },
      { symbol: "ETH", minute: 60_000, events: 2, usd: 5.5 },
    ]);
    const [btc, eth] = ["BTC", "ETH"].map((symbol) => [symbol, "long", 2, 0, 0, 5.5, 5.5, null, 3]);
    const blocks = all("SELECT step_ms, time, exchange, totals FROM total_blocks").map((one) => ({
      ...one,
      totals: (JSON.parse(String(one["totals"])) as unknown[]).toSorted(),
    }));
    expect(blocks).toEqual([
      { step_ms: 60_000, time: 60_000, exchange: "okx", totals: [btc, eth] },
      { step_ms: 3_600_000, time: 0, exchange: "okx", totals: [btc] },
    ]);
    // Days are computed from their hours by the next runs.
    expect(all("SELECT day FROM dirty_days")).toEqual([{ day: 0 }]);
  });
});
