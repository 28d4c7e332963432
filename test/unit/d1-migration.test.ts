import { readFileSync } from "node:fs";
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
});
