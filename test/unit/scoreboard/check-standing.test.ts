import { expect, test } from "vitest";
import { createRandom } from "../../../scripts/simulator/random.ts";
import { type KnownGrade, type StandingRecord, standingMismatches } from "../../../src/scoreboard/check-standing.ts";
import { UNSETTLED, settled } from "../../../src/scoreboard/track-record.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";

const START = Date.parse("2026-11-02");

const SAME = {
  symbol: "BTC",
  window: "15m",
  confidence: 60,
  calibrated_probability: null,
  reason: "r",
  reason_code: null,
  invalidation: null,
  long_change_pct: null,
  short_change_pct: null,
  analyst: "deepseek",
  prompt_version: "v3",
  rule_action: "SELL",
  rule_version: "rules-v1",
  rule_confidence: 55,
  input_hash: "i",
  previous_hash: "p",
  hash: "h",
} as const;

/**
 * A ledger of decisions every 50 minutes, each given its standing from scratch by the grades that were known, which come
 * after 63 minutes: from the 200th on the model is another one.
 */
function simulatedLedger(): { readonly records: readonly StandingRecord[]; readonly grades: ReadonlyMap<string, KnownGrade> } {
  const random = createRandom(1, "check-standing");
  const records: StandingRecord[] = [];
  const grades = new Map<string, KnownGrade>();
  const due: { readonly id: string; readonly time: number; readonly net: number | null; readonly rule: number | null }[] = [];
  for (let n = 1; n <= 400; n += 1) {
    const time = START + 50 * n * MINUTE_MS;
    for (const one of due.splice(0, due.filter((grade) => grade.time <= time).length)) {
      grades.set(one.id, { sequence: grades.size + 1, net_return_bps: one.net, rule_net_return_bps: one.rule });
    }
    const model = n < 200 ? "one" : "two";
    const own = records.filter((record) => record.model === model && record.action !== "NOTHING");
    const { state } = settled(
      UNSETTLED,
      own.map((record) => {
        const grade = grades.get(record.signal_id);
        return { ...record, outcome: grade === undefined ? "pending" : (grade.net_return_bps ?? "ungradable") };
      }),
    );
    const action = random.weighted([
      ["BUY", 2],
      ["NOTHING", 1],
    ] as const);
    const standing = { paper: state.muted, wealth: state.wealth, grades_known: grades.size };
    records.push({ ...SAME, ...standing, sequence: n, signal_id: `s${n}`, created_time: time, minute: time, action, model });
    const net = action === "NOTHING" ? null : random.chance(0.05) ? null : 120 + 60 * random.normal();
    due.push({ id: `s${n}`, time: time + HOUR_MS + 3 * MINUTE_MS, net, rule: -30 });
  }
  return { records, grades };
}

const { records, grades } = simulatedLedger();

test("the standing of every decision follows from the decisions and grades before it", () => {
  expect(records.some(({ paper }) => !paper)).toBe(true);
  expect(standingMismatches(records, grades)).toEqual([]);
});

test("a decision that claims another standing is named, with what it should be", () => {
  const last = records.findIndex(({ paper }) => !paper);
  const edited = records.map((record, index) => (index === last ? { ...record, paper: true } : record));
  expect(standingMismatches(edited, grades)).toMatchObject([{ sequence: last + 1, expected: { paper: false }, found: { paper: true } }]);
  const richer = records.map((record, index) => (index === 50 ? { ...record, wealth: 7 } : record));
  expect(standingMismatches(richer, grades)).toMatchObject([{ sequence: 51, found: { wealth: 7 } }]);
});

test("a decision that knew fewer grades than the one before it is settled again, and earlier records are left alone", () => {
  const swapped = records.map((record, index) => (index === 60 ? { ...record, ...standingAt(40) } : record));
  expect(standingMismatches(swapped, grades)).toEqual([]);
  const earlier = records.map(({ wealth: _wealth, grades_known: _known, ...record }) => ({ ...record, paper: !record.paper }));
  expect(standingMismatches(earlier, grades)).toEqual([]);
});

test("the rule model has a record of its own beside a language model", () => {
  const own = {
    ...records[399],
    sequence: 401,
    signal_id: "s401",
    analyst: "rules",
    model: "rules-v1",
    prompt_version: null,
  } as StandingRecord;
  const [mismatch] = standingMismatches([...records, { ...own, paper: false, wealth: 30 }], grades);
  // It lost 30 bps each time, so nothing was ever bet on it.
  expect(mismatch).toMatchObject({ sequence: 401, expected: { paper: true, wealth: 1 } });
});

/** What the decision of an index said of its standing. */
function standingAt(index: number): Pick<StandingRecord, "paper" | "wealth" | "grades_known"> {
  const { paper, wealth, grades_known } = records[index] ?? { paper: true };
  return { paper, ...(wealth === undefined ? {} : { wealth }), ...(grades_known === undefined ? {} : { grades_known }) };
}
