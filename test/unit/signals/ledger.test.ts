import { describe, expect, test } from "vitest";
import { sha256Hex } from "../../../src/sha256.ts";
import { canonicalJson } from "../../../src/signals/canonical-json.ts";
import { NOT_ASKED, ruleFields } from "../../../src/signals/decision-parts.ts";
import { GENESIS, GENESIS_HASH } from "../../../src/signals/hash-chain.ts";
import { checkLedger, type Decision, FORECAST_FIELDS, sealDecision, type SignalRecord } from "../../../src/signals/ledger.ts";
import { ruleVerdict } from "../../../src/signals/rule-model.ts";
import { MINUTE, sampleInput } from "./sample-input.ts";

const decision = (n: number): Decision => ({
  signal_id: `BTC-15m-${n}`,
  created_time: MINUTE + n,
  minute: MINUTE,
  symbol: "BTC",
  window: "15m",
  trigger: "spike",
  action: "BUY",
  confidence: 61.5,
  calibrated_probability: null,
  paper: true,
  reason: "Ein „Grund“ mit \u2028 und 🐋",
  reason_code: null,
  invalidation: null,
  long_change_pct: 0.1 + 0.2,
  short_change_pct: null,
  statistics: sampleInput({}),
  analyst: "rules",
  model: null,
  prompt_version: null,
  ...NOT_ASKED,
  ...ruleFields(ruleVerdict(sampleInput({}))),
  rule_action: "BUY",
  wealth: 1.25,
  grades_known: 3,
});

async function chain(length: number): Promise<readonly SignalRecord[]> {
  const records: SignalRecord[] = [];
  for (let n = 1; n <= length; n += 1) records.push(await sealDecision(decision(n), records.at(-1) ?? GENESIS));
  return records;
}

describe("canonical JSON", () => {
  test("is the same whatever the order of the keys, as RFC 8785 has it", () => {
    expect(canonicalJson({ b: [1, { z: null, a: "ü" }], a: -0, "€": 1e21, "": undefined })).toBe(
      '{"a":0,"b":[1,{"a":"ü","z":null}],"€":1e+21}',
    );
  });

  test("refuses what has no JSON", () => {
    expect(() => canonicalJson({ a: Number.NaN })).toThrow(RangeError);
  });

  test("takes the texts of objects that were written before", () => {
    const input = { z: 1, a: 2 };
    const [record, known] = [{ statistics: input, sequence: 1 }, new Map([[input, canonicalJson(input)]])];
    expect(canonicalJson(record, known)).toBe(canonicalJson(record));
    expect(canonicalJson(record, new Map([[input, "{}"]]))).toBe('{"sequence":1,"statistics":{}}');
  });

  test("is what comes back after it was stored", () => {
    const text = canonicalJson(sampleInput({}));
    expect(canonicalJson(JSON.parse(text))).toBe(text);
  });
});

