import { describe, expect, test } from "vitest";
import { batchObjectKey, batchObjectPrefix, utcDate } from "../../src/batch-object.ts";
import { LIQUIDATION_FIELDS } from "../../src/liquidation-fields.ts";

describe("keys of batch objects", () => {
  test("name the date, the venue and the batch in Hive folders", () => {
    const key = batchObjectKey("okx", 1_791_331_200_000, 42, "2026-11-22");
    expect(key).toBe("liquidations/v1/date=2026-11-22/venue=okx/1791331200000-0000000042.parquet");
    expect(key.startsWith(batchObjectPrefix("2026-11-22"))).toBe(true);
  });

  test("of batches written with exchange= are found by their date too", () => {
    const key = "liquidations/v1/date=2026-11-22/exchange=okx/1791331200000-0000000042.parquet";
    expect(key.startsWith(batchObjectPrefix("2026-11-22"))).toBe(true);
  });

  test("have no partition with the name of a column, which pyarrow refuses", () => {
    const partitions = [...batchObjectKey("okx", 1, 1, "2026-11-22").matchAll(/(\w+)=/g)].map(([, name]) => name);
    const columns = new Set<string | undefined>(LIQUIDATION_FIELDS.map(({ name }) => name));
    expect(partitions).toEqual(["date", "venue"]);
    expect(partitions.filter((name) => columns.has(name))).toEqual([]);
  });

  test("sort by sequence", () => {
    const keys = [9, 10, 99, 100, 1_000_000].map((sequence) => batchObjectKey("bybit", 1_791_331_200_000, sequence, "2026-11-22"));
    expect(keys.toSorted()).toEqual(keys);
  });

  test("the date turns at midnight UTC", () => {
    expect(utcDate(Date.UTC(2026, 10, 22) - 1)).toBe("2026-11-21");
    expect(utcDate(Date.UTC(2026, 10, 22))).toBe("2026-11-22");
  });
});
