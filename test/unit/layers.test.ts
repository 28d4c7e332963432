import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");

/** File, what it imports, and whether the layers allow that. */
const IMPORTS = [
  ["src/a.ts", "../durable-objects/object.ts", false],
  ["src/deep/a.ts", "../../workers/env.ts", false],
  ["src/b.ts", "cloudflare:workers", false],
  ["src/c.ts", "node:fs", false],
  ["src/d.ts", "./deep/a.ts", true],
  ["durable-objects/feed/a.ts", "../../workers/env.ts", false],
  ["durable-objects/feed/b.ts", "../../src/d.ts", true],
  ["workers/cron/a.ts", "../api/http/problem.ts", false],
  ["workers/cron/b.ts", "../../scripts/demo.ts", false],
  ["workers/cron/c.ts", "../d1/reads.ts", true],
  ["workers/mcp/a.ts", "../api/routes/stats.ts", false],
  ["workers/mcp/b.ts", "../api/http/problem.ts", true],
  ["workers/api/http/a.ts", "../schemas/stats.ts", false],
  ["workers/api/schemas/a.ts", "../routes/stats.ts", false],
  ["workers/api/schemas/b.ts", "../http/answer.ts", true],
  ["workers/api/openapi/a.ts", "../routes/stats.ts", false],
  ["workers/api/routes/a.ts", "../operations.ts", false],
  ["workers/api/routes/b.ts", "../schemas/stats.ts", true],
  ["workers/api/operations.ts", "./routes/b.ts", true],
  ["workers/index.ts", "./api/operations.ts", true],
  ["clients/typescript/src/a.ts", "../../../workers/env.ts", false],
  ["clients/typescript/src/b.ts", "node:fs", false],
  ["clients/typescript/src/c.ts", "../../../src/d.ts", true],
  ["scripts/a.ts", "../test/unit/a.ts", false],
  ["scripts/b.ts", "../workers/env.ts", true],
] as const;

/** Two files that know each other by their types only. */
const CIRCLE = {
  "src/circle/a.ts": 'import type { B } from "./b.ts";\nexport interface A { readonly b: B }\n',
  "src/circle/b.ts": 'import type { A } from "./a.ts";\nexport interface B { readonly a: A }\n',
};

let folder = "";
/** The refused files, with the rule that refused each. */
let refused: ReadonlyMap<string, string>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "layers-"));
  copyFileSync(join(ROOT, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
  const texts = IMPORTS.map(([file, specifier]) => [file, `import type { A } from "${specifier}";\nexport type B = A;\n`] as const);
  for (const [file, text] of [...texts, ...Object.entries(CIRCLE)]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  const oxlint = join(ROOT, "node_modules/oxlint/bin/oxlint");
  const run = spawnSync(process.execPath, [oxlint, "--format", "json"], { cwd: folder, encoding: "utf8" });
  const { diagnostics } = JSON.parse(run.stdout) as { diagnostics: readonly { filename: string; code: string }[] };
  refused = new Map(diagnostics.map(({ filename, code }) => [filename, code]));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(IMPORTS)("the layers let %s import %s: %s", (file, _specifier, isAllowed) => {
  expect(refused.get(file)).toBe(isAllowed ? undefined : "eslint(no-restricted-imports)");
});

test("a circle of types is refused as one of values is", () => {
  expect(Object.keys(CIRCLE).map((file) => refused.get(file))).toEqual(["import(no-cycle)", "import(no-cycle)"]);
});
