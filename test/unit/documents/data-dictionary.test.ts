import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DATA_DICTIONARY, dataDictionary } from "../../../scripts/data-dictionary.ts";

test("docs/data-dictionary.md is what `npm run docs` writes today", () => {
  expect(readFileSync(DATA_DICTIONARY, "utf8")).toBe(dataDictionary());
});
