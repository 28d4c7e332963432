import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { LIQUIDATION_FIELDS } from "../../../src/liquidation-fields.ts";
import { allPages, codeBlocks, ROOT, readPage, section } from "./markdown.ts";
import { isRunOnWorker } from "./run-on-worker.ts";

/**
 * Every command a page shows is accounted for. It is run here, or by the test of the programs on a built Worker where it
 * asks one, or another test covers it and says so by the words given, or it needs what no test has.
 */
type Account = { readonly coveredBy: string; readonly saying: string } | { readonly notRun: string };

const ACCOUNTS: Readonly<Record<string, Account>> = {
  "npm install": { coveredBy: ".ci/run", saying: "npm install" },
  "npm run check": { coveredBy: ".ci/run", saying: "npm test" },
  "npm run demo -- --minutes 3": { coveredBy: "test/e2e/demo.test.ts", saying: "demo.ts" },
  "npm run backtest -- --from 2026-11-20 --to 2026-11-27 --data days/ --symbols BTC,ETH --rule my.rule": {
    coveredBy: "test/unit/rules/backtest.test.ts",
    saying: "--rule",
  },
  "npm start": { notRun: "connects to the live venues" },
  "npm start -- --var LIQUIDATION_SYMBOLS:BTC,ETH --var LIQUIDATION_EXCHANGES:bybit,okx": { notRun: "connects to the live venues" },
  "npx node examples/download-day.ts 2026-11-01": { coveredBy: "test/e2e/walk/programs.ts", saying: "examples/download-day.ts" },
  "npx node examples/verify-webhook.ts --port 8080": { coveredBy: "test/e2e/walk/programs.ts", saying: "examples/verify-webhook.ts" },
  "examples/export.sh 2026-11-01 2026-11-08 csv BTC,ETH": { coveredBy: "test/e2e/walk/programs.ts", saying: "examples/export.sh" },
  "python3 examples/liquidations.py --symbol BTC --start 2026-11-21 > btc.csv": {
    coveredBy: "test/e2e/walk/programs.ts",
    saying: "examples/liquidations.py",
  },
  "duckdb -c '.read examples/liquidations.sql'": { coveredBy: "test/unit/documents/examples.test.ts", saying: "examples/liquidations.sql" },
  "npm pack -w clients/typescript": {
    coveredBy: "test/unit/clients/typescript/install-client.ts",
    saying: '"pack", "-w", "clients/typescript"',
  },
  "npx wrangler login": { notRun: "needs a Cloudflare account" },
  "npm run deploy": { coveredBy: "test/e2e/deploy.test.ts", saying: "npm run deploy" },
  "npm run deploy -- --env staging": { coveredBy: "test/e2e/deploy.test.ts", saying: '"--env", "staging"' },
  "npx wrangler secret put DEEPSEEK_KEY": { notRun: "needs a Cloudflare account" },
  "npx wrangler secret put SUPABASE_URL": { notRun: "needs a Cloudflare account" },
  "npx wrangler secret put SUPABASE_SECRET_KEY": { notRun: "needs a Cloudflare account" },
  'npm run supabase:migrate -- --database-url "$DATABASE_URL"': {
    coveredBy: "test/unit/supabase/migrate.test.ts",
    saying: "scripts/supabase/migrate.ts",
  },
  "npm run verify-ledger -- --url https://liquidations.example.com --marks marks-2026-11-20.parquet --marks marks-2026-11-21.parquet": {
    coveredBy: "test/unit/signals/verify-ledger.test.ts",
    saying: "--marks",
  },
  "npm run verify-ledger -- --url https://liquidations.example.com --anchors delivery.json --anchors manifest.json": {
    coveredBy: "test/unit/signals/verify-ledger.test.ts",
    saying: "--anchors",
  },
  "pip install .            # from this folder; with [pandas], [polars] or [arrow] for tables": { notRun: "asks a registry of packages" },
  "python3 -m unittest      # in this folder": { coveredBy: "test/e2e/python-client.test.ts", saying: '"-m", "unittest"' },
  'claude mcp add --transport http liquidations "$WORKER/mcp" --header "Authorization: Bearer $KEY"': {
    notRun: "is a command of another program",
  },
};

/** Blocks of docs/growing.md have tests of their own, by their names. */
const pages = allPages().filter(({ path }) => path !== "docs/growing.md");
const blocks = pages.flatMap((page) =>
  codeBlocks(page)
    .filter(({ info }) => info.split(" ")[0] === "sh")
    .map(({ text }) => ({ path: page.path, text })),
);

/** One of this kind is run here; one that asks a Worker is run on a built one; any other is accounted for line by line. */
function isRunHere(text: string): boolean {
  return text.includes("npm run --silent normalize") && text.startsWith("echo ");
}

