import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { LargeLiquidations, type NotedLiquidation } from "../../../durable-objects/market-hub/large-liquidations.ts";
import { ObjectMemory } from "../../../durable-objects/object-memory.ts";
import { liquidationEntry } from "../../../src/stream/log-entry.ts";
import type { PublishOutcome } from "../../../src/webhooks/event.ts";
import { sampleLiquidation } from "../sample-liquidation.ts";

const HOUR = 3_600_000;
const FAILED: PublishOutcome = { kind: "failed", reason: "D1 is down", final: false };

const idsOf = (some: readonly NotedLiquidation[]) => some.map(({ liquidation }) => liquidation.event_id);
const noted = (event_id: string) => [liquidationEntry(sampleLiquidation({ event_id, usd_value: 2e6 }))];

test("what cannot be published waits, over a restart too, and is given up after an hour", () =>
  runInDurableObject(env.MARKET_HUB.getByName(`large-${crypto.randomUUID()}`), async (_object, { storage: { sql } }) => {
    let now = 1_800_000_000_000;
    let outcome: PublishOutcome = FAILED;
    const published: string[] = [];
    const dead: string[] = [];
    const open = () =>
      new LargeLiquidations({
        sql,
        memory: new ObjectMemory(sql),
        publish(some) {
          if (outcome.kind === "queued") published.push(...idsOf(some));
          return Promise.resolve(outcome);
        },
        addDeadLetters(some) {
          dead.push(...idsOf(some));
          return Promise.resolve();
        },
        now: () => now,
      });
    const first = open();
    first.setLowest({ "*": 1e6 });
    first.note(noted("one"));
    await first.run();
    outcome = { kind: "queued" };
    await first.run();
    expect(published, "its wait is not over").toEqual([]);

    now += 10_000;
    const second = open();
    second.note(noted("two"));
    await second.run();
    await second.run();
    expect(published).toEqual(["one", "two"]);

    outcome = FAILED;
    second.note(noted("three"));
    await second.run();
    now += HOUR;
    await second.run();
    await second.run();
    expect([published, dead]).toEqual([["one", "two"], ["three"]]);
    second.setLowest({});
    open().note(noted("four"));
    expect(sql.exec("SELECT * FROM large_outbox").toArray()).toEqual([]);
  }));
