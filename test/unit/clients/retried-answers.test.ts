import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

function source(path: string): string {
  return readFileSync(new URL(`../../../clients/${path}`, import.meta.url), "utf8");
}

/** What stands between a name's brackets, with ranges of Python written out. */
function listOf(text: string, name: string): readonly string[] {
  const list = new RegExp(String.raw`\b${name}\b[^=]*= (?:new Set\(\[|frozenset\(\{)([^}\]]*)`).exec(text)?.[1] ?? "";
  const written = list.replaceAll(/\*range\((\d+), (\d+)\)/g, (_range, from: string, to: string) =>
    Array.from({ length: Number(to) - Number(from) }, (_, index) => String(Number(from) + index)).join(", "),
  );
  return [...written.matchAll(/\w+/g)].map(([word]) => word).toSorted();
}

test("both clients repeat a request after the same statuses, but for the same codes", () => {
  const [python, typescript] = [source("python/liquidations/retry.py"), source("typescript/src/transport.ts")];
  const statuses = listOf(typescript, "PASSING");
  expect(statuses).toContain("500");
  expect(listOf(python, "TRANSIENT_STATUSES")).toEqual(statuses);
  const codes = listOf(typescript, "LASTING");
  expect(codes).toContain("misconfigured");
  expect(listOf(python, "LASTING_CODES")).toEqual(codes);
});

test.each(["python", "typescript"])("the page of the %s client names the statuses", (client) => {
  const page = source(`${client}/README.md`);
  expect(page).toContain("408, 429, 500, 502, 503, 504 and 520 to 524");
});
