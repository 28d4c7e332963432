import { readFileSync, readdirSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { type FieldSpec, LIQUIDATION_FIELDS } from "../../src/liquidation-fields.ts";

const MIGRATION = new URL("../../migrations/0001_collector.sql", import.meta.url);
const COLUMN_TYPES: Readonly<Record<FieldSpec["type"], string>> = {
  text: "TEXT",
  time: "INTEGER",
  double: "REAL",
  int32: "INTEGER",
  int64: "INTEGER",
};

function columnsOf(table: string): readonly unknown[] {
  const db = new DatabaseSync(":memory:");
  db.exec(readFileSync(MIGRATION, "utf8"));
  const rows = db.prepare(`SELECT name, type, "notnull" AS required, pk FROM pragma_table_info(?) ORDER BY cid`).all(table);
  return rows.map((row) => ({ ...row }));
}

test.each(["migrations", "migrations/supabase"])("the files of %s are numbered from 1 on, each number once", (folder) => {
  const names = readdirSync(new URL(`../../${folder}/`, import.meta.url))
    .filter((name) => name.endsWith(".sql"))
    .toSorted();
  expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(names.map((_, index) => index + 1));
});

describe("the D1 migration", () => {
  test("gives liquidations a column for every field, of its type, in its order", () => {
    const wanted = LIQUIDATION_FIELDS.map((field: FieldSpec) => ({
      name: field.name,
      type: COLUMN_TYPES[field.type],
      required: field.nullable ? 0 : 1,
      pk: field.name === "event_id" ? 1 : 0,
    }));
    expect(columnsOf("liquidations")).toEqual(wanted);
  });

  test("gives minutes and hours the same totals", () => {
    const unnamedColumns = ["minute_totals", "hour_totals"].map((table) => columnsOf(table).slice(1));
    expect(unnamedColumns[0]?.length).toBeGreaterThan(0);
    expect(unnamedColumns[1]).toEqual(unnamedColumns[0]);
  });

  test("renames the uptime of a spike that waits for its decision", () => {
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

  test("renames the minimum of events in the thresholds of stored cascades", () => {
    const db = new DatabaseSync(":memory:");
    db.exec("CREATE TABLE cascades (constants TEXT NOT NULL)");
    db.prepare("INSERT INTO cascades VALUES (?)").run('{"window_s":90,"least_events":4}');
    db.exec(readFileSync(new URL("../../migrations/0008_min_events.sql", import.meta.url), "utf8"));
    expect(JSON.parse(String(db.prepare("SELECT constants FROM cascades").get()?.["constants"]))).toEqual({ window_s: 90, min_events: 4 });
  });

  test("leaves the endpoints that were there to the operator", () => {
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

  test("adds the warnings of failing endpoints to the chats of the configuration, once, and to no other endpoint", () => {
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
});