const accountedLines = blocks
  .filter(({ text }) => !isRunOnWorker(text) && !isRunHere(text))
  .flatMap(({ path, text }) => text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [{ path, line }])));

test("blocks that ask a Worker are run on the one of the walk", () => {
  expect(readFileSync(join(ROOT, "test/e2e/walk/programs.ts"), "utf8")).toContain("isRunOnWorker(text)");
  expect(readFileSync(join(ROOT, "test/e2e/openapi-walk.test.ts"), "utf8")).toContain("testPrograms(");
});

describe("every command of a page is accounted for", () => {
  test.each(accountedLines)("$path: $line", ({ path, line }) => {
    const account = ACCOUNTS[line];
    expect(account, "say in ACCOUNTS which test covers this command").toBeDefined();
    if (account === undefined) return;
    if ("notRun" in account) expect(path, "every command of the README is run").not.toBe("README.md");
    else expect(readFileSync(join(ROOT, account.coveredBy), "utf8")).toContain(account.saying);
  });

  test("and no account is of a command that no page shows", () => {
    const shown = new Set([...accountedLines.map(({ line }) => line), ...blocks.map(({ text }) => text.trim())]);
    expect(Object.keys(ACCOUNTS).filter((line) => !shown.has(line))).toEqual([]);
  });

  test("the README shows commands of each kind", () => {
    const kinds = blocks
      .filter(({ path }) => path === "README.md")
      .map(({ text }) => (isRunHere(text) ? "here" : isRunOnWorker(text) ? "worker" : "other"));
    expect(kinds.toSorted()).toEqual(["here", "other", "worker"]);
  });
});

test("the README's frame gives the event it shows, and as many more fields as it says", () => {
  const readme = readPage("README.md");
  const command = blocks.find(({ path, text }) => path === "README.md" && isRunHere(text));
  const shown = JSON.parse(codeBlocks(readme).find(({ info }) => info === "json")?.text ?? "") as object;
  const bin = dirname(process.execPath);
  const run = spawnSync("bash", ["-c", command?.text ?? ""], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, PATH: `${bin}:${process.env["PATH"]}` },
  });
  expect(run.stderr).toBe("");
  expect(JSON.parse(run.stdout)).toMatchObject(shown);
  expect(readme.text).toContain(`and ${LIQUIDATION_FIELDS.length - Object.keys(shown).length} more fields`);
});

test("docs/commands.md lists every command of package.json, and no other", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const listed = [...readPage("docs/commands.md").text.matchAll(/^\| `npm (?:run )?([\w:-]+)` \|/gm)].map(([, name]) => name);
  expect(listed.toSorted()).toEqual(Object.keys(scripts).toSorted());
});

test("docs/commands.md says of everything that can be measured what it is", () => {
  const source = readFileSync(join(ROOT, "scripts/measure/measures.ts"), "utf8");
  const [, names = ""] = /export const MEASURES[^{]*\{([^}]*)\}/.exec(source) ?? [];
  const measures = [...names.matchAll(/^ {2}"?([\w-]+)"?[:,]/gm)].map(([, name]) => name);
  const listed = [...section(readPage("docs/commands.md"), "## measure").matchAll(/^\| `([a-z-]+)` \| \S/gm)].map(([, name]) => name);
  expect(measures.length).toBeGreaterThan(10);
  expect(listed.filter((name) => !name?.startsWith("--"))).toEqual(measures);
});

function options(text: string): ReadonlySet<string> {
  const named = [...text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([option]) => option);
  return new Set(named.filter((option) => option !== "--help" && option !== "--silent"));
}

describe("docs/commands.md has the options of", () => {
  test.each([
    ["demo", "demo/options.ts"],
    ["start", "start.ts"],
    ["simulate", "simulate.ts"],
    ["normalize", "normalize.ts"],
    ["backtest", "backtest/usage.ts"],
    ["deploy", "deploy/options.ts"],
    ["fuzz", "fuzz/options.ts"],
    ["campaign", "campaign/options.ts"],
    ["attack", "attack/options.ts"],
    ["verify-ledger", "verify-ledger.ts"],
  ])("%s as its help has them", (name, file) => {
    const source = readFileSync(join(ROOT, "scripts", file), "utf8");
    // Read and not run, since starting them all takes seconds; without what the help says of other commands.
    const help = [...source.matchAll(/const (?:USAGE|HELP) = [`"]([\s\S]*?)[`"];/g)].map(([, text]) => text).join("\n");
    const own = help.replaceAll(/"npm [^"]*"/g, "");
    const page = section(readPage("docs/commands.md"), `## ${name}`).replaceAll(/`npm [^`]*`, with the control/g, "");
    expect([...options(page)].toSorted()).toEqual([...options(own)].toSorted());
  });
});
