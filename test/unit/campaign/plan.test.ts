import { expect, test } from "vitest";
import { lengthOf } from "../../../scripts/campaign/fault.ts";
import { planDigest, planFaults } from "../../../scripts/campaign/plan.ts";

test("a seed has the same faults at the same times each time, and another seed has others", () => {
  expect(planFaults(7, 3)).toEqual(planFaults(7, 3));
  expect(planDigest(planFaults(7, 3))).toBe(planDigest(planFaults(7, 3)));
  expect(planDigest(planFaults(8, 3))).not.toBe(planDigest(planFaults(7, 3)));
});

test("every kind of fault comes in the campaigns of a few seeds, in order of time and before the end", () => {
  const faults = [1, 2, 3, 4, 5].flatMap((seed) => {
    const planned = planFaults(seed, 4);
    expect(planned.map(({ at }) => at)).toEqual(planned.map(({ at }) => at).toSorted((a, b) => a - b));
    expect(planned.every((fault) => fault.at + lengthOf(fault) <= 240_000)).toBe(true);
    return planned;
  });
  const kinds = new Set(
    faults.map((fault) => ("venue" in fault ? fault.venue.kind : "store" in fault ? `${fault.store} ${fault.fate}` : fault.process)),
  );
  const stores = ["r2", "d1", "supabase"].flatMap((store) => ["refused", "lost", "slow"].map((fate) => `${store} ${fate}`));
  const ofVenues = ["drop", "half_open", "stall", "refuse_upgrades", "hang_upgrades", "ignore_subscriptions", "refuse_subscriptions"];
  const others = ["withdraw_subscriptions", "garbage", "clock_jump", "twins", "repeat", "burst", "roll_over", "kill", "freeze"];
  expect([...kinds].toSorted()).toEqual([...stores, ...ofVenues, ...others].toSorted());
});

test("one venue's faults do not overlap, so that the end of one does not end another", () => {
  const faults = planFaults(3, 10).filter((fault) => "venue" in fault && fault.venue.kind !== "burst");
  for (const [exchange, own] of Map.groupBy(faults, (fault) => ("venue" in fault ? fault.exchange : ""))) {
    for (const [index, fault] of own.entries()) {
      const next = own[index + 1];
      if (next !== undefined) expect(next.at, exchange).toBeGreaterThanOrEqual(fault.at + lengthOf(fault));
    }
  }
});
