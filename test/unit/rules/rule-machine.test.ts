import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseRule } from "../../../src/rules/parse-rule.ts";
import { previewLead } from "../../../src/rules/preview-rule.ts";
import type { RuleLiquidation } from "../../../src/rules/rule-fields.ts";
import { type FollowedRule, RuleMachine } from "../../../src/rules/rule-machine.ts";
import { HOUR_MS } from "../../../src/windows/calendar.ts";
import { sampleEvent } from "./sample-events.ts";

const NOW = Date.UTC(2026, 10, 28, 12);

function followed(text: string, escalateAfterMs: number | null = null, id = "r"): FollowedRule {
  return { id, version: 1, rule: parseRule(text), symbols: ["BTC"], escalateAfterMs };
}

function machineOf(...rules: readonly FollowedRule[]): RuleMachine {
  const machine = new RuleMachine(["okx", "gate"], 0);
  machine.setRules(rules);
  machine.advance(NOW - 5_000);
  return machine;
}

function brief(events: ReturnType<RuleMachine["advance"]>) {
  return events.map(({ kind, time }) => [kind, (time - NOW) / 1_000]);
}

describe("a rule", () => {
  test("about single liquidations fires for one, and for the next when it has cooled down", () => {
    const machine = machineOf(followed('usd_value >= 1_000_000 and position_side = "long" cooldown 1m'));
    const big = { usd_value: 2_000_000 };
    machine.add(sampleEvent({ received_time: NOW + 500, ...big, position_side: "short" }));
    for (const second of [2, 3, 59, 70]) machine.add(sampleEvent({ received_time: NOW + second * 1_000, ...big }));
    const events = machine.advance(NOW + 100_000);
    expect(brief(events)).toEqual([
      ["fired", 3],
      ["fired", 71],
    ]);
    expect(events[0]).toMatchObject({
      symbol: "BTC",
      liquidation: { event_id: `e-${NOW + 2_000}` },
      values: { exchange: "okx", position_side: "long", usd_value: 2_000_000, price: 60_000 },
    });
  });

  test("with for fires once it has held for so long, also without another liquidation, and again only after it did not hold", () => {
    const machine = machineOf(followed("long_usd_1m > 500 for 30s cooldown 0s"));
    machine.add(sampleEvent({ received_time: NOW + 1_500 }));
    machine.add(sampleEvent({ received_time: NOW + 35_500 }));
    machine.add(sampleEvent({ received_time: NOW + 130_500 }));
    // Held from the end of the second 2 on; the looks are at second 36 and every ten. It ends at 96, and begins again at 131.
    expect(brief(machine.advance(NOW + 170_000))).toEqual([
      ["fired", 36],
      ["fired", 170],
    ]);
  });

  test("escalates once where its condition holds on", () => {
    const machine = machineOf(followed("long_usd_15m > 500", 60_000));
    machine.add(sampleEvent({ received_time: NOW + 1_500 }));
    expect(brief(machine.advance(NOW + 600_000))).toEqual([
      ["fired", 2],
      ["escalated", 70],
    ]);
  });

  test("that is undetermined says so once, and is neither true nor false", () => {
    const machine = machineOf(followed("open_interest_usd > 5 cooldown 0s"));
    machine.add(sampleEvent({ received_time: NOW + 15_000, open_interest_usd: 9 }));
    // Unknown at first, then known for a minute, then unknown again.
    const events = machine.advance(NOW + 200_000);
    expect(brief(events)).toEqual([
      ["undetermined", 0],
      ["fired", 16],
    ]);
    expect(events[0]?.values).toEqual({ open_interest_usd: null });
  });

  test("does not take a liquidation that came long after it happened for news", () => {
    const machine = machineOf(followed("usd_value > 0"));
    machine.add(sampleEvent({ received_time: NOW + 1_000, event_time: NOW - 300_000 }));
    expect(machine.advance(NOW + 5_000)).toEqual([]);
  });

  test("sees a silent venue, and is undetermined about windows while none is connected", () => {
    const machine = machineOf(
      followed("gate_silent_s > 25 and silent_venues = 1", null, "silent"),
      followed("total_usd_1m >= 0", null, "window"),
    );
    machine.noteGap({ exchange: "gate", from_time: NOW + 1_000, to_time: null, reason: "disconnected" });
    expect(machine.advance(NOW + 40_000).map(({ ruleId, kind }) => [ruleId, kind])).toEqual([
      ["window", "fired"],
      ["silent", "fired"],
    ]);
    machine.noteGap({ exchange: "okx", from_time: NOW + 41_000, to_time: null, reason: "disconnected" });
    expect(machine.advance(NOW + 60_000).map(({ ruleId, kind }) => [ruleId, kind])).toEqual([["window", "undetermined"]]);
  });

  test("follows cascades by the liquidations that carry their id", () => {
    const machine = machineOf(followed("long_cascade_move_bps >= 100 and long_cascade_usd > 1_500 and long_cascade_reach < 59_000"));
    machine.add(sampleEvent({ received_time: NOW + 1_000, cascade_id: "c", mark_price: 60_000 }));
    machine.add(sampleEvent({ received_time: NOW + 3_000, cascade_id: "c", mark_price: 59_400 }));
    const events = machine.advance(NOW + 300_000);
    expect(brief(events)).toEqual([["fired", 4]]);
    expect(events[0]?.values["long_cascade_reach"]).toBeCloseTo(59_400 * 0.99, 6);
  });
});

