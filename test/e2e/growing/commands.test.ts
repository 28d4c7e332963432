import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WRANGLER } from "../../../scripts/wrangler-path.ts";
import { LIQUIDATION_FIELDS, SCHEMA_VERSION } from "../../../src/liquidation-fields.ts";
import { STREAM_SCHEMA } from "../../../src/pipeline/stream-schema.ts";
import { startCloudflareApi } from "./cloudflare-api.ts";
import { block } from "../../unit/growing/page.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const ACCOUNT = "f".repeat(32);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "liquidations-growing-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs a shell script in a folder of its own, where npx and npm find this project's. */
async function shell(
  script: string,
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const commands = `set -e\nnpx() { shift; "$NODE" "$WRANGLER" "$@"; }\nnpm() { command npm --prefix "$ROOT" "$@"; }\n`;
  const places = { NODE: process.execPath, WRANGLER, ROOT, HOME: folder, CI: "true", WRANGLER_SEND_METRICS: "false", WRANGLER_LOG: "log" };
  const child = spawn("bash", ["-c", commands + script], {
    cwd: folder,
    env: { ...process.env, ...places, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (part: Buffer) => (output += part.toString()));
  child.stderr.on("data", (part: Buffer) => (output += part.toString()));
  const code = await new Promise<number | null>((done, fail) => child.on("error", fail).on("close", done));
  return { code, output };
}

/** What wrangler would deploy of a configuration: its paths are made absolute, since it does not lie beside the Worker. */
async function dryRun(toml: string): Promise<string> {
  const placed = toml
    .replaceAll(/^(main|directory|migrations_dir) = "(.*)"$/gm, (_line, name: string, path: string) => `${name} = "${resolve(ROOT, path)}"`)
    // The assets are made already.
    .replace(/^\[build\]\n(.+\n)*/m, "");
  writeFileSync(join(folder, "wrangler.toml"), placed);
  const { code, output } = await shell("npx wrangler deploy --dry-run --config wrangler.toml --outdir dist", {});
  expect(code, output).toBe(0);
  return output;
}

const wranglerToml = readFileSync(join(ROOT, "wrangler.toml"), "utf8");

test("each command of the set-up is one that wrangler takes, and asks Cloudflare for what the page says", async () => {
  const api = await startCloudflareApi();
  const { code, output } = await shell(block("setup"), {
    CATALOG_TOKEN: "catalog-token",
    CLOUDFLARE_API_TOKEN: "api-token",
    CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
    CLOUDFLARE_API_BASE_URL: api.url,
  });
  api.stop();
  expect(code, output).toBe(0);
  const sent = (path: string) => api.calls.find((call) => call.method === "POST" && call.path.endsWith(path))?.body;
  expect(sent("/r2/buckets")).toMatchObject({ name: "liquidations-lake" });
  expect(api.calls.map((call) => call.path)).toContain(`/client/v4/accounts/${ACCOUNT}/r2-catalog/liquidations-lake/enable`);
  const name = `liquidations_v${SCHEMA_VERSION}`;
  expect(sent("/pipelines/v1/streams")).toMatchObject({
    name,
    schema: STREAM_SCHEMA,
    http: { enabled: false },
    worker_binding: { enabled: true },
  });
  expect(sent("/pipelines/v1/sinks")).toMatchObject({
    name: `${name}_sink`,
    type: "r2_data_catalog",
    format: { type: "parquet" },
    config: { bucket: "liquidations-lake", namespace: "market", table_name: name, token: "catalog-token" },
  });
  expect(sent("/pipelines/v1/pipelines")).toEqual({ name: `${name}_pipeline`, sql: `INSERT INTO ${name}_sink SELECT * FROM ${name}` });
}, 180_000);

test("the printed schema has every field in its order, and lets be null what may be null", async () => {
  const { code, output } = await shell("npm run --silent pipeline:schema", {});
  expect(code, output).toBe(0);
  const { fields } = JSON.parse(output) as typeof STREAM_SCHEMA;
  expect(fields.map(({ name }) => name)).toEqual(LIQUIDATION_FIELDS.map(({ name }) => name));
  expect(fields.filter((field) => !field.required).map(({ name }) => name)).toEqual(
    LIQUIDATION_FIELDS.filter((field) => field.nullable).map(({ name }) => name),
  );
  expect(fields.find(({ name }) => name === "event_time")).toEqual({
    name: "event_time",
    type: "timestamp",
    unit: "millisecond",
    required: true,
  });
});

test("wrangler.toml with the page's binding is what wrangler deploys, with the stream bound", async () => {
  expect(await dryRun(`${wranglerToml}\n${block("binding")}`)).toMatch(/env\.LIQUIDATION_STREAM \(0123456789abcdef0123456789abcdef\)/);
  expect(await dryRun(wranglerToml)).not.toContain("LIQUIDATION_STREAM");
}, 180_000);
