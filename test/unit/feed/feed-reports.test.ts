import { expect, test } from "vitest";
import { FeedReports } from "../../../durable-objects/exchange-feed/feed-reports.ts";
import type { AdlState } from "../../../src/adl/adl-state.ts";
import { AdlTracker } from "../../../src/adl/adl-tracker.ts";
import { okx } from "../../../src/exchanges/okx/okx.ts";
import { feedEntry } from "../../../src/stream/log-entry.ts";
import type { FeedReport } from "../../../src/stream/feed-report.ts";
import { sampleFeedStatus } from "../../workers/sample-feed-status.ts";
import { scopeOf } from "../exchanges/frame-reading.ts";

const START = 1_795_000_000_000;

/** A feed of OKX that ticks every second, with what it reported. */
function openFeed() {
  const { instruments } = scopeOf(okx, "*");
  const adl = new AdlTracker("states", (name) => instruments.get(name));
  const world = { second: 0, isHubDown: false, since: START };
  const sent: (FeedReport & { readonly second: number })[] = [];
  const now = () => START + world.second * 1_000;
  const facts = () =>
    ({ exchange: "okx", state: "live", since: world.since, coverage: okx.coverage, inferred: false, open_gap: null }) as const;
  const reports = new FeedReports({
    adl,
    now,
    send(report) {
      if (world.isHubDown) return Promise.reject(new Error("no hub"));
      sent.push({ ...report, second: world.second });
      return Promise.resolve({ wantsListed: false });
    },
    facts,
    status: () => sampleFeedStatus({ ...facts(), adl_state: adl.status(now()) }),
    listed: () => null,
    coveredTime: () => null,
    oldestOffered: () => null,
    log() {},
  });
  /** The ticks of seconds, each with the state of BTC and of ETH that the venue names in it. */
  const play = async (seconds: readonly (readonly [btc: AdlState, eth: AdlState])[]) => {
    for (const states of seconds) {
      for (const [index, state] of states.entries()) {
        const instrument = ["BTC-USDT-SWAP", "ETH-USDT-SWAP"][index] ?? "";
        adl.note({ kind: "adl", instrument, state, insuranceFund: 1, currency: "USDT", time: now(), validMs: 15_000 }, now());
      }
      reports.tick();
      // What the hub answers is noted before the next tick.
      await new Promise((resolve) => setImmediate(resolve));
      world.second += 1;
    }
  };
  const statuses = () => sent.filter(({ status }) => status !== null);
  return { world, play, sent, statuses };
}

const flapping = (length: number) =>
  Array.from({ length }, (_, second) => ["adl", second % 2 === 0 ? "warning" : "normal"] as const satisfies readonly AdlState[]);

test("states that change every second are each reported to the hub, and their status every ten seconds", async () => {
  const { play, sent, statuses } = openFeed();
  await play([["normal", "normal"], ["warning", "normal"], ["adl", "normal"], ...flapping(30)]);
  expect(
    statuses().map(({ second }) => second),
    "the first, each that is worse than all before, then one in ten seconds",
  ).toEqual([0, 1, 2, 12, 22, 32]);
  expect(sent.length, "every change comes to the hub within a second").toBe(33);
  expect(sent.flatMap(({ adl_rises: rises }) => rises.map(({ instrument }) => instrument)).length).toBe(17);
});

test("the last of many changes has a status too, also when the hub was away", async () => {
  const { play, statuses, world } = openFeed();
  await play([
    ["normal", "normal"],
    ["adl", "normal"],
  ]);
  world.isHubDown = true;
  await play(Array.from({ length: 12 }, () => ["normal", "normal"] as const));
  expect(statuses().length).toBe(2);
  world.isHubDown = false;
  await play(Array.from({ length: 3 }, () => ["normal", "normal"] as const));
  expect(statuses().at(-1)).toMatchObject({ second: 14, adl: { changed_time: START + 2_000 } });
  await play([["warning", "normal"]]);
  expect(statuses().length, "the next one begins at once").toBe(4);
});

test("a feed whose own state changes says so at once", async () => {
  const { play, statuses, world } = openFeed();
  await play([
    ["normal", "normal"],
    ["adl", "normal"],
    ["normal", "normal"],
  ]);
  world.since += 1;
  await play([["normal", "normal"]]);
  expect(statuses().map(({ second }) => second)).toEqual([0, 1, 3]);
});

test("a frame of a feed lists the contracts that are in another state than normal, and keeps when one last changed", () => {
  const { instruments } = scopeOf(okx, "*");
  const adl = new AdlTracker("states", (name) => instruments.get(name));
  const note = (instrument: string, state: AdlState | null, time: number) =>
    adl.note({ kind: "adl", instrument, state, insuranceFund: 1, currency: "USDT", time, validMs: 15_000 }, time);
  note("BTC-USDT-SWAP", "warning", START);
  note("ETH-USDT-SWAP", "normal", START + 1);
  note("SOL-USDT-SWAP", null, START + 2);
  const bodyOf = (changes: Parameters<typeof sampleFeedStatus>[0]) =>
    JSON.parse(`{${feedEntry(sampleFeedStatus(changes), START).body}}`).data;
  const state = bodyOf({ adl_state: adl.status(START + 3) }).adl_state;
  expect(state).toMatchObject({ source: "states", changed_time: START, contracts: [{ instrument: "BTC-USDT-SWAP", state: "warning" }] });
  expect(state.contracts).toHaveLength(1);
  expect(bodyOf({ adl_state: null }).adl_state).toBeNull();
});
