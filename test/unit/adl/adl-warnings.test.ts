import { expect, test } from "vitest";
import { AdlWarnings } from "../../../durable-objects/market-hub/adl-warnings.ts";
import type { AdlRise } from "../../../src/adl/adl-state.ts";
import type { PublishOutcome } from "../../../src/webhooks/event.ts";

const START = 1_795_000_000_000;
const FAILED: PublishOutcome = { kind: "failed", reason: "D1 is down", final: false };

const rise = (state: AdlRise["state"], time: number, instrument = "BTC-USDT-SWAP"): AdlRise => ({
  symbol: instrument.split("-", 1)[0] ?? "",
  instrument,
  state,
  previous_state: "normal",
  since: time,
  covered_since: time,
  received_time: time,
  valid_until: time + 15_000,
  insurance_fund: 1,
  insurance_fund_currency: "USDT",
});

function setUp() {
  const stored = new Map<string, string>();
  const memory = {
    read: (key: string): unknown => (stored.has(key) ? JSON.parse(stored.get(key) ?? "") : undefined),
    write: (key: string, value: unknown) => void stored.set(key, JSON.stringify(value)),
  };
  const world = { now: START, outcome: { kind: "queued" } as PublishOutcome, published: [] as string[], dead: [] as string[] };
  const open = () =>
    new AdlWarnings({
      memory,
      publish(event) {
        if (world.outcome.kind === "queued") world.published.push(event.id);
        return Promise.resolve(world.outcome);
      },
      addDeadLetter(event) {
        world.dead.push(event.id);
        return Promise.resolve();
      },
      now: () => world.now,
    });
  return { world, open };
}

test("warnings and deleveraging are published, each state of a contract once in ten minutes, and what is less is not", async () => {
  const { world, open } = setUp();
  const warnings = open();
  warnings.note("aster", [rise("insurance_fund", START)]);
  warnings.note("okx", [rise("warning", START), rise("warning", START + 1), rise("adl", START + 2), rise("warning", START + 3)]);
  warnings.note("okx", [rise("warning", START, "ETH-USDT-SWAP")]);
  await warnings.run();
  const first = [`okx:BTC-USDT-SWAP:warning:${START}`, `okx:BTC-USDT-SWAP:adl:${START + 2}`, `okx:ETH-USDT-SWAP:warning:${START}`];
  expect(world.published).toEqual(first.map((id) => `adl.warning:${id}`));
  world.now = START + 599_999;
  const again = open();
  again.note("okx", [rise("adl", world.now)]);
  world.now = START + 600_000;
  again.note("okx", [rise("adl", world.now)]);
  await again.run();
  expect(world.published.slice(3)).toEqual([`adl.warning:okx:BTC-USDT-SWAP:adl:${START + 600_000}`]);
});

test("what cannot be queued waits, over a restart too, and is given up after an hour", async () => {
  const { world, open } = setUp();
  world.outcome = FAILED;
  const warnings = open();
  warnings.note("okx", [rise("warning", START)]);
  await warnings.run();
  world.outcome = { kind: "queued" };
  world.now += 9_999;
  const again = open();
  await again.run();
  expect(world.published, "its wait is not over").toEqual([]);
  world.now += 1;
  await again.run();
  expect(world.published).toHaveLength(1);
  world.outcome = FAILED;
  again.note("okx", [rise("adl", world.now)]);
  await again.run();
  world.now += 3_600_000;
  await again.run();
  await again.run();
  expect([world.published.length, world.dead.length]).toEqual([1, 1]);
});
