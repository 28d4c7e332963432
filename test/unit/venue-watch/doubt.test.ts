import { expect, test } from "vitest";
import { cutPage } from "../../../src/venue-watch/cut-page.ts";
import { doubtOf } from "../../../src/venue-watch/doubt.ts";
import { pageChange } from "../../../src/venue-watch/page-change.ts";

const LOG = Array.from({ length: 10 }, (_, n) => `entry ${n}`);

const doubt = (before: string, now: string) => {
  const change = pageChange(before, now);
  return change === null ? null : doubtOf(before, change);
};

test("a page that stands for another is doubted, and one that grows or loses up to half its lines is not", () => {
  const log = LOG.join("\n");
  expect(doubt(log, "We are under maintenance\nPlease come back later")).toMatch(/^the page lost 10 of its 10 lines/);
  expect(doubt(log, LOG.slice(6).join("\n"))).toMatch(/^the page lost 6 of its 10 lines/);
  expect(doubt(log, LOG.slice(5).join("\n"))).toBeNull();
  expect(doubt(log, ["port 8443 ends", ...LOG].join("\n"))).toBeNull();
});

test("many lines at the top of a page that is cut are no doubt", () => {
  const long = Array.from({ length: 200 }, (_, n) => `entry ${n + 1_000}`);
  const news = Array.from({ length: 120 }, (_, n) => `news ${n + 1_000}`);
  const [before, now] = [cutPage(long.join("\n"), 1_800), cutPage([...news, ...long].join("\n"), 1_800)];
  expect(pageChange(before, now)).toMatchObject({ added_lines: 120, removed_lines: 0 });
  expect(doubt(before, now)).toBeNull();
});
