import type { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { emptyDatabase } from "../../../scripts/supabase/empty-database.ts";
import { ROLES } from "../../../scripts/supabase/embedded.ts";
import { readMigrations } from "../../../scripts/supabase/migrations.ts";
import { LIQUIDATION_FIELDS } from "../../../src/liquidation-fields.ts";
import type { FieldSpec, FieldType } from "../../../src/liquidation-fields.ts";
import { toRow } from "../../../workers/supabase/liquidation-row.ts";
import { sampleLiquidation } from "./sample-liquidation.ts";

const FIELDS: readonly FieldSpec[] = LIQUIDATION_FIELDS;
const DAY_MS = 86_400_000;
/** Told by the form of the name, so that a new venue needs no migration. */
const VENUE_FIELDS: ReadonlySet<string> = new Set(["exchange", "dominant_exchange"]);

let database: PGlite;

async function rowsOf(sql: string): Promise<readonly Record<string, unknown>[]> {
  return (await database.query<Record<string, unknown>>(sql)).rows;
}

async function applyAll(): Promise<void> {
  for (const migration of await readMigrations()) await database.exec(`begin; ${migration.sql}; commit`);
}

function fieldPlace(column: Readonly<Record<string, unknown>>): number {
  return FIELDS.findIndex(({ name }) => name === column["name"]);
}

async function insert(id: string, time: string | number): Promise<void> {
  const event_time = new Date(time).getTime();
  const row = toRow(sampleLiquidation(0, { event_id: id, event_time, received_time: event_time }));
  await database.query("insert into liquidation_events select * from jsonb_populate_record(null::liquidation_events, $1)", [row]);
}

/** Inserts an event of a venue that this code does not know. */
async function insertFrom(id: string, exchange: string, time: string): Promise<void> {
  const event_time = Date.parse(time);
  const row = toRow(sampleLiquidation(0, { event_id: id, event_time, received_time: event_time }));
  const changed = { ...row, exchange, dominant_exchange: exchange };
  await database.query("insert into liquidation_events select * from jsonb_populate_record(null::liquidation_events, $1)", [changed]);
}

const placeOf = async (id: string): Promise<unknown> =>
  (await rowsOf(`select tableoid::regclass::text as place from liquidation_events where event_id = '${id}'`))[0]?.["place"];

beforeAll(async () => {
  database = await emptyDatabase();
  await database.exec(ROLES);
  await applyAll();
});

describe("a venue that is new", () => {
  test("is taken without a migration, in partitions of before, of after and of none", async () => {
    await database.query("select liquidation_internal.create_partition('2026-01-15')");
    await insertFrom("old partition", "deribit", new Date().toISOString());
    await insertFrom("new partition", "deribit", "2026-01-15T00:00Z");
    await insertFrom("no partition", "deribit", "2020-01-15T00:00Z");
    const { rows } = await database.query("select count(*)::int as n from liquidation_events where exchange = 'deribit'");
    expect(rows).toEqual([{ n: 3 }]);
  });

  test.each(["", "Deribit", "der ibit"])("is refused where its name is %j", async (name) => {
    await expect(insertFrom("misnamed", name, "2020-01-15T00:00Z")).rejects.toThrow("exchange_check");
  });
});

afterAll(() => database.close());
beforeEach(async () => {
  await database.exec("truncate liquidation_events, liquidation_analytics");
});

describe("columns", () => {
  const TYPES: Readonly<Record<FieldType, string>> = {
    text: "text",
    time: "timestamp with time zone",
    double: "double precision",
    int32: "integer",
    int64: "bigint",
  };

  test("are the fields of a liquidation, with their types and comments", async () => {
    const columns = await rowsOf(`
      select attname as name, format_type(atttypid, atttypmod) as type, not attnotnull as nullable, col_description(attrelid, attnum) as description
      from pg_attribute where attrelid = 'liquidation_events'::regclass and attnum > 0 and not attisdropped order by attnum`);
    // A field that is added later has its column at the end.
    const inOrder = columns.toSorted((a, b) => fieldPlace(a) - fieldPlace(b));
    expect(inOrder).toEqual(FIELDS.map(({ name, type, nullable, description }) => ({ name, type: TYPES[type], nullable, description })));
  });

  test("event ids are ordered by their bytes, as in D1", async () => {
    const [collation] = await rowsOf(`
      select collname as name from pg_attribute join pg_collation on pg_collation.oid = attcollation
      where attrelid = 'liquidation_events'::regclass and attname = 'event_id'`);
    expect(collation).toEqual({ name: "C" });
  });

  test("take the values of their enumeration and no other", async () => {
    const checks = await rowsOf(`
      select pg_get_constraintdef(oid) as definition from pg_constraint
      where conrelid = 'liquidation_events'::regclass and contype = 'c'`);
    const found = checks.map(({ definition }) => {
      const text = String(definition);
      const values = [...text.matchAll(/'([^']*)'/g)].map((match) => match[1]);
      return { name: /\((\w+) [=~]/.exec(text)?.[1], values };
    });
    const expected = FIELDS.flatMap(({ name, values }) => {
      if (values === undefined) return [];
      return [{ name, values: VENUE_FIELDS.has(name) ? ["^[a-z][a-z0-9]+$"] : [...values] }];
    });
    expect(found).toHaveLength(expected.length);
    expect(found).toEqual(expect.arrayContaining(expected));
  });

  test.each(["liquidation_events", "liquidation_analytics", "liquidation_signals"])(
    "of %s all have a comment, and so has the table",
    async (table) => {
      const missing = await rowsOf(`
      select attname from pg_attribute where attrelid = '${table}'::regclass and attnum > 0 and col_description(attrelid, attnum) is null
      union all select 'the table' where obj_description('${table}'::regclass) is null`);
      expect(missing).toEqual([]);
    },
  );
});

describe("migrations", () => {
  test("apply a second time without error and keep the rows", async () => {
    await insert("kept", Date.now());
    await applyAll();
    expect(await rowsOf("select event_id from liquidation_events")).toEqual([{ event_id: "kept" }]);
  });

  test("leave every table with row-level security, partitions too", async () => {
    const open = await rowsOf(`
      select relname from pg_class
      where relkind in ('r', 'p') and not relrowsecurity and relnamespace in ('public'::regnamespace, 'liquidation_internal'::regnamespace)`);
    expect(open).toEqual([]);
  });
});

describe("partitions", () => {
  test("exist for this month and the three to come", async () => {
    const now = new Date();
    const months = [0, 1, 2, 3].map((ahead) => {
      const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1)).toISOString().slice(0, 7);
      return { name: `liquidation_events_${month.replace("-", "_")}` };
    });
    const found = await rowsOf(`
      select relname as name from pg_class where relnamespace = 'liquidation_internal'::regnamespace and relkind = 'r' and relname ~ '[0-9]$' order by 1`);
    expect(found).toEqual(expect.arrayContaining(months));
  });

  test("take a row of a month without one, and move it to its own when they are maintained", async () => {
    await insert("old", "2021-05-19T13:00:00Z");
    expect(await placeOf("old")).toBe("liquidation_internal.liquidation_events_default");
    expect(await rowsOf("select liquidation_maintain_partitions() as created")).toEqual([{ created: 1 }]);
    expect(await placeOf("old")).toBe("liquidation_internal.liquidation_events_2021_05");
    await insert("old-too", "2021-05-31T23:59:59.999Z");
    await insert("next-month", "2021-06-01T00:00:00Z");
    expect(await placeOf("old-too")).toBe("liquidation_internal.liquidation_events_2021_05");
    expect(await placeOf("next-month")).toBe("liquidation_internal.liquidation_events_default");
  });

  test("keep one row per event where it came back after its month got a partition", async () => {
    await insert("again", "2020-03-12T10:00:00Z");
    await database.exec("select liquidation_maintain_partitions()");
    await expect(insert("again", "2020-03-12T10:00:00Z")).rejects.toThrow(/duplicate key/);
  });

  test("hold the months of UTC, whatever the session's time zone", async () => {
    await insert("midnight", "2022-01-01T00:30:00Z");
    await database.exec("set timezone to 'America/New_York'; select liquidation_maintain_partitions(); set timezone to 'UTC'");
    expect(await placeOf("midnight")).toBe("liquidation_internal.liquidation_events_2022_01");
  });

  test("are not made for a time in the far future", async () => {
    await insert("mistake", "2999-01-01T00:00:00Z");
    expect(await rowsOf("select liquidation_maintain_partitions() as created")).toEqual([{ created: 0 }]);
    expect(await placeOf("mistake")).toBe("liquidation_internal.liquidation_events_default");
  });

  test("are made as many months ahead as asked", async () => {
    expect(await rowsOf("select liquidation_maintain_partitions(5) as created")).toEqual([{ created: 2 }]);
    await expect(rowsOf("select liquidation_maintain_partitions(-1)")).rejects.toThrow(/from 0 to 24/);
  });
});

describe("retention", () => {
  test("removes what is older than the days to keep, by partition and by row, and nothing else", async () => {
    const now = Date.now();
    await insert("long-ago", "2021-08-05T00:00:00Z");
    await database.exec("select liquidation_maintain_partitions()");
    await insert("no-partition", "2019-08-05T00:00:00Z");
    await insert("just-old", now - 10.5 * DAY_MS);
    await insert("kept", now - 9.5 * DAY_MS);
    await insert("now", now);
    expect(await rowsOf("select * from liquidation_apply_retention(10)")).toEqual([{ events_removed: 3, analytics_removed: 0 }]);
    expect(await rowsOf("select event_id from liquidation_events order by 1")).toEqual([{ event_id: "kept" }, { event_id: "now" }]);
    expect(await rowsOf("select to_regclass('liquidation_internal.liquidation_events_2021_08') as place")).toEqual([{ place: null }]);
  });

  test("refuses to remove everything", async () => {
    await insert("now", Date.now());
    await expect(rowsOf("select liquidation_apply_retention(0)")).rejects.toThrow(/at least 1/);
    await expect(rowsOf("select liquidation_apply_retention(null)")).rejects.toThrow(/at least 1/);
  });
});
