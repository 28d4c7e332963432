import { describe, expect, test } from "vitest";
import { CHATS, sourceOf } from "./read-message.ts";
import { ALL_TYPES, TIME, sampleOf } from "./sample-events.ts";

/** The samples of each type, and those whose words differ. */
const SAMPLES = [
  ...ALL_TYPES.map((type) => ({ name: type as string, event: sampleOf(type) })),
  {
    name: "signal.issued to sell, not paper",
    event: sampleOf("signal.issued", { action: "SELL", paper: false, calibrated_probability: 0.58 }),
  },
  {
    name: "signal.issued for NOTHING, of the rules",
    event: sampleOf("signal.issued", {
      action: "NOTHING",
      confidence: 0,
      analyst: "rules",
      model: null,
      reason: "Neither side dominates.",
      reason_code: "no_key",
      invalidation: null,
      trigger: "turn",
    }),
  },
  { name: "cascade.started of longs", event: sampleOf("cascade.started", { position_side: "long", extreme_mark: 3_001.31 }) },
  {
    name: "cascade.started in a gap, without a mark",
    event: sampleOf("cascade.started", {
      start_mark: null,
      extreme_mark: null,
      move_bps: null,
      first_exchange: null,
      gaps: [{ exchange: "bybit", from_time: 0, to_time: null, reason: "silent" }],
    }),
  },
  {
    name: "venue.changed, a topic of a venue without a feed",
    event: sampleOf("venue.changed", {
      venue: "mexc",
      url: "https://contract.mexc.com",
      change: "liquidation_feed",
      added: ["sub.liquidation"],
      previous_time: null,
    }),
  },
  {
    name: "rule.fired for a single liquidation",
    event: sampleOf("rule.fired", {
      name: "One large liquidation",
      rule: "usd_value >= 250_000 cooldown 1m",
      values: { exchange: "okx", position_side: "long", usd_value: 1_234_567, price: 60_000.5, cum_usd_1m: 1_934_567 },
      liquidation_id: "okx:BTC-USDT-SWAP:1795251900000:1",
    }),
  },
  {
    name: "rule.digest, undetermined alone",
    event: sampleOf("rule.digest", {
      fired: 0,
      undetermined: 1,
      by_symbol: [{ symbol: "BTC", fired: 0, undetermined: 1 }],
      largest: null,
    }),
  },
  {
    name: "rule.digest of single liquidations",
    event: sampleOf("rule.digest", {
      name: "One large liquidation",
      rule: "usd_value >= 250_000 cooldown 1m",
      fired: 1,
      by_symbol: [{ symbol: "BTC", fired: 1, undetermined: 0 }],
      largest: {
        kind: "fired",
        symbol: "BTC",
        time: TIME,
        values: { exchange: "okx", position_side: "short", usd_value: 1_234_567, price: 60_000.5 },
        liquidation_id: "okx:BTC-USDT-SWAP:1795251900000:1",
        silent_exchanges: [],
      },
      events: [],
    }),
  },
  {
    name: "rule.fired without a sum over venues",
    event: sampleOf("rule.fired", { name: "Venue silent", rule: "silent_s > 120", values: { silent_s: 130 }, silent_exchanges: ["okx"] }),
  },
  { name: "liquidation.large of a short", event: sampleOf("liquidation.large", { position_side: "short", cascade_id: null, not_sent: 0 }) },
];

describe("the message of each kind of event reads as it was read and approved:", () => {
  for (const format of CHATS) {
    test(format, async () => {
      const messages = SAMPLES.map(({ name, event }) => `=== ${name}\n${sourceOf(format, event).trimEnd()}\n`);
      await expect(messages.join("\n")).toMatchFileSnapshot(`golden/${format}.txt`);
    });
  }
});
