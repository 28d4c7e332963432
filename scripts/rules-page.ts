import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { EXAMPLE_RULES } from "../src/rules/example-rules.ts";
import { RULE_FIELDS, type RuleFieldGroup } from "../src/rules/rule-fields.ts";

/** `npm run docs` writes the tables of docs/rules.md from the list of fields; a test fails where the two differ. */
export const RULES_PAGE = resolve(import.meta.dirname, "../docs/rules.md");

const FIELDS_MARK = "<!-- fields -->";
const EXAMPLES_MARK = "<!-- examples -->";

const GROUPS: Readonly<Record<RuleFieldGroup, string>> = {
  liquidation: "The liquidation that is looked at",
  market: "The market",
  window: "Windows",
  cascade: "Cascades",
  feed: "Feeds",
};

/** The page as it should be: what stands between the marks and the next heading is made again. */
export function rulesPage(page = readFileSync(RULES_PAGE, "utf8")): string {
  const [before = "", between = ""] = page.split(FIELDS_MARK);
  const [, deliveries = ""] = between.split("## Deliveries");
  const [middle = ""] = `## Deliveries${deliveries}`.split(EXAMPLES_MARK);
  return `${before}${FIELDS_MARK}\n\n${fieldTables()}\n${middle}${EXAMPLES_MARK}\n\n${examples()}\n`;
}

function fieldTables(): string {
  return (Object.keys(GROUPS) as RuleFieldGroup[])
    .map((group) => {
      const rows = RULE_FIELDS.filter((field) => field.group === group).map(({ name, unit, values, description }) => {
        const texts = values === null ? "" : ` One of ${values.map((value) => `\`"${value}"\``).join(", ")}.`;
        return `| \`${name}\` | ${unit} | ${description}${texts} |`;
      });
      return `### ${GROUPS[group]}\n\n| field | unit | description |\n|---|---|---|\n${rows.join("\n")}\n`;
    })
    .join("\n");
}

function examples(): string {
  const rows = EXAMPLE_RULES.map(({ name, rule, description }) => `| ${name} | \`${rule}\` | ${description} |`);
  return `| name | rule | what it tells |\n|---|---|---|\n${rows.join("\n")}`;
}
