import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import { HubRules, type HubRulesDependencies } from "../../../durable-objects/market-hub/hub-rules.ts";
import { RuleOutbox } from "../../../durable-objects/market-hub/rule-outbox.ts";
import { ObjectMemory } from "../../../durable-objects/object-memory.ts";
import { parseConfig } from "../../../src/config.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { type DueDelivery, type LiveRule, type LoggedHappening, happeningId, happeningOf } from "../../../src/rules/live-rule.ts";
import { parseRule } from "../../../src/rules/parse-rule.ts";
import type { PublishOutcome } from "../../../src/webhooks/event.ts";
import { ruleNews } from "../../../src/webhooks/make-event.ts";
import { HOUR_MS } from "../../../src/windows/calendar.ts";
import type { Env } from "../../../workers/env.ts";
import { previewStored } from "../../../workers/rules/preview-stored.ts";
import { storedMinutes } from "../../../workers/rules/stored-minutes.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { emptyStorage } from "../empty-storage.ts";
import { DAY, sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";

const config = parseConfig({ LIQUIDATION_EXCHANGES: "okx,bybit", LIQUIDATION_SYMBOLS: "BTC,ETH" });
const START = DAY + 12 * HOUR_MS;
/** Of the first stored liquidation: percentiles need a day. */
const SINCE = START - 30 * HOUR_MS;

afterEach(emptyStorage);

function liveRule(text: string, changes: Partial<LiveRule> = {}, id = "rul_1"): LiveRule {
  const followed = { id, version: 1, rule: parseRule(text), symbols: ["BTC", "ETH"], escalateAfterMs: 60_000 };
  return { followed, owner: "key_1", name: "mine", text, quietHours: null, digestMinutes: null, ...changes };
}

/** Uniform numbers in [0, 1), the same each time (Park & Miller 1988). */
function numbers(): () => number {
  let state = 20261128;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** An hour of two symbols and venues, with a burst, late ones, and values that are unknown. */
function storedHour(): readonly Liquidation[] {
  const random = numbers();
  return Array.from({ length: 700 }, (_, index) => {
    const isBurst = index % 100 > 70;
    const event_time = START - 900_000 + Math.floor(index * 6_400 + random() * (isBurst ? 900 : 6_000));
    return sampleLiquidation({
      event_id: `e-${index}`,
      exchange: random() < 0.5 ? "okx" : "bybit",
      symbol: random() < 0.7 ? "BTC" : "ETH",
      position_side: random() < 0.6 ? "long" : "short",
      event_time,
      received_time: event_time + Math.floor(random() * (random() < 0.05 ? 40_000 : 400)),
      usd_value: Math.floor(random() * 40_000) * 0.25 * (isBurst ? 40 : 1),
      mark_price: 60_000 - index,
      spread_bps: random() < 0.2 ? null : Math.floor(random() * 10),
      cascade_id: isBurst ? `c-${Math.floor(index / 100)}` : null,
    });
  });
}

/** Totals are those of a batch's venue. */
async function store(rows: readonly Liquidation[]): Promise<void> {
  for (const exchange of ["okx", "bybit"] as const) {
    const own = rows.filter((row) => row.exchange === exchange);
    await d1Sink.write(env as unknown as Env, config, sampleBatch(own, exchange));
  }
}

const RULES = [
  liveRule("usd_value >= 300_000 and spread_bps < 8 cooldown 1m", {}, "rul_event"),
  liveRule("long_usd_5m > p90(long_usd_5m, 24h) and spread_bps < 5 for 20s cooldown 2m", {}, "rul_window"),
  liveRule("long_cascade = 1 and long_cascade_usd / total_usd_15m > 0.1 cooldown 1m", {}, "rul_cascade"),
  liveRule("okx_silent_s > 60 cooldown 0s", {}, "rul_feed"),
];

test("what rules did live is what a preview of the same stored hour says, restarts included", async () => {
  const workerEnv = env as unknown as Env;
  const rows = storedHour();
  const gap = { exchange: "okx", from_time: START + 600_500, to_time: START + 900_500, reason: "disconnected" } as const;
  const first = sampleLiquidation({ event_id: "first", symbol: "BTC", event_time: SINCE, received_time: SINCE, usd_value: 1 });
  const before = Array.from({ length: 200 }, (_, index) =>
    sampleLiquidation({
      event_id: `b-${index}`,
      event_time: SINCE + index * 500_000,
      received_time: SINCE + index * 500_000,
      usd_value: index * 64,
      // A cascade of ten hours before.
      ...([158, 159].includes(index) ? { cascade_id: "early", mark_price: index === 158 ? 60_000 : 58_000 } : {}),
    }),
  );
  await d1Sink.write(workerEnv, config, sampleBatch([first, ...before]));
  const live: LoggedHappening[] = [];
  const delivered: DueDelivery[] = [];
  await runInDurableObject(env.MARKET_HUB.getByName(`rules-${crypto.randomUUID()}`), async (_object, { storage: { sql } }) => {
    let now = START - 901_000;
    const logged: Liquidation[] = before.filter(({ cascade_id: id }) => id !== null);
    const deps: HubRulesDependencies = {
      sql,
      memory: new ObjectMemory(sql),
      venues: ["okx", "bybit"],
      since: SINCE,
      state: {
        between: () => {
          throw new Error("not asked for");
        },
        events: (symbol, side, after, upTo, received) =>
          logged
            .filter((one) => one.symbol === symbol && one.position_side === side && one.event_time > after && one.event_time <= upTo)
            .filter((one) => one.received_time <= received)
            .map((one) => ({ time: one.event_time, usd: one.notional_mark_usd ?? 0, exchange: one.exchange })),
      },
      gaps: [],
      loggedSince: (time) => logged.filter(({ received_time: received }) => received >= time),
      cascadesSince: (time) => logged.filter(({ received_time: received, cascade_id: id }) => received >= time && id !== null),
      readRules: () => Promise.resolve(RULES),
      readMinutes: (symbol, range) => storedMinutes(env.DB, symbol, range),
      log(happenings) {
        live.push(...happenings.map((one) => one.logged));
        return Promise.resolve();
      },
      publish(delivery) {
        delivered.push(delivery);
        return Promise.resolve<PublishOutcome>({ kind: "queued" });
      },
      addDeadLetter: () => Promise.resolve(),
      now: () => now,
    };
    let rules = new HubRules(deps);
    await rules.beat();
    const arriving = rows.toSorted((a, b) => a.received_time - b.received_time);
    let next = 0;
    for (; now < START + HOUR_MS + 2_000; now += 500) {
      const arrived = [];
      for (let row = arriving[next]; row !== undefined && row.received_time + 100 <= now; row = arriving[next]) {
        arrived.unshift(row);
        next += 1;
      }
      logged.push(...arrived);
      if (arrived.length > 0) rules.note(arrived);
      if (now === START + 601_000) rules.noteGap({ ...gap, to_time: null });
      if (now === START + 901_000) rules.noteGap(gap);
      if (now % 10_000 === 0) await rules.beat();
      if (now === START + 1_800_500) {
        // A restart: what was logged since the last beat is looked at again.
        await store(logged);
        rules = new HubRules({ ...deps, memory: new ObjectMemory(sql), gaps: [gap] });
        await rules.beat();
      }
    }
    await rules.beat();
  });
  await store(rows);
  await env.DB.prepare("INSERT INTO gaps (exchange, from_time, to_time, reason) VALUES ('okx', ?, ?, 'disconnected')")
    .bind(gap.from_time, gap.to_time)
    .run();

  const range = { start: START, end: START + HOUR_MS };
  let total = 0;
  for (const { followed } of RULES) {
    const { events, fired } = await previewStored(workerEnv, config, followed, range, range.end + HOUR_MS);
    const expected = events.map((event) => ({ id: happeningId(event), ...happeningOf(event) }));
    const own = live.filter(({ id, time }) => id.includes(`:${followed.id}:`) && time > range.start && time <= range.end);
    expect(own.map(({ release_time: _release, omitted: _omitted, ...one }) => one).toSorted(byId)).toEqual(expected.toSorted(byId));
    expect(fired, followed.id).toBeGreaterThan(0);
    total += events.length;
  }
  expect(total).toBeGreaterThan(20);
  expect(delivered.map(({ of: { owner } }) => owner)).toContain("key_1");
});

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1;
}

test("what happens in quiet hours is stored at once and delivered as one digest at their end; what fails is tried again", () =>
  runInDurableObject(env.MARKET_HUB.getByName(`rules-${crypto.randomUUID()}`), async (_object, { storage: { sql } }) => {
    let now = START;
    let outcome: PublishOutcome = { kind: "queued" };
    const stored: string[] = [];
    const deliveries: DueDelivery[] = [];
    // 12:00 to 13:00 UTC: the zone is two hours ahead.
    const quietHours = { startMinute: 14 * 60, endMinute: 15 * 60, utcOffsetMinutes: 120 };
    let all = [liveRule("usd_value > 5 cooldown 1m", { quietHours })];
    const rules = new HubRules({
      sql,
      memory: new ObjectMemory(sql),
      venues: ["okx"],
      since: 0,
      state: {
        between: () => {
          throw new Error("not asked for");
        },
        events: () => [],
      },
      gaps: [],
      loggedSince: () => [],
      cascadesSince: () => [],
      readRules: () => Promise.resolve(all),
      readMinutes: () => Promise.resolve([]),
      log(happenings) {
        stored.push(...happenings.map(({ logged }) => logged.id));
        return Promise.resolve();
      },
      publish(delivery) {
        deliveries.push(delivery);
        return Promise.resolve(outcome);
      },
      addDeadLetter: () => Promise.resolve(),
      now: () => now,
    });
    await rules.changed();
    for (const minute of [1, 3, 5]) {
      now = START + minute * 60_000;
      rules.note([sampleLiquidation({ event_id: `e-${minute}`, event_time: now, received_time: now, usd_value: 10 })]);
      now += 3_000;
      await rules.beat();
    }
    expect(stored).toHaveLength(3);
    expect(deliveries).toEqual([]);
    outcome = { kind: "failed", reason: "D1 is down", final: false };
    now = START + HOUR_MS;
    await rules.beat();
    expect(deliveries).toMatchObject([{ isDigest: true, happenings: [{ symbol: "BTC" }, {}, {}], of: { rule_id: "rul_1" } }]);
    outcome = { kind: "queued" };
    now += 11_000;
    await rules.beat();
    await rules.beat();
    expect(deliveries).toHaveLength(2);

    // Of a rule that is gone, as one is whose key was revoked, nothing more happens.
    all = [];
    await rules.changed();
    rules.note([sampleLiquidation({ event_id: "last", event_time: now, received_time: now, usd_value: 10 })]);
    now += 200_000;
    await rules.beat();
    expect(stored).toHaveLength(3);
  }));

test("a digest is whole, however much it holds, and what comes late is one more", () =>
  runInDurableObject(env.MARKET_HUB.getByName(`rules-${crypto.randomUUID()}`), async (_object, { storage: { sql } }) => {
    const deliveries: DueDelivery[] = [];
    const outbox = new RuleOutbox({
      sql,
      log: () => Promise.resolve(),
      publish(delivery) {
        deliveries.push(delivery);
        return Promise.resolve<PublishOutcome>({ kind: "queued" });
      },
      addDeadLetter: () => Promise.resolve(),
      now: () => START + HOUR_MS,
    });
    const of = { rule_id: "rul_1", owner: "admin", name: "mine", rule: "usd_value > 1" };
    const add = (index: number) => {
      const content = { kind: "fired", symbol: "BTC", values: {}, liquidation_id: null, silent_exchanges: [], omitted: false } as const;
      outbox.add(of, { ...content, id: `rule.fired:rul_1:BTC:${START + index}`, time: START + index, release_time: START + 1_000_000 }, 1);
    };
    for (let index = 0; index < 620; index += 1) add(index);
    await outbox.run();
    add(620);
    await outbox.run();
    expect(deliveries.map(({ isDigest, happenings, notSent }) => [isDigest, happenings.length, notSent])).toEqual([
      [true, 620, 620],
      [true, 1, 1],
    ]);
    expect(new Set(deliveries.map((delivery) => ruleNews(delivery, ["okx"])?.id)).size).toBe(2);
  }));

test("what happens more than 60 times in an hour is stored, and the next delivery counts it, also after a restart", () =>
  runInDurableObject(env.MARKET_HUB.getByName(`rules-${crypto.randomUUID()}`), async (_object, { storage: { sql } }) => {
    let now = START;
    const stored: LoggedHappening[] = [];
    const deliveries: DueDelivery[] = [];
    const open = () =>
      new HubRules({
        sql,
        memory: new ObjectMemory(sql),
        venues: ["okx"],
        since: 0,
        state: {
          between: () => {
            throw new Error("not asked for");
          },
          events: () => [],
        },
        gaps: [],
        loggedSince: () => [],
        cascadesSince: () => [],
        readRules: () => Promise.resolve([liveRule("usd_value > 5 cooldown 0s")]),
        readMinutes: () => Promise.resolve([]),
        log(happenings) {
          stored.push(...happenings.map(({ logged }) => logged));
          return Promise.resolve();
        },
        publish(delivery) {
          deliveries.push(delivery);
          return Promise.resolve<PublishOutcome>({ kind: "queued" });
        },
        addDeadLetter: () => Promise.resolve(),
        now: () => now,
      });
    let rules = open();
    await rules.changed();
    const happen = async (count: number) => {
      const sample = (index: number) =>
        sampleLiquidation({ event_id: `e-${now}-${index}`, event_time: now, received_time: now, usd_value: 10 });
      rules.note(Array.from({ length: count }, (_, index) => sample(index)));
      now += 3_000;
      await rules.beat();
    };
    now += 5_000;
    await happen(64);
    expect(stored.map(({ omitted }) => omitted)).toEqual(Array.from({ length: 64 }, (_, index) => index >= 60));
    expect(deliveries).toHaveLength(60);
    rules = open();
    await rules.changed();
    now = START + HOUR_MS + 5_000;
    await happen(1);
    expect(deliveries.map(({ notSent }) => notSent)).toEqual([...Array.from({ length: 60 }, () => 0), 4]);
  }));