describe("cascades of before", () => {
  const rule = followed("long_cascade_reach < 59_000");
  const cascade = [60_000, 58_800].map((mark_price, index) =>
    sampleEvent({ received_time: NOW - 20 * HOUR_MS + index, event_id: `c-${index}`, cascade_id: "c", mark_price }),
  );
  const latest = sampleEvent({ received_time: NOW + 1_500, mark_price: 60_000 });

  test("are asked for where a rule uses them, and count from the start on", () => {
    const machine = new RuleMachine(["okx", "gate"], 0);
    machine.setRules([followed("usd_value > 1e9", null, "other")]);
    expect(machine.setRules([rule]).needCascades).toEqual(["BTC"]);
    machine.advance(NOW);
    machine.add(latest);
    // What waits is in the log too, and counts once.
    machine.loadCascades(["BTC"], [latest, ...cascade]);
    expect(machine.advance(NOW + 2_000)[0]).toMatchObject({ kind: "fired", values: { long_cascade_reach: expect.closeTo(58_800, 6) } });
    expect(machine.setRules([rule, followed("long_cascade = 1", null, "more")]).needCascades).toEqual([]);
    const restart = () => new RuleMachine(["okx", "gate"], 0, JSON.parse(JSON.stringify(machine.snapshot())));
    expect(restart().setRules([rule]).needCascades).toEqual([]);
    expect(restart().setRules([rule], false).needCascades, "after a long standstill").toEqual(["BTC"]);
  });

  test.each([
    { began: NOW - 23.5 * HOUR_MS, happened: [] },
    { began: NOW - 24 * HOUR_MS + 1, happened: [] },
    { began: NOW - 24 * HOUR_MS - 1, happened: ["fired"] },
  ])("are known at the same time by the hub, which began at $began, and by a preview, which knows the hour of the first total", (one) => {
    const kinds = [one.began, Math.floor(one.began / HOUR_MS) * HOUR_MS].map((since) => {
      const machine = new RuleMachine(["okx", "gate"], since);
      machine.setRules([rule]);
      machine.loadCascades(["BTC"], cascade);
      machine.advance(NOW - 1_000);
      machine.add(sampleEvent({ received_time: NOW - 500, mark_price: 60_000 }));
      return machine.advance(NOW).flatMap(({ kind }) => (kind === "fired" ? [kind] : []));
    });
    expect(kinds).toEqual([one.happened, one.happened]);
  });

  test("are unknown until they are collected for as long as the largest one is of", () => {
    const machine = new RuleMachine(["okx", "gate"], NOW - 23 * HOUR_MS);
    machine.setRules([rule]);
    machine.loadCascades(["BTC"], cascade);
    const first = machine.advance(NOW);
    machine.add(latest);
    expect(brief([...first, ...machine.advance(NOW + 2_000)])).toEqual([["undetermined", 0]]);
  });

  test("are read by a preview, with those of the day before its range", () => {
    expect(previewLead(rule.rule)).toBeGreaterThan(24 * HOUR_MS);
    expect(previewLead(parseRule("usd_value > 5"))).toBe(15 * 60_000);
  });
});

