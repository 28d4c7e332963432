import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { CascadeOutbox } from "../../../durable-objects/market-hub/cascade-outbox.ts";
import { CascadePublisher, type PublisherDependencies } from "../../../durable-objects/market-hub/cascade-publisher.ts";
import type { CascadeRecord, CascadeTransition } from "../../../src/cascade/cascade-record.ts";
import type { PublishOutcome } from "../../../src/webhooks/event.ts";
import { sampleCascade } from "../../unit/cascade/sample-cascade.ts";

const MINUTE_MS = 60_000;
const REFUSED: PublishOutcome = { kind: "failed", reason: "endpoint whe_1: no storage left", final: false };

interface Stage {
  readonly outbox: CascadeOutbox;
  readonly run: (afterMs?: number) => Promise<void>;
  readonly published: string[];
  readonly saved: CascadeRecord[];
  readonly dead: string[];
  readonly outcomes: Map<string, PublishOutcome>;
}

/** Runs a test on the outbox of a hub of its own; transitions are published unless `outcomes` says otherwise. */
function onStage(act: (stage: Stage) => Promise<void>, broken: Partial<PublisherDependencies> = {}): Promise<void> {
  const hub = env.MARKET_HUB.getByName(crypto.randomUUID());
  return runInDurableObject(hub, async (_object, { storage }) => {
    let now = Date.UTC(2026, 10, 22);
    const outbox = new CascadeOutbox(storage.sql);
    const stage = { outbox, published: [], saved: [], dead: [], outcomes: new Map() } as unknown as Stage;
    const publisher = new CascadePublisher(outbox, {
      async saveCascades(records) {
        stage.saved.push(...records);
      },
      async publish({ kind, record }) {
        const outcome = stage.outcomes.get(record.cascade_id) ?? { kind: "queued" };
        if (outcome.kind === "queued") stage.published.push(`${record.cascade_id} ${kind}`);
        return outcome;
      },
      async addDeadLetter({ record }, _time, reason) {
        stage.dead.push(`${record.cascade_id}: ${reason}`);
      },
      now: () => now,
      ...broken,
    });
    const run = (afterMs = 0) => {
      now += afterMs;
      return publisher.run();
    };
    await act({ ...stage, run });
  });
}

const START = Date.UTC(2026, 10, 22);
const cascade = (cascade_id: string, changes: Partial<CascadeRecord> = {}) => sampleCascade(START, { cascade_id, ...changes });
const add = (outbox: CascadeOutbox, kind: CascadeTransition["kind"] | null, record: CascadeRecord) => outbox.add(kind, record, START);

test("a transition that cannot be published delays no other cascade", async () => {
  await onStage(async ({ outbox, run, published, outcomes, dead }) => {
    outcomes.set("stuck", REFUSED);
    add(outbox, "started", cascade("stuck"));
    for (let n = 0; n < 60; n += 1) add(outbox, "started", cascade(`other-${n}`));
    await run();
    expect(published).toHaveLength(60);
    outcomes.delete("stuck");
    await run(10_000);
    expect(published.at(-1)).toBe("stuck started");
    expect(dead).toEqual([]);
  });
});

test("the transitions behind one that cannot be published wait with it, whenever they come, and are stored at once", async () => {
  await onStage(async ({ outbox, run, published, outcomes, saved }) => {
    outcomes.set("stuck", REFUSED);
    add(outbox, "started", cascade("stuck", { events: 4 }));
    add(outbox, "escalated", cascade("stuck", { events: 9 }));
    add(outbox, "started", cascade("other"));
    await run();
    outcomes.delete("stuck");
    add(outbox, "ended", cascade("stuck", { events: 12 }));
    add(outbox, "ended", cascade("other"));
    await run(5_000);
    expect(published).toEqual(["other started", "other ended"]);
    expect(saved.filter(({ cascade_id }) => cascade_id === "stuck").map(({ events }) => events)).toEqual([4, 9, 12]);
    await run(5_000);
    expect(published.slice(2)).toEqual(["stuck started", "stuck escalated", "stuck ended"]);
    expect(saved).toHaveLength(5);
  });
});

test("the transitions behind one that is given up are published", async () => {
  await onStage(async ({ outbox, run, published, outcomes, dead }) => {
    outcomes.set("stuck", REFUSED);
    add(outbox, "started", cascade("stuck"));
    for (let n = 0; n < 59; n += 1) await run(MINUTE_MS);
    outbox.add("ended", cascade("stuck"), START + 59 * MINUTE_MS);
    await run(10 * MINUTE_MS);
    expect(dead).toHaveLength(1);
    outcomes.delete("stuck");
    await run(10 * MINUTE_MS);
    expect(published).toEqual(["stuck ended"]);
  });
});

test("a transition that cannot be published for an hour is given up with its reason, after ever longer waits", async () => {
  let attempts = 0;
  const publish = async () => {
    attempts += 1;
    return REFUSED;
  };
  await onStage(
    async ({ outbox, run, dead }) => {
      add(outbox, "ended", cascade("stuck"));
      for (let minute = 0; minute < 70; minute += 1) await run(minute === 0 ? 0 : MINUTE_MS);
      expect(dead).toEqual(["stuck: endpoint whe_1: no storage left"]);
      expect(attempts).toBeLessThan(20);
      await run(10 * MINUTE_MS);
      expect(dead).toHaveLength(1);
    },
    { publish },
  );
});

test("a transition that no attempt can publish is given up at once", async () => {
  await onStage(async ({ outbox, run, outcomes, dead, published }) => {
    outcomes.set("huge", { kind: "failed", reason: "the event exceeds 262144 characters", final: true });
    add(outbox, "started", cascade("huge"));
    add(outbox, "started", cascade("next"));
    await run();
    expect(dead).toEqual(["huge: the event exceeds 262144 characters"]);
    expect(published).toEqual(["next started"]);
  });
});

test("a transition that cannot even be noted as a dead letter stays", async () => {
  let isDown = true;
  const noted: string[] = [];
  const addDeadLetter = async ({ record }: CascadeTransition) => {
    if (isDown) throw new Error("D1 is down");
    noted.push(record.cascade_id);
  };
  await onStage(
    async ({ outbox, run, outcomes }) => {
      outcomes.set("huge", { kind: "failed", reason: "too large", final: true });
      add(outbox, "started", cascade("huge"));
      await run();
      isDown = false;
      await run(10_000);
      expect(noted).toEqual(["huge"]);
    },
    { addDeadLetter },
  );
});

test("a transition that waits does not store its old record over a newer one", async () => {
  await onStage(async ({ outbox, run, outcomes, saved }) => {
    outcomes.set("stuck", REFUSED);
    add(outbox, "started", cascade("stuck", { events: 4 }));
    await run();
    add(outbox, null, cascade("stuck", { events: 9 }));
    await run(10_000);
    await run(5 * MINUTE_MS);
    expect(saved.map(({ events }) => events)).toEqual([4, 9]);
  });
});

test("of the records that only wait to be stored, the newest of each cascade is kept", async () => {
  await onStage(async ({ outbox, run, saved, published }) => {
    for (const events of [4, 5, 6]) add(outbox, null, cascade("running", { events }));
    add(outbox, "ended", cascade("other"));
    await run();
    expect(saved.map(({ cascade_id, events }) => [cascade_id, events])).toEqual([
      ["running", 6],
      ["other", 12],
    ]);
    expect(published).toEqual(["other ended"]);
  });
});
