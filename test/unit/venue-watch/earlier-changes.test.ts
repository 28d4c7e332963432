import { expect, test } from "vitest";
import { changeText, earlierChanges } from "../../../src/venue-watch/earlier-changes.ts";
import { DAY_MS } from "../../../src/windows/calendar.ts";

const change = (line: string, changed_time: number) => ({ added: [line], added_lines: 1, removed_lines: 1, changed_time });

test("a change that a newer one replaces is kept for 14 days after it was found", () => {
  const port = earlierChanges(change("port 8443 ends", 0), [], DAY_MS);
  expect(port).toEqual([{ changed_time: 0, text: "has 1 new lines: port 8443 ends" }]);
  const both = earlierChanges(change("a date", DAY_MS), port, 14 * DAY_MS - 1);
  expect(both.map(({ text }) => text)).toEqual(["has 1 new lines: a date", "has 1 new lines: port 8443 ends"]);
  expect(earlierChanges(null, both, 14 * DAY_MS)).toEqual(both.slice(0, 1));
});

test("what is kept of a page that always changes is bounded", () => {
  let kept = earlierChanges(null, [], 0);
  for (let n = 0; n < 200; n += 1) kept = earlierChanges(change("😀".repeat(1_000), n), kept, n);
  expect(kept).toHaveLength(30);
  expect(kept[0]).toMatchObject({ changed_time: 199 });
  for (const { text } of kept) {
    expect(text.length).toBeLessThan(330);
    expect(text.isWellFormed()).toBe(true);
  }
});

test("a change that only removed says how many lines", () => {
  expect(changeText({ added: [], added_lines: 0, removed_lines: 3 })).toBe("lost 3 lines");
});
