import { describe, expect, test } from "vitest";
import type { Gap } from "../../../src/gap.ts";
import { type MinuteHistory, type MinuteSum, historyOf } from "../../../src/rules/minute-sums.ts";
import { parseRule } from "../../../src/rules/parse-rule.ts";
import { RulePreview } from "../../../src/rules/preview-rule.ts";
import type { RuleLiquidation } from "../../../src/rules/rule-fields.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { sampleEvent } from "./sample-events.ts";

const START = Date.UTC(2026, 10, 20);
const RANGE = { start: START, end: START + 6 * HOUR_MS };
const VENUES = ["okx", "bybit"] as const;

interface Before {
  readonly since?: number;
  readonly gaps?: readonly Gap[];
  readonly history?: MinuteHistory;
}

function previewOf(text: string, { since = START - 30 * DAY_MS, gaps = [], history }: Before = {}): RulePreview {
  const rule = { id: "p", version: 0, rule: parseRule(text), symbols: ["BTC"], escalateAfterMs: null };
  const minutes = new Map(history === undefined ? [] : [["BTC", history] as const]);
  return new RulePreview({ rule, range: RANGE, venues: [...VENUES], since, gaps, minutes });
}

/** A liquidation of 1,000 USD every six minutes. */
const EVENTS: readonly RuleLiquidation[] = Array.from({ length: 60 }, (_, index) =>
  sampleEvent({ received_time: START + index * 6 * MINUTE_MS + 1_000, event_id: `e-${index}` }),
);

describe("a rule that is undetermined all the time", () => {
  test.each(["venue_leverage > 1", "usd_value / silent_s > 5", "open_interest_usd > 1"])("says so, though it was before: %s", (text) => {
    const preview = previewOf(text);
    preview.add([sampleEvent({ received_time: START - MINUTE_MS }), ...EVENTS], RANGE.end);
    const { fired, undetermined, undetermined_share, held_share, events } = preview.finish();
    expect({ fired, undetermined, undetermined_share, held_share }).toEqual({
      fired: 0,
      undetermined: 1,
      undetermined_share: 1,
      held_share: 0,
    });
    expect(events[0]?.kind).toBe("undetermined");
    expect(events[0]?.time).toBeGreaterThan(START);
  });

  test("is distinguished from one that is so at times, and from one that held since before the range", () => {
    const partly = previewOf("spread_bps < 5 and usd_value > 0 cooldown 0s");
    partly.add(
      EVENTS.map((event, index) => ({ ...event, spread_bps: index % 4 === 0 ? null : 1 })),
      RANGE.end,
    );
    expect(partly.finish()).toMatchObject({ undetermined_share: 0.25, held_share: 0.75 });
    const held = previewOf("total_usd_1m >= 0");
    held.add(EVENTS, RANGE.end);
    expect(held.finish()).toMatchObject({ fired: 0, held_share: 1, undetermined_share: 0 });
    const small = previewOf("usd_value > 1e9 and spread_bps < 5");
    small.add(EVENTS, RANGE.end);
    expect(small.finish(), "false by its size alone").toMatchObject({ looks: 60, held_share: 0, undetermined_share: 0 });
  });

  test("has no shares where nothing was looked at", () => {
    const preview = previewOf("usd_value > 5");
    expect(preview.finish()).toMatchObject({ held_share: null, undetermined_share: null, looks: 0 });
  });
});

/** A cascade of eight liquidations in three and a half minutes. */
const cascade = (id: string, from: number) =>
  Array.from({ length: 8 }, (_, index) =>
    sampleEvent({ received_time: from + index * 30_000, event_id: `${id}-${index}`, cascade_id: id }),
  );

