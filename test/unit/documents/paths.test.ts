import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { RULE_FIELDS } from "../../../src/rules/rule-fields.ts";
import { allPages, linkTargets, projectFiles, ROOT, readPage, section, targetOf } from "./markdown.ts";

const PROJECT_PATH = /`((?:src|workers|durable-objects|scripts|migrations|dashboard|test|docs|examples|\.ci)\/[\w./-]*)`/g;

/** The folders of a path, the path itself not among them. */
function foldersOf(path: string): readonly string[] {
  const folder = dirname(path);
  return folder === "." ? [] : [...foldersOf(folder), folder];
}

describe("every path of the project that a page names exists", () => {
  test.each(allPages())("in $path", ({ path, prose }) => {
    // A changelog speaks of what was there.
    const named = path === "CHANGELOG.md" ? [] : [...prose.matchAll(PROJECT_PATH)].map(([, name = ""]) => name);
    expect(named.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
  });
});

test("the walk of docs/architecture.md leaves out no folder", () => {
  const page = readPage("docs/architecture.md");
  const walk = { ...page, prose: section(page, "## A walk through the tree") };
  const walked = new Set(linkTargets(walk).flatMap((link) => [targetOf(walk, link).path, ...foldersOf(targetOf(walk, link).path)]));
  const folders = new Set(projectFiles().flatMap(foldersOf));
  // What is in the rooms of the tests says its name.
  const due = [...folders].filter((folder) => !/^test\/\w+\//.test(folder));
  expect(due.filter((folder) => !walked.has(folder)).toSorted()).toEqual([]);
});

describe("every field, event and job that a page names is in the code", () => {
  const source = projectFiles()
    .filter((path) => /^(?:src|workers|durable-objects|scripts|migrations|clients)\/.*\.(?:ts|sql|py)$|^wrangler\.toml$/.test(path))
    .map((path) => readFileSync(join(ROOT, path), "utf8"))
    .join("\n");
  // Fields of rules are named by side, window and venue.
  const words = new Set([...(source.match(/[a-z]\w*/g) ?? []), ...RULE_FIELDS.map(({ name }) => name)]);

  test.each(allPages())("in $path", ({ path, prose }) => {
    const named = [...prose.matchAll(/`([a-z][a-z0-9]*(?:_[a-z0-9]+)+)`/g)].map(([, name = ""]) => name);
    // A changelog and a record of a decision speak of what was there.
    const due = /^(?:CHANGELOG\.md|docs\/(?:decisions\/|dependencies))/.test(path) ? [] : named;
    // The reason code of a status is made from its number.
    expect(due.filter((name) => !words.has(name) && !/^http_\d+$/.test(name))).toEqual([]);
  });
});
