import { expect, test } from "vitest";
import { storedDailyManifest } from "../../../src/daily/manifest.ts";

const MANIFEST = {
  date: "2026-11-20",
  file: "daily/liquidation_20261120.parquet",
  bytes: 4,
  sha256: "0".repeat(64),
  schema_version: 1,
  rows: 0,
  first_event_time: null,
  last_event_time: null,
  exchanges: {},
  gaps: [],
  gaps_truncated: false,
  source_batches: 0,
  row_group_rows: [],
  slices: [],
};
const COMPLETENESS = { missing_rows: 0, exchanges: [], quarantined: [] };

test("a manifest of either name of its time is read under the name of today", () => {
  const current = { ...MANIFEST, completeness: COMPLETENESS, ledger: null, licence: null, created_time: 5 };
  expect(storedDailyManifest.parse({ ...MANIFEST, completeness: COMPLETENESS, made_time: 5 })).toEqual(current);
  expect(storedDailyManifest.parse(current)).toEqual(current);
  expect(() => storedDailyManifest.parse(MANIFEST)).toThrow("created_time");
});

test("a manifest from before files were compared and the ledger anchored says that neither was done", () => {
  const current = { ...MANIFEST, completeness: null, ledger: null, licence: null, created_time: 5 };
  expect(storedDailyManifest.parse({ ...MANIFEST, made_time: 5 })).toEqual(current);
});

test("a manifest whose anchor is from before grades were chained names none", () => {
  const anchor = { sequence: 17, hash: "5".repeat(64), anchored_time: 4 };
  const { ledger } = storedDailyManifest.parse({ ...MANIFEST, completeness: null, ledger: anchor, created_time: 5 });
  expect(ledger).toEqual({ ...anchor, grades_sequence: null, grades_hash: null });
});
