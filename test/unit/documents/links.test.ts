import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { allPages, anchors, linkTargets, ROOT, readPage, targetOf } from "./markdown.ts";

const pages = allPages();

/** At least four lines in a row that each begin with a link to a heading of the same page. */
const CONTENTS = /^(?:- \[[^\]]+\]\(#.+\n){4,}/m;

/** Links that lead nowhere, with the reason. */
function brokenLinks(page: (typeof pages)[number]): readonly string[] {
  return linkTargets(page)
    .filter((link) => !/^(?:https?|mailto):/.test(link))
    .flatMap((link) => {
      const { path, anchor } = targetOf(page, link);
      if (path.startsWith("..") || !existsSync(join(ROOT, path))) return [`${link}: there is no ${path}`];
      if (anchor === "" || !path.endsWith(".md")) return [];
      return anchors(readPage(path)).has(anchor) ? [] : [`${link}: ${path} has no heading ${anchor}`];
    });
}

describe("every relative link and image leads to a file, and every anchor to a heading", () => {
  test.each(pages)("in $path", (page) => expect(brokenLinks(page)).toEqual([]));
});

describe("a page that lists its contents lists all its sections", () => {
  test.each(pages.filter(({ prose }) => CONTENTS.test(prose)))("in $path", (page) => {
    const listed = [...(CONTENTS.exec(page.prose)?.[0] ?? "").matchAll(/^- \[[^\]]+\]\(#([^)]+)\)/gm)].map(([, anchor]) => anchor);
    const sections = page.prose.replaceAll(/^#(?!# ).*/gm, "");
    expect(listed).toEqual([...anchors({ ...page, prose: sections })]);
  });
});

test("every page can be reached from the README", () => {
  const reached = new Set<string>();
  const waiting = ["README.md"];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path) || !path.endsWith(".md")) continue;
    reached.add(path);
    const page = readPage(path);
    waiting.push(...linkTargets(page).map((link) => targetOf(page, link).path));
  }
  expect(pages.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([]);
});

test("a link to a heading that is not there would be found", () => {
  const page = { path: "README.md", text: "", prose: "[gone](docs/api.md#no-such-heading) [there](docs/api.md#errors) ![gone](no.png)" };
  expect(brokenLinks(page)).toEqual([
    "docs/api.md#no-such-heading: docs/api.md has no heading no-such-heading",
    "no.png: there is no no.png",
  ]);
});
