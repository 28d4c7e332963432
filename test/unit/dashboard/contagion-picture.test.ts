import { expect, test } from "vitest";
import type { Contagion, ContagionEntry } from "../../../dashboard/src/api/schema.ts";
import { contagionPicture } from "../../../dashboard/src/screens/venues/contagion-picture.ts";

const EFFECT = { reason: null, p_value: 0.01, ratio: 0.2, ratio_low: 0.1, ratio_high: 0.3, share_low: 0.1, share_high: 0.3, delay_s: 3 };

function entry(from: "bybit" | "gate" | "okx", to: "bybit" | "gate" | "okx", changes: Partial<ContagionEntry> = {}): ContagionEntry {
  return { from_exchange: from, to_exchange: to, ...EFFECT, share_of_events: 0.2, floor_ms: 1_500, outweighs_reverse: true, ...changes };
}

const VENUE = { coverage: "all_reported", throttled: false, events: 1_000, covered_share: 1, resolution_ms: 500, left_out: null } as const;
const CONTAGION: Contagion = {
  symbol: "ETH",
  start_time: 0,
  end_time: 1,
  method: "hawkes-em-1",
  withheld: null,
  venues: [
    { ...VENUE, exchange: "bybit" },
    { ...VENUE, exchange: "gate" },
    { ...VENUE, exchange: "okx", throttled: true, left_out: "gaps" },
  ],
  covered_share: 1,
  entries: [
    entry("bybit", "bybit"),
    entry("bybit", "gate"),
    entry("gate", "bybit", { share_of_events: 0.02, outweighs_reverse: false }),
    entry("bybit", "okx"),
  ],
  spectral_radius: null,
  nulls: 1_000,
  from_btc: null,
};

test("there is a node for each compared venue, and an arrow for each entry between two of them, wider for a larger share", () => {
  const { nodes, arrows } = contagionPicture(CONTAGION);
  expect(nodes.map(({ exchange }) => exchange)).toEqual(["bybit", "gate"]);
  expect(arrows.map(({ key, isClear }) => [key, isClear])).toEqual([
    ["bybit gate", true],
    ["gate bybit", false],
  ]);
  expect(arrows[0]?.width).toBeGreaterThan(arrows[1]?.width ?? 0);
  // Both directions are seen beside each other.
  expect(arrows[0]?.line).not.toBe(arrows[1]?.line);
});

test("an entry that does not beat its nulls is no arrow", () => {
  const nothing = { reason: "not_beyond_chance", ratio: null, share_of_events: null } as const;
  expect(contagionPicture({ ...CONTAGION, entries: [entry("bybit", "gate", nothing)] }).arrows).toEqual([]);
});
