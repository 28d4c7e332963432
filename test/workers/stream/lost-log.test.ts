import { expect, test } from "vitest";
import { DEFAULT_CHANNELS } from "../../../src/stream/filter.ts";
import { liquidationEntry } from "../../../src/stream/log-entry.ts";
import type { StreamPicture } from "../../../src/stream/relay-protocol.ts";
import { type ReplayDependencies, replay } from "../../../workers/stream/replay/replay-stream.ts";
import { sampleLiquidation } from "../sample-liquidation.ts";

const NOW = Date.now();

test("a replay over a log that is lost names the gap, and sends the new log from its beginning", async () => {
  const picture: StreamPicture = {
    time: NOW,
    through: null,
    gaps: [],
    extent: { epoch: "firstlog", from: 0, head: 900 },
    oldest_time: NOW - 3_600_000,
    venues: [],
    contracts: null,
    cascades: [],
    totals: [],
  };
  const entries = [1, 2].map((sequence) => ({
    ...liquidationEntry(sampleLiquidation({ event_id: `binance:BTCUSDT:${sequence}`, event_time: NOW, received_time: NOW })),
    sequence,
    time: NOW,
  }));
  let now = NOW;
  const deps: ReplayDependencies = {
    picture: async () => picture,
    before: async () => 800,
    read: async (after) => ({
      epoch: "secondlog",
      after,
      to: Math.max(after, 2),
      entries: entries.filter(({ sequence }) => sequence > after),
    }),
    async *stored() {},
    now: () => now,
    sleep: async (ms) => {
      now += ms;
    },
  };
  const sentIds: (string | null)[] = [];
  const sink = {
    isOpen: true,
    send: async (type: string, id: string | null) => {
      if (type !== "snapshot") sentIds.push(type === "gap" ? `gap ${id}` : id);
      return true;
    },
    beat: () => undefined,
    close: () => undefined,
  };
  const filter = { channels: DEFAULT_CHANNELS, symbols: null, exchanges: null, side: null, min_usd: null, inferred: false };
  const last = await replay(deps, { from: NOW - 500, speed: 1, filter }, sink);
  expect(sentIds).toEqual([null, "gap secondlog-0", "secondlog-1", "secondlog-2", "secondlog-2"]);
  expect(last).toBe("secondlog-2");
});