test("a rule that is switched off and on after a restart starts again", () => {
  const rule = followed("usd_value > 500 cooldown 1h");
  const before = machineOf(rule);
  before.add(sampleEvent({ received_time: NOW + 500 }));
  expect(brief(before.advance(NOW + 2_000))).toEqual([["fired", 1]]);
  const machine = new RuleMachine(["okx", "gate"], 0, JSON.parse(JSON.stringify(before.snapshot())));
  machine.setRules([rule]);
  machine.setRules([]);
  machine.setRules([rule]);
  machine.add(sampleEvent({ received_time: NOW + 60_500 }));
  expect(brief(machine.advance(NOW + 70_000))).toEqual([["fired", 61]]);
});

const eventsOf = (
  drafts: readonly { wait: number; usd: number; side: "long" | "short"; spread: number | null }[],
): readonly RuleLiquidation[] => {
  let time = NOW;
  return drafts.map(({ wait, usd, side, spread }, index) => {
    time += wait;
    return sampleEvent({
      received_time: time,
      event_id: `e-${index}`,
      usd_value: usd,
      notional_mark_usd: usd,
      position_side: side,
      spread_bps: spread,
    });
  });
};

describe("what a machine says", () => {
  const stream = fc.array(
    fc.record({
      wait: fc.integer({ min: 0, max: 20_000 }),
      usd: fc.integer({ min: 1, max: 3_000 }),
      side: fc.constantFrom("long" as const, "short" as const),
      spread: fc.option(fc.integer({ min: 0, max: 9 })),
    }),
    { minLength: 1, maxLength: 40 },
  );
  const rules = [
    followed("usd_value > 2_500 cooldown 10s", null, "one"),
    followed("total_usd_5m > 9_000 and spread_bps < 5 for 20s cooldown 30s", 60_000, "two"),
    followed("long_usd_1m / short_usd_1m > 2 cooldown 0s", null, "three"),
  ];

  test("depends neither on when it is driven, nor on the order within a second, nor on a restart", () => {
    fc.assert(
      fc.property(stream, fc.integer({ min: 1_000, max: 60_000 }), (drafts, step) => {
        const events = eventsOf(drafts);
        const end = NOW + 900_000;
        const whole = machineOf(...rules);
        for (const event of events.toReversed()) whole.add(event);
        const expected = whole.advance(end);
        const said = [];
        let machine = machineOf(...rules);
        let next = 0;
        for (let time = NOW + step; time < end + step; time += step) {
          for (let event = events[next]; event !== undefined && event.received_time < time; event = events[next]) {
            machine.add(event);
            next += 1;
          }
          said.push(...machine.advance(Math.min(time, end)));
          const snapshot = JSON.parse(JSON.stringify(machine.snapshot()));
          const restarted = new RuleMachine(["okx", "gate"], 0, snapshot);
          restarted.setRules(rules);
          const done = events.slice(0, next);
          restarted.loadRecent(
            "BTC",
            done.filter(({ received_time: received }) => received < snapshot.time),
          );
          for (const event of done) if (event.received_time >= snapshot.time) restarted.add(event);
          machine = restarted;
        }
        const key = ({ ruleId, kind, time, values }: (typeof expected)[number]) => JSON.stringify([ruleId, kind, time, values]);
        expect(said.map(key).toSorted()).toEqual(expected.map(key).toSorted());
      }),
      { numRuns: 15, seed: 17 },
    );
  });
});
