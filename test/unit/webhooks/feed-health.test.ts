import { describe, expect, test } from "vitest";
import { type FeedObservation, type FeedOutage, compareFeedHealth } from "../../../src/webhooks/feed-health.ts";

const MINUTE = 60_000;
const okx = (state: FeedObservation["state"], since: number): FeedObservation => ({ exchange: "okx", state, since, error: "silent" });

/** Runs one watchdog a minute over what each sees, and gives the ids each says. */
function runs(...observations: readonly (readonly FeedObservation[])[]): readonly (readonly string[])[] {
  let known: readonly FeedOutage[] = [];
  return observations.map((observed, index) => {
    const { events, outages } = compareFeedHealth(known, observed, (index + 1) * MINUTE);
    known = outages;
    return events.map(({ id }) => id);
  });
}

describe("a feed", () => {
  test("that is not live for 60 s is degraded once and recovers once", () => {
    const seen = runs(
      [okx("live", 0)],
      [okx("stale", 61_000)],
      [okx("stale", 61_000)],
      [okx("stale", 61_000)],
      [okx("live", 290_000)],
      [okx("live", 290_000)],
    );
    expect(seen).toEqual([[], [], ["feed.degraded:okx:61000"], [], ["feed.recovered:okx:61000"], []]);
  });

  test("that is back before 60 s says nothing", () => {
    expect(runs([okx("stale", 59_000)], [okx("live", 61_000)])).toEqual([[], []]);
  });

  test("that goes through several states while it is out has one outage", () => {
    const seen = runs([okx("stale", 59_000)], [okx("connecting", 100_000)], [okx("blocked", 170_000)], [okx("live", 230_000)]);
    expect(seen).toEqual([[], ["feed.degraded:okx:59000"], [], ["feed.recovered:okx:59000"]]);
  });

  test("that cannot be asked is not live; where it was all the time, it is back from the run on that could ask", () => {
    const unreachable = (run: number) => [okx("unreachable", run * MINUTE)];
    expect(runs(unreachable(1), unreachable(2), [okx("live", 5)])).toEqual([[], ["feed.degraded:okx:60000"], ["feed.recovered:okx:60000"]]);
    const { events } = compareFeedHealth([{ exchange: "okx", since: MINUTE, announced: true }], [okx("live", 5)], 3 * MINUTE);
    expect(events[0]).toMatchObject({ time: 3 * MINUTE, data: { recovered_time: 3 * MINUTE, duration_ms: 2 * MINUTE } });
  });

  test("that is no longer configured is forgotten without a word", () => {
    const known = [{ exchange: "okx", since: 0, announced: true }] as const;
    expect(compareFeedHealth(known, [], MINUTE)).toEqual({ events: [], outages: [] });
  });

  test("that is off by accident, for want of a contract, is degraded like any other", () => {
    const { events } = compareFeedHealth([], [okx("off", 0)], MINUTE);
    expect(events).toMatchObject([{ type: "feed.degraded", data: { exchange: "okx", state: "off", since: 0 } }]);
  });
});

test("an event's time is that of the run that noticed it", () => {
  const late = compareFeedHealth([], [okx("stale", MINUTE)], 9 * MINUTE);
  expect(late.events).toMatchObject([{ type: "feed.degraded", time: 9 * MINUTE, data: { since: MINUTE } }]);
  const back = compareFeedHealth(late.outages, [okx("live", 9 * MINUTE + 1)], 10 * MINUTE);
  expect(back.events).toMatchObject([{ type: "feed.recovered", time: 10 * MINUTE, data: { recovered_time: 9 * MINUTE + 1 } }]);
});

test("a run repeated says the same under the same ids, and each feed stands for itself", () => {
  const known = [{ exchange: "bybit", since: 0, announced: true }] as const;
  const observed = [okx("stale", 0), { ...okx("live", 30_000), exchange: "bybit" as const }];
  const first = compareFeedHealth(known, observed, MINUTE);
  expect(compareFeedHealth(known, observed, MINUTE)).toEqual(first);
  expect(first.events.map(({ id }) => id)).toEqual(["feed.degraded:okx:0", "feed.recovered:bybit:0"]);
  expect(first.events[0]).toMatchObject({ symbol: null, data: { exchange: "okx", state: "stale", since: 0, error: "silent" } });
});