describe("a stretch that no store has", () => {
  const missing = { start: START + HOUR_MS, end: START + 2 * HOUR_MS };

  test.each(["long_usd_5m < 1 for 30s", "long_cascade = 0 for 30s", "silent_venues = 0 for 30s", "total_events_15m = 0"])(
    "is not one without liquidations: %s",
    (text) => {
      const preview = previewOf(`${text} cooldown 0s`);
      preview.add([], missing.start);
      preview.addMissing(missing);
      preview.add([], RANGE.end);
      const kinds = preview.finish().events.map(({ kind, time, values }) => [kind, time > missing.end, Object.values(values)[0]]);
      expect(kinds[0], "in it").toEqual(["undetermined", false, null]);
      expect(kinds.slice(1).every(([kind]) => kind !== "fired")).toBe(true);
      const share = preview.finish().undetermined_share ?? 0;
      expect(share).toBeGreaterThan(1 / 6 - 0.01);
      expect(share).toBeLessThan(1 / 6 + 0.05);
    },
  );

  test("makes windows unknown until they lie behind it", () => {
    const preview = previewOf("long_usd_15m > 500 cooldown 0s");
    preview.addMissing({ start: START - HOUR_MS, end: START + 10 * MINUTE_MS });
    preview.add(EVENTS, RANGE.end);
    const fired = preview.finish().events.find(({ kind }) => kind === "fired");
    expect(fired?.time).toBe(START + 25 * MINUTE_MS);
  });

  test("makes cascades unknown until one of before can no longer run, and one that goes on for as long as it runs", () => {
    const end = START + 10 * MINUTE_MS;
    const firedAt = (text: string, events: readonly RuleLiquidation[]) => {
      const preview = previewOf(`${text} cooldown 0s`);
      preview.addMissing({ start: START - 2 * DAY_MS, end });
      preview.add(events, RANGE.end);
      return preview.finish().events.flatMap(({ kind, time }) => (kind === "fired" ? [(time - end) / 1_000] : []));
    };
    expect(firedAt("long_cascade = 0 for 30s", []), "known from a minute on").toEqual([90]);
    const events = [...cascade("c", end + 20_000), ...cascade("d", end + 20 * MINUTE_MS)];
    expect(firedAt("long_cascade = 1", events), "it runs, whenever it began").toEqual([21, 1_201]);
    for (const text of ["long_cascade_usd > 500", "long_cascade_events > 0", "long_cascade_age_s >= 0 and long_cascade_usd > 0"])
      expect(firedAt(text, events), text).toEqual([1_201]);
  });

  test("makes the market unknown, as what it reported is not known", () => {
    const preview = previewOf("mark_price > 0 cooldown 0s");
    preview.add([sampleEvent({ received_time: missing.start - 5_000 })], missing.start);
    preview.addMissing(missing);
    preview.add([], RANGE.end);
    const { looks, held_share } = preview.finish();
    expect(Math.round((held_share ?? 0) * looks), "when it came, and at the tick before the stretch").toBe(2);
  });

  test("makes the percentiles unknown that need it", () => {
    const text = "long_usd_5m > p10(long_usd_5m, 3h) cooldown 0s";
    const from = START - 15 * MINUTE_MS - historyOf(parseRule(text));
    const kinds = (lost: MinuteHistory["missing"]) => {
      const preview = previewOf(text, { history: { minutes: [], from, missing: lost } });
      preview.add(EVENTS, RANGE.end);
      return preview.finish().events.map(({ kind, time }) => [kind, Math.floor((time - START) / HOUR_MS)]);
    };
    expect(kinds([])[0]).toEqual(["fired", 0]);
    const [first, second] = kinds([{ start: START - 2 * HOUR_MS, end: START - HOUR_MS }]);
    expect(first).toEqual(["undetermined", 0]);
    expect(second, "from 2 h and 5 min on the period begins after it, with the windows of its first minutes").toEqual(["fired", 3]);
  });
});

test("fields are unknown while no venue is connected, those of cascades too", () => {
  const gaps = VENUES.map((exchange): Gap => ({ exchange, from_time: START - HOUR_MS, to_time: RANGE.end + 1, reason: "disconnected" }));
  for (const text of ["long_cascade = 0", "long_usd_5m < 1"]) {
    const preview = previewOf(text, { gaps });
    preview.add([], RANGE.end);
    expect(preview.finish(), text).toMatchObject({ fired: 0, undetermined: 1, undetermined_share: 1 });
  }
});

describe("percentiles of minutes that are not known", () => {
  const text = "long_usd_5m > p90(long_usd_5m, 7d) cooldown 0s";
  const history = historyOf(parseRule(text));
  const from = START - 15 * MINUTE_MS - history;
  /** One of 1,000 USD in each minute. */
  const minutes = Array.from({ length: history / MINUTE_MS }, (_, index): MinuteSum => {
    return { minute: from + index * MINUTE_MS, position_side: "long", usd: 1_000, events: 1 };
  });
  const outcome = (known: MinuteHistory | undefined) => {
    const preview = previewOf(text, known === undefined ? {} : { history: known });
    preview.add(EVENTS, RANGE.end);
    const { fired, undetermined_share } = preview.finish();
    return { fired, undetermined_share };
  };

  test("are unknown, and not percentiles of nothing", () => {
    expect(outcome({ minutes, from, missing: [] }), "the market has become quieter").toEqual({ fired: 0, undetermined_share: 0 });
    const late = START - 2 * DAY_MS;
    const kept = minutes.filter(({ minute }) => minute >= late);
    expect(outcome({ minutes: kept, from: late, missing: [] })).toEqual({ fired: 0, undetermined_share: 1 });
    expect(outcome(undefined)).toEqual({ fired: 0, undetermined_share: 1 });
  });

  test("of whose time some was before the collection are of the rest", () => {
    const since = START - 2 * DAY_MS;
    const preview = previewOf(text, { since, history: { minutes: minutes.filter(({ minute }) => minute >= since), from, missing: [] } });
    preview.add(EVENTS, RANGE.end);
    expect(preview.finish()).toMatchObject({ fired: 0, undetermined_share: 0 });
  });
});
