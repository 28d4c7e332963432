import { expect, test } from "vitest";
import { deliveryTexts, endpointsText, offsetText, stateText } from "../../../dashboard/src/screens/rules/delivery-text.ts";
import { bodyOf, deliveryMistake, draft, editRule } from "../../../dashboard/src/screens/rules/rule-draft.ts";

const RULE = {
  id: "rul_1",
  owner: "key_1",
  name: "Longs",
  rule: "long_usd_5m > 1e6",
  symbols: ["BTC", "ETH"],
  enabled: true,
  followed: true,
  endpoints: 1,
  escalate_after_s: 600,
  quiet_hours: { start: "22:00", end: "07:00", utc_offset_minutes: -210 },
  digest_minutes: 30,
  version: 1,
  created_time: 1,
};

test("a rule that is edited keeps its escalation, quiet hours and digest", () => {
  editRule(RULE);
  const { name, rule, symbols, escalate_after_s, quiet_hours, digest_minutes } = RULE;
  expect(bodyOf(draft.peek())).toEqual({ name, rule, symbols, escalate_after_s, quiet_hours, digest_minutes });
});

test("fields that were emptied take their settings away, and a rule about single liquidations has no escalation", () => {
  editRule(RULE);
  const emptied = { ...draft.peek(), escalateAfterS: "", quietStart: "", quietEnd: "", digestMinutes: "" };
  expect(bodyOf(emptied)).toMatchObject({ escalate_after_s: null, quiet_hours: null, digest_minutes: null });
  expect(bodyOf({ ...draft.peek(), text: "usd_value > 1e6" })).toMatchObject({ escalate_after_s: null, digest_minutes: 30 });
});

test("quiet hours that are not whole are a mistake", () => {
  editRule(RULE);
  const whole = draft.peek();
  expect(deliveryMistake(whole)).toBeNull();
  expect(deliveryMistake({ ...whole, quietEnd: "" })).toBe("Quiet hours need both a start and an end.");
  expect(deliveryMistake({ ...whole, quietEnd: "22:00" })).toBe("Quiet hours must not start when they end.");
  expect(deliveryMistake({ ...whole, utcOffsetMinutes: "" })).toContain("offset");
  expect(deliveryMistake({ ...whole, quietStart: "", quietEnd: "", utcOffsetMinutes: "" })).toBeNull();
});

test("the list says when a rule delivers, and whom it reaches", () => {
  expect(deliveryTexts(RULE)).toEqual(["escalates after 10 min", "quiet from 22:00 to 07:00 (UTC−03:30)", "a digest every 30 min"]);
  expect(deliveryTexts({ escalate_after_s: 45, quiet_hours: null, digest_minutes: null })).toEqual(["escalates after 45 s"]);
  expect([0, 60, 330].map(offsetText)).toEqual(["UTC", "UTC+01:00", "UTC+05:30"]);
  expect(endpointsText(0)).toContain("nothing is sent");
  expect([1, 3].map(endpointsText)).toEqual([
    expect.stringContaining("one webhook endpoint,"),
    expect.stringContaining("3 webhook endpoints,"),
  ]);
  expect(stateText({ enabled: true, followed: false })).toBe("not followed: its key has ended, or its text cannot be read");
  expect(stateText({ enabled: false, followed: false })).toBe("paused");
});
