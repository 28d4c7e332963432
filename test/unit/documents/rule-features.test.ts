import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { RULE_FEATURES } from "../../../src/signals/rule-features.ts";

test("the methodology lists every feature of the rule model with its meaning", () => {
  const text = readFileSync(new URL("../../../docs/methodology.md", import.meta.url), "utf8");
  for (const { name, meaning } of RULE_FEATURES) expect(text).toContain(`| \`${name}\` | ${meaning} |`);
});
