import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DATA_DICTIONARY, dataDictionary } from "../../../scripts/data-dictionary.ts";
import { RULES_PAGE, rulesPage } from "../../../scripts/rules-page.ts";

test("docs/data-dictionary.md is what `npm run docs` writes today", () => {
  expect(readFileSync(DATA_DICTIONARY, "utf8")).toBe(dataDictionary());
});

test("the tables of docs/rules.md are what `npm run docs` writes today", () => {
  expect(readFileSync(RULES_PAGE, "utf8")).toBe(rulesPage());
});
