import { expect, test } from "vitest";
import { cutPage } from "../../../src/venue-watch/cut-page.ts";
import { pageChange } from "../../../src/venue-watch/page-change.ts";

const LINES = Array.from({ length: 100 }, (_, n) => `entry ${n + 100}`);
const MAX = 40 * "entry 100\n".length;
const cut = (...lines: readonly string[]) => cutPage(lines.join("\n"), MAX);

test("a page is cut at the end of a line, and one that fits is not", () => {
  expect(
    cut(...LINES)
      .split("\n")
      .slice(0, -1),
  ).toEqual(LINES.slice(0, 40));
  expect(cut(...LINES.slice(0, 40))).toBe(LINES.slice(0, 40).join("\n"));
  const line = cutPage("😀".repeat(10), 5);
  expect(line.isWellFormed()).toBe(true);
  expect(line.length).toBeLessThan(10);
});

test("lines beyond the cut are neither lost when others come, nor new when others go", () => {
  const news = ["port 8443 ends", "on 2026-10-31"];
  expect(pageChange(cut(...LINES), cut(...news, ...LINES))).toEqual({ added: news, added_lines: 2, removed_lines: 0 });
  expect(pageChange(cut(...news, ...LINES), cut(...LINES))).toEqual({ added: [], added_lines: 0, removed_lines: 2 });
});

test("a page that grows beyond what is compared, or shrinks below it, has its news at the top alone", () => {
  const short = LINES.slice(0, 39);
  const news = ["one line of news", "another one"];
  expect(pageChange(cut(...short), cut(...news, ...short))).toEqual({ added: news, added_lines: 2, removed_lines: 0 });
  expect(pageChange(cut(...news, ...short), cut(...short))).toEqual({ added: [], added_lines: 0, removed_lines: 2 });
});

test("what changes above the cut is news, also where the end of the page changes, and the end of a page that fits is", () => {
  const edited = LINES.map((line, n) => (n === 20 ? "entry new" : line));
  expect(pageChange(cut(...LINES), cut(...edited))).toEqual({ added: ["entry new"], added_lines: 1, removed_lines: 1 });
  const ended = LINES.map((line, n) => (n === 39 ? "entry end" : line));
  expect(pageChange(cut(...LINES), cut(...ended))).toMatchObject({ added: ["entry end"], added_lines: 1 });
  expect(pageChange("a\nb\nc", "a\nb")).toMatchObject({ removed_lines: 1 });
});
