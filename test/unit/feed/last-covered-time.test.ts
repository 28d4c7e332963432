import { expect, test } from "vitest";
import { BeatMemory } from "../../../durable-objects/exchange-feed/beat-memory.ts";
import { readLastCoveredTime, writeLastCoveredTime } from "../../../durable-objects/exchange-feed/last-covered-time.ts";

/** The memory of a feed, as it was stored. */
function memoryOf(stored: Readonly<Record<string, unknown>>) {
  const values = new Map(Object.entries(stored));
  const open = () =>
    new BeatMemory({
      read: (key) => values.get(key),
      write: (key, value) => void values.set(key, value),
    });
  return { open, values };
}

test("the restart gap begins where any older version says that the venue was last connected", () => {
  const cases: readonly (readonly [string, Readonly<Record<string, unknown>>, number | null])[] = [
    ["a new feed", {}, null],
    ["a row of its own", { heard_time: 1_000 }, 1_000],
    ["the row of each beat", { beat: { heard_time: 2_000 } }, 2_000],
    ["the name of one version", { beat: { received_time: 3_000 } }, 3_000],
    ["that version over the rows before it", { beat: { heard_time: 2_000, received_time: 3_000 } }, 3_000],
    ["that version over a row of its own", { heard_time: 1_000, beat: { received_time: 3_000 } }, 3_000],
    ["what is no time", { beat: { heard_time: null, received_time: "3000" } }, null],
  ];
  for (const [name, stored, time] of cases) expect(readLastCoveredTime(memoryOf(stored).open()), name).toBe(time);
});

test("what is written is read after a restart, by this version and by the older ones", () => {
  const { open, values } = memoryOf({ beat: { heard_time: 2_000, received_time: 3_000 } });
  const memory = open();
  writeLastCoveredTime(memory, 4_000);
  memory.save();
  expect(readLastCoveredTime(open())).toBe(4_000);
  expect(values.get("beat")).toMatchObject({ heard_time: 4_000 });
});
