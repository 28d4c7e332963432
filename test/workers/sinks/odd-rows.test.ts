import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { batchObjectKey } from "../../../src/batch-object.ts";
import { type Config, parseConfig } from "../../../src/config.ts";
import { LIQUIDATION_FIELDS } from "../../../src/liquidation-fields.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { readLiquidations as readParquet } from "../../../src/parquet/decode.ts";
import { streamRecord } from "../../../src/pipeline/stream-record.ts";
import { STREAM_SCHEMA } from "../../../src/pipeline/stream-schema.ts";
import type { Sink } from "../../../src/sink.ts";
import { type StorableOutcome, writeStorable } from "../../../src/storable.ts";
import { LIQUIDATION_COLUMNS } from "../../../workers/d1/liquidation-columns.ts";
import { loadParquet } from "../../../workers/r2/parquet-module.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { pipelineSink } from "../../../workers/sinks/pipeline.ts";
import { r2Sink } from "../../../workers/sinks/r2.ts";
import { supabaseSink } from "../../../workers/sinks/supabase.ts";
import { readLiquidations as readSupabase } from "../../../workers/supabase/read-liquidations.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { type OwnSupabase, ownSupabase } from "../supabase/supabase-stack.ts";

type Change = Readonly<Record<string, unknown>>;

/** Rows of which a field that may be null has no value of its type: what is stored has null there. */
const NULLED: readonly Change[] = [
  { mark_age_ms: 2 ** 31 },
  { mark_age_ms: -(2 ** 31) - 1 },
  { book_age_ms: 0.5 },
  { usd_value: Number.NaN },
  { price: Number.POSITIVE_INFINITY },
  { quantity: "0.5" },
  { order_type: 7 },
  { dominant_exchange: "mtgox" },
  { score_kind: "guess" },
];

/** Rows that lack a field which may not be null. */
const REFUSED: readonly Change[] = [
  { event_time: Number.NaN },
  { event_time: -1 },
  { event_time: 253_402_300_800_000 },
  { received_time: 9e15 },
  { received_time: DAY + 0.5 },
  { gap_before_ms: 2 ** 53 },
  { adapter_version: 2 ** 31 },
  { symbol: null },
  { instrument: undefined },
  { exchange: "mtgox" },
  { position_side: "both" },
  { coverage: "" },
];

/** Rows of which the same is stored everywhere, though not to the letter. */
const RESPELLED: readonly (readonly [given: Change, stored: Change])[] = [
  [{ instrument: "BTC\0USDT" }, { instrument: "BTC\ufffdUSDT" }],
  [{ instrument: "牛\ud83e" }, { instrument: "牛\ufffd" }],
  [{ funding_rate: -0 }, { funding_rate: 0 }],
  [{ order_type: undefined }, { order_type: null }],
];

/** Rows at the edge of what is storable: they come back as written. */
const SOUND: readonly Change[] = [
  { mark_age_ms: 2 ** 31 - 1 },
  { gap_before_ms: Number.MAX_SAFE_INTEGER },
  { instrument: "\ufeff牛来🦊'\"\\", order_type: "" },
  { usd_value: 5e-324, price: 1.797_693_134_862_315_7e308 },
];

const row = (event_id: string, change: Change): Liquidation => sampleLiquidation({ event_id, ...change } as Partial<Liquidation>);
const nulls = (change: Change): Change => Object.fromEntries(Object.keys(change).map((name) => [name, null]));

const GIVEN = [
  ...NULLED.map((change, n) => row(`nulled-${n}`, change)),
  ...REFUSED.map((change, n) => row(`refused-${n}`, change)),
  ...RESPELLED.map(([given], n) => row(`respelled-${n}`, given)),
  ...SOUND.map((change, n) => row(`sound-${n}`, change)),
];
const STORED = [
  ...NULLED.map((change, n) => row(`nulled-${n}`, nulls(change))),
  ...RESPELLED.map(([, stored], n) => row(`respelled-${n}`, stored)),
  ...SOUND.map((change, n) => row(`sound-${n}`, change)),
];

interface Store {
  readonly name: string;
  write(): Promise<StorableOutcome>;
  /** The rows of the store by id. */
  read(): Promise<readonly unknown[]>;
  /** A liquidation as the store gives it back. */
  readonly spelled?: (liquidation: Liquidation) => unknown;
}

let supabase: OwnSupabase;
let config: Config;
beforeAll(async () => {
  supabase = await ownSupabase();
  config = parseConfig(supabase.variables);
  await env.TEST_STREAM.begin(STREAM_SCHEMA.fields);
});

const into = <Env>(sink: Sink<Env>, bindings: Env) => writeStorable(sink, bindings, config, sampleBatch(GIVEN));

const STORES: readonly Store[] = [
  {
    name: "r2",
    write: () => into(r2Sink, env),
    read: async () => {
      loadParquet();
      const object = await env.BUCKET.get(batchObjectKey("binance", DAY, 1, "2026-11-20"));
      return readParquet(new Uint8Array((await object?.arrayBuffer()) ?? new ArrayBuffer()));
    },
  },
  {
    name: "d1",
    write: () => into(d1Sink, env),
    read: async () => (await env.DB.prepare(`SELECT ${LIQUIDATION_COLUMNS.join(", ")} FROM liquidations ORDER BY event_id`).all()).results,
  },
  {
    name: "supabase",
    write: () => into(supabaseSink, env),
    read: async () => {
      const all = { symbols: null, exchanges: null, side: null, minUsd: null, order: "asc", limit: 100, after: null } as const;
      return (await readSupabase(config, { ...all, start: 0, end: DAY * 2 })).rows;
    },
  },
  {
    name: "pipeline",
    write: () => into(pipelineSink, { LIQUIDATION_STREAM: env.TEST_STREAM }),
    read: async () => (await env.TEST_STREAM.taken()).kept,
    spelled: streamRecord,
  },
];

describe.each(STORES)("the $name sink and its store", ({ write, read, spelled = (liquidation) => liquidation }) => {
  test("take the same of odd rows as all others, and say what they did not take", async () => {
    const outcome = await write();
    expect(outcome.kind).toBe("stored");
    if (outcome.kind === "failed") return;
    expect(outcome.refused.map(({ eventId, reason }) => `${eventId} ${reason.split(" is ")[0]}`)).toEqual(
      REFUSED.map((change, n) => `refused-${n} ${Object.keys(change)[0]}`),
    );
    expect(outcome.nulled.map(({ eventId, reason }) => `${eventId} ${reason.split(" is ")[0]}`)).toEqual(
      NULLED.map((change, n) => `nulled-${n} ${Object.keys(change)[0]}`),
    );
    expect(await read()).toEqual(STORED.map(spelled));
  });
});

test("every type of field has odd rows", () => {
  const tried = new Set([...NULLED, ...REFUSED].flatMap((change) => Object.keys(change)));
  const types = new Set(LIQUIDATION_FIELDS.filter(({ name }) => tried.has(name)).map(({ type }) => type));
  expect(types).toEqual(new Set(LIQUIDATION_FIELDS.map(({ type }) => type)));
});