test("SHA-256 is the standard's", async () => {
  expect(await sha256Hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

/** The record of a version that had no forecasts, as a table shows it whose later columns are null. */
async function earlierRecord() {
  const later: ReadonlySet<string> = new Set(FORECAST_FIELDS);
  const { record_version: _version, ...fields } = decision(1);
  const earlier = Object.fromEntries(Object.entries(fields).filter(([name]) => !later.has(name))) as unknown as Decision;
  const sealed = await sealDecision(earlier, GENESIS);
  return { sealed, shown: { ...Object.fromEntries(FORECAST_FIELDS.map((name) => [name, null])), ...sealed } as SignalRecord };
}

describe("a record of an earlier version", () => {
  test("matches, with or without the columns that came later, beside one of today", async () => {
    const { sealed, shown } = await earlierRecord();
    expect(sealed).not.toHaveProperty("p_up");
    const today = await sealDecision(decision(2), sealed);
    expect(today).toMatchObject({ record_version: 2, p_up: null, rule_reason: expect.any(String) });
    for (const first of [sealed, shown]) expect((await checkLedger([first, today], GENESIS)).mismatch).toBeNull();
  });

  test("does not match once a forecast is added to it, nor one of today without its version", async () => {
    const { shown } = await earlierRecord();
    expect((await checkLedger([{ ...shown, p_up: 0.6 }], GENESIS)).mismatch).toMatchObject({ field: "hash" });
    const { record_version: _version, ...today } = await sealDecision({ ...decision(1), p_up: 0.6 }, GENESIS);
    expect((await checkLedger([today], GENESIS)).mismatch).toMatchObject({ field: "hash" });
  });
});

test("a record from before standings matches, with or without their columns, until one is added", async () => {
  const { wealth: _wealth, grades_known: _known, ...earlier } = decision(1);
  const sealed = await sealDecision(earlier, GENESIS);
  const shown = { ...sealed, wealth: null, grades_known: null } as unknown as SignalRecord;
  for (const record of [sealed, shown]) expect((await checkLedger([record], GENESIS)).mismatch).toBeNull();
  expect((await checkLedger([{ ...shown, wealth: 25, grades_known: 9 }], GENESIS)).mismatch).toMatchObject({ field: "hash" });
});

test("a record from before triggers matches, with or without their column, until one is added", async () => {
  const { trigger: _trigger, ...earlier } = decision(1);
  const sealed = await sealDecision(earlier, GENESIS);
  const shown = { ...sealed, trigger: null } as unknown as SignalRecord;
  for (const record of [sealed, shown]) expect((await checkLedger([record], GENESIS)).mismatch).toBeNull();
  expect((await checkLedger([{ ...shown, trigger: "turn" }], GENESIS)).mismatch).toMatchObject({ field: "hash" });
});

describe("the ledger", () => {
  test("begins with 64 zeros and links each record to the one before", async () => {
    const records = await chain(3);
    expect(records.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(records.map((record) => record.previous_hash)).toEqual([GENESIS_HASH, records[0]?.hash, records[1]?.hash]);
    expect(await checkLedger(records, GENESIS)).toEqual({ head: { sequence: 3, hash: records[2]?.hash }, mismatch: null });
  });

  test("is the same after a way through JSON", async () => {
    const records = JSON.parse(JSON.stringify(await chain(2))) as readonly SignalRecord[];
    expect((await checkLedger(records, GENESIS)).mismatch).toBeNull();
  });

  test("verifies a record whose input was sealed under an older field name", async () => {
    const { statistics: input } = decision(1);
    const older = JSON.parse(JSON.stringify(input).replaceAll('uptime_share"', 'heard_share"')) as typeof input;
    expect(canonicalJson(older)).toContain('"previous_heard_share":1');
    const sealed = await sealDecision({ ...decision(1), statistics: older }, GENESIS);
    const read = JSON.parse(JSON.stringify(sealed)) as SignalRecord;
    expect((await checkLedger([read, await sealDecision(decision(2), read)], GENESIS)).mismatch).toBeNull();
  });

  test("can be checked in stretches", async () => {
    const records = await chain(4);
    const { head } = await checkLedger(records.slice(0, 2), GENESIS);
    expect(await checkLedger(records.slice(2), head)).toMatchObject({ head: { sequence: 4 }, mismatch: null });
  });

  const edits: Readonly<Record<keyof SignalRecord, unknown>> = {
    sequence: 7,
    signal_id: "ETH-15m-2",
    created_time: MINUTE,
    minute: MINUTE + 1,
    symbol: "ETH",
    window: "1h",
    action: "SELL",
    confidence: 61.6,
    calibrated_probability: 0.5,
    paper: false,
    reason: "another",
    reason_code: "no_key",
    invalidation: "x",
    long_change_pct: 0.3,
    short_change_pct: 0,
    statistics: { ...sampleInput({}), minute: 1 },
    analyst: "deepseek",
    model: "m",
    prompt_version: "v1",
    rule_action: "NOTHING",
    record_version: 3,
    p_up: 0.5,
    p_down: 0.4,
    p_up_deviation: 0.1,
    p_down_deviation: 0.1,
    samples_asked: 1,
    samples_used: 1,
    expected_net_bps: 5,
    rule_version: "another",
    rule_confidence: 1,
    rule_probability: 0.5,
    rule_reason: "another",
    input_hash: GENESIS_HASH,
    previous_hash: GENESIS_HASH,
    hash: GENESIS_HASH,
    wealth: 2.5,
    grades_known: 4,
    trigger: "turn",
  };

  test.each(Object.entries(edits))("shows an edit of %s at the record it was made in", async (field, value) => {
    const records = (await chain(3)).map((record) => (record.sequence === 2 ? { ...record, [field]: value } : record)) as SignalRecord[];
    const { head, mismatch } = await checkLedger(records, GENESIS);
    expect(head.sequence).toBe(1);
    expect(mismatch).toMatchObject({ signal_id: records[1]?.signal_id });
    expect(mismatch?.expected).not.toBe(mismatch?.found);
  });

  test("shows an edit whose own hash was made to fit, at the record after it", async () => {
    const [first, second, third] = await chain(3);
    if (first === undefined || second === undefined || third === undefined) throw new Error("too short");
    const forged = await sealDecision({ ...decision(2), action: "SELL" }, first);
    expect((await checkLedger([first, forged, third], GENESIS)).mismatch).toMatchObject({ sequence: 3, field: "previous_hash" });
  });

  test("shows a record that was taken out or put in another place", async () => {
    const [first, second, third] = (await chain(3)) as [SignalRecord, SignalRecord, SignalRecord];
    expect((await checkLedger([first, third], GENESIS)).mismatch).toMatchObject({ sequence: 3, field: "sequence" });
    expect((await checkLedger([second, first, third], GENESIS)).mismatch).toMatchObject({ sequence: 2, field: "sequence" });
  });
});
