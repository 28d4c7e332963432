import type { ImpactFields } from "../liquidation.ts";
import { LIQUIDATION_FIELDS } from "../liquidation-fields.ts";
import { type PlacedLiquidation, liquidationsAt, placedLiquidations } from "../parquet/decode.ts";
import { type StoredColumn, type StoredRows, isValid, storeRows } from "../parquet/stored-rows.ts";
import type { TimeRange } from "../windows/range-parts.ts";
import { compareRows, sliceRows } from "./slice-rows.ts";

const IMPACTS = ["impact_1s_bps", "impact_5s_bps", "impact_60s_bps"] as const;

/**
 * What `sliceRows` gives, of rows in columns: those of a time range from several sources, ordered by time and then id, each
 * event once, with all known impacts. Only events that came more than once become objects.
 */
export function slicePlaces(
  sources: Iterable<readonly PlacedLiquidation[]>,
  { start, end }: TimeRange,
  impacts: ReadonlyMap<string, ImpactFields>,
): readonly PlacedLiquidation[] {
  const byId = new Map<string, PlacedLiquidation>();
  const copies: PlacedLiquidation[] = [];
  for (const rows of sources) {
    for (const row of rows) {
      if (row.event_time < start || row.event_time >= end) continue;
      if (byId.has(row.event_id)) copies.push(row);
      else byId.set(row.event_id, row);
    }
  }
  if (copies.length > 0) for (const row of mergedCopies(byId, copies)) byId.set(row.event_id, row);
  const rows = [...byId.values()];
  if (impacts.size > 0) setImpacts(rows, impacts);
  return rows.toSorted(compareRows);
}

/** The events of these copies, each merged from all of its copies. */
function mergedCopies(byId: ReadonlyMap<string, PlacedLiquidation>, copies: readonly PlacedLiquidation[]): readonly PlacedLiquidation[] {
  const firsts = [...new Set(copies.map(({ event_id }) => event_id))].flatMap((id) => byId.get(id) ?? []);
  const merged = sliceRows([liquidationsAt([...firsts, ...copies])], { start: -Infinity, end: Infinity }, new Map());
  return placedLiquidations(storeRows(LIQUIDATION_FIELDS, merged));
}

/** Gives each row its place in rows that hold the later impacts. */
function setImpacts(rows: PlacedLiquidation[], impacts: ReadonlyMap<string, ImpactFields>): void {
  const changed = new Map<StoredRows, RowsOfImpacts>();
  for (const [index, place] of rows.entries()) {
    const later = impacts.get(place.event_id);
    if (later === undefined) continue;
    const own = changed.get(place.rows) ?? withOwnImpacts(place.rows);
    changed.set(place.rows, own);
    for (const name of IMPACTS) setDouble(own.impacts[name], place.row, later[name]);
    rows[index] = { ...place, rows: own.rows };
  }
}

/** A column of doubles that may be changed. */
interface OwnColumn extends StoredColumn {
  nullCount: number;
}

/** A copy of rows, of which the impacts may be changed. */
interface RowsOfImpacts {
  readonly rows: StoredRows;
  readonly impacts: Readonly<Record<keyof ImpactFields, OwnColumn>>;
}

function withOwnImpacts(rows: StoredRows): RowsOfImpacts {
  const own = (name: keyof ImpactFields): OwnColumn =>
    copyOf(rows.columns[rows.fields.findIndex((field) => field.name === name)] ?? null, rows.length);
  const impacts = { impact_1s_bps: own("impact_1s_bps"), impact_5s_bps: own("impact_5s_bps"), impact_60s_bps: own("impact_60s_bps") };
  const byName: Readonly<Partial<Record<string, OwnColumn>>> = impacts;
  const columns = rows.columns.map((column, index) => byName[rows.fields[index]?.name ?? ""] ?? column);
  return { rows: { ...rows, columns }, impacts };
}

function copyOf(column: StoredColumn | null, length: number): OwnColumn {
  const data = new Float64Array(length);
  const nullBitmap = new Uint8Array(Math.ceil(length / 8));
  if (column !== null) {
    data.set((column.values as Float64Array).subarray(0, length));
    for (let row = 0; row < length; row++) if (isValid(column, row)) nullBitmap[row >> 3] = (nullBitmap[row >> 3] ?? 0) | (1 << (row & 7));
  }
  return { length, nullCount: column?.nullCount ?? length, nullBitmap, values: data, valueOffsets: new Int32Array() };
}

function setDouble(column: OwnColumn, row: number, value: number | null): void {
  if (value === null) return;
  if (!isValid(column, row)) column.nullCount -= 1;
  (column.values as Float64Array)[row] = value;
  column.nullBitmap[row >> 3] = (column.nullBitmap[row >> 3] ?? 0) | (1 << (row & 7));
}
