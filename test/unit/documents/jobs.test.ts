import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LONG_JOB_NAMES } from "../../../src/long-job-run.ts";
import { EVERY_RUN } from "../../../src/metrics.ts";
import { ROOT, readPage, section } from "./markdown.ts";

/** The names in the first column of each table of a section. */
function tablesOf(text: string): readonly (readonly string[])[] {
  const tables = text.split("\n\n").filter((block) => block.startsWith("|"));
  return tables.map((table) => table.split("\n").flatMap((row) => namesIn(row.split("|")[1] ?? "", /`(\w+)`/g)));
}

function namesIn(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, name = ""]) => name);
}

/** The jobs' names as their list is written: the list itself needs a Worker. */
function jobsOf(list: string): readonly string[] {
  const source = readFileSync(join(ROOT, "workers/cron/jobs.ts"), "utf8");
  const text = source.slice(source.indexOf(`export const ${list}:`)).split("\n];")[0] ?? "";
  return namesIn(text.replaceAll("name: EVERY_RUN", `name: "${EVERY_RUN}"`), /\bname: "(\w+)"/g);
}

test("the tables of What runs each minute name the jobs of the code, each in the table of its kind", () => {
  const [minute = [], upkeep = [], long = []] = tablesOf(section(readPage("docs/deploy-and-operate.md"), "## What runs each minute"));
  expect(minute).toEqual(jobsOf("MINUTE_JOBS"));
  expect(upkeep.toSorted()).toEqual(jobsOf("UPKEEP_JOBS").toSorted());
  expect(long.toSorted()).toEqual(LONG_JOB_NAMES.toSorted());
});
