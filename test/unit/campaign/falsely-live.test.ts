import { expect, test } from "vitest";
import { falselyLive, type SeenState } from "../../../scripts/campaign/watch.ts";
import type { PlayedFault } from "../../../scripts/campaign/play.ts";

const STALL: PlayedFault = { fault: { at: 0, exchange: "okx", venue: { kind: "stall", ms: 50_000 } }, from: 100_000, to: 150_000 };

function seen(time: number, state: SeenState["state"], exchange: SeenState["exchange"] = "okx"): SeenState {
  return { time, exchange, state };
}

test("a feed that is live 40 s into a silence is a violation, and one that is stale or another venue's is none", () => {
  expect(falselyLive([seen(140_000, "live")], [STALL])).toEqual(["okx was live 40 s into stall"]);
  expect(falselyLive([seen(140_000, "stale"), seen(140_000, "live", "bybit")], [STALL])).toEqual([]);
});

test("a feed may be live for the first seconds of a silence, and after it", () => {
  expect(falselyLive([seen(120_000, "live"), seen(151_000, "live")], [STALL])).toEqual([]);
});
