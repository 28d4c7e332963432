import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { probeVenue } from "../../../durable-objects/exchange-feed/sockets/probe-venue.ts";
import { parseConfig } from "../../../src/config.ts";
import type { FeedProbe } from "../../../src/exchanges/exchange.ts";
import type { ProbeOutcome } from "../../../src/exchanges/feed-probe.ts";
import { VENUES_WITHOUT_FEED } from "../../../src/exchanges/without-feed/venues-without-feed.ts";
import { DAY_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { type FeedProbesRecord, feedProbes } from "../../../workers/cron/feed-probes.ts";
import { readVenueWatch } from "../../../workers/venue-watch/venue-watch.ts";
import { emptyStorage } from "../empty-storage.ts";
import { DAY } from "../sample-liquidation.ts";
import { workerEnv } from "../signals/signals-stage.ts";

beforeEach(emptyStorage);

const probeOf = (venue: string): FeedProbe => {
  const found = VENUES_WITHOUT_FEED.find(({ probe }) => probe.venue === venue)?.probe;
  if (found === undefined) throw new Error(`no probe of ${venue}`);
  return found;
};

/** @param accepted the candidate that the venue accepts, `none` or `refused` */
const ask = (venue: string, accepted: string) =>
  probeVenue(probeOf(venue), `${env.PROBED_VENUES_URL}/${encodeURIComponent(accepted)}`, {
    fetch: (input, init) => fetch(input, init),
    request: () => Promise.reject(new Error("no REST here")),
    now: Date.now,
  });

describe.each([
  { venue: "hyperliquid", topic: "allLiquidations" },
  { venue: "bingx", topic: "BTC-USDT@liquidation" },
  { venue: "mexc", topic: "sub.force.order" },
])("a probe of $venue over a socket", ({ venue, topic }) => {
  const count = probeOf(venue).candidates.length;

  test("finds nothing where the venue refuses all candidates, and the one that it accepts", async () => {
    expect(await ask(venue, "none")).toEqual({ error: null, accepted: [], refused: count, unanswered: 0 });
    expect(await ask(venue, topic)).toEqual({ error: null, accepted: [topic], refused: count - 1, unanswered: 0 });
  });

  test("proves nothing where the venue refuses the connection", async () => {
    expect(await ask(venue, "refused")).toMatchObject({ error: expect.stringMatching(/^HTTP 451 from 127\.0\.0\.1/), accepted: [] });
  });
});

const config = parseConfig({ ...env });
const run = (now: number, outcome: Partial<ProbeOutcome> = {}): Promise<FeedProbesRecord> =>
  feedProbes(workerEnv, config, now, () => Promise.resolve({ error: null, accepted: [], refused: 9, unanswered: 0, ...outcome }));
const watch = (now: number) => readVenueWatch(env.DB, config, now);
const kucoinOf = async (now: number) => (await watch(now)).without_feed.find(({ venue }) => venue === "kucoin");

test("the object asks KuCoin, whose simulator speaks its protocol, and status says when and with what outcome", async () => {
  expect(await feedProbes(workerEnv, config, DAY)).toEqual({ probed: "kucoin", error: null, accepted: [], refused: 9, unanswered: 0 });
  expect(await kucoinOf(DAY)).toEqual({
    venue: "kucoin",
    title: "KuCoin futures",
    probed_time: DAY,
    topics_asked: 9,
    topics_refused: 9,
    topics_unanswered: 0,
    topics_accepted: [],
    found_time: null,
    next_time: DAY + 7 * DAY_MS,
    error: null,
    failing_since: null,
  });
  expect((await watch(DAY)).without_feed.map(({ venue }) => venue)).toEqual(["kucoin", "hyperliquid", "bingx", "mexc"]);
});

test("a venue is asked once a week, one in a run, and the day after a failure", async () => {
  const both = { ...config, LIQUIDATION_PROBES: new Map([...config.LIQUIDATION_PROBES, ["mexc", "http://127.0.0.1:9"]]) };
  const asked: string[] = [];
  const runs = async (now: number) => {
    for (let n = 0; n < 3; n += 1) {
      await feedProbes(workerEnv, both, now + n * MINUTE_MS, (venue) => {
        asked.push(venue);
        return Promise.resolve({ error: venue === "mexc" ? "HTTP 451" : null, accepted: [], refused: 0, unanswered: 0 });
      });
    }
    return asked.splice(0);
  };
  expect(await runs(DAY)).toEqual(["kucoin", "mexc"]);
  expect(await runs(DAY + DAY_MS + MINUTE_MS)).toEqual(["mexc"]);
  expect(await runs(DAY + 7 * DAY_MS)).toEqual(["kucoin", "mexc"]);
  const { without_feed } = await readVenueWatch(env.DB, both, DAY);
  expect(without_feed.find(({ venue }) => venue === "mexc")).toMatchObject({
    probed_time: null,
    error: "HTTP 451",
    failing_since: DAY + MINUTE_MS,
  });
});

test("an accepted topic is a notice until it is refused again, and is not forgotten over a failure", async () => {
  const topic = "/contract/liquidation";
  await run(DAY);
  const found = DAY + 7 * DAY_MS;
  await run(found, { accepted: [topic], refused: 8 });
  const notice = { venue: "kucoin", kind: "liquidation_feed", time: found, url: null };
  expect((await watch(found)).notices).toMatchObject([{ ...notice, text: `kucoin accepts ${topic}: it may publish liquidations by now` }]);
  await run(found + 7 * DAY_MS, { error: "closed with 1006" });
  expect((await watch(found)).notices).toMatchObject([notice]);
  await run(found + 8 * DAY_MS);
  expect((await watch(found)).notices).toEqual([]);
});
