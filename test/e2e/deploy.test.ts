import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { d1Migrations } from "../../scripts/d1-migrations.ts";
import { startCloudflareStandIn } from "../unit/deploy/cloudflare-stand-in.ts";

const ROOT = resolve(import.meta.dirname, "../..");

test("npm run deploy, with the real wrangler against a stand-in of Cloudflare's API, migrates, uploads and waits", async () => {
  const api = await startCloudflareStandIn();
  // Recognized only by the version that wrangler reports.
  api.account.staleVersions = ["before"];
  const home = mkdtempSync(join(tmpdir(), "liquidations-deploy-home-"));
  const { CI: _ci, ...inherited } = process.env;
  const child = spawn(process.execPath, [join(ROOT, "scripts/run.cjs"), "deploy.ts", "--env", "staging", "--url", api.workerUrl], {
    env: { ...inherited, HOME: home, CLOUDFLARE_API_TOKEN: "token", CLOUDFLARE_API_BASE_URL: api.url, WRANGLER_SEND_METRICS: "false" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  child.stdout.on("data", (part: Buffer) => (output += part.toString()));
  child.stderr.on("data", (part: Buffer) => (errors += part.toString()));
  const code = await new Promise<number | null>((done, fail) => child.on("error", fail).on("close", done));
  api.stop();
  rmSync(home, { recursive: true });

  expect(code, output + errors).toBe(0);
  expect(errors, "a good run says nothing on stderr").toBe("");
  const { account } = api;
  const worker = account.workers.get("liquidations-staging");
  const token = worker?.secrets.get("ADMIN_TOKEN") ?? "";
  expect(token).toMatch(/^[0-9a-f]{64}$/);
  expect(output.split(token)).toHaveLength(2);
  expect(output).toMatch(/the version before still answers[\s\S]*All feeds are live/);
  const database = account.databases.get("liquidations-staging");
  expect(database?.sql.prepare("SELECT count(*) AS n FROM d1_migrations").get()).toEqual({ n: d1Migrations().length });
  expect(Object.fromEntries(account.workflows)).toEqual({
    "liquidation-exports-staging": "liquidations-staging",
    "liquidation-jobs-staging": "liquidations-staging",
  });

  // What wrangler made of wrangler.toml.
  expect(worker?.metadata).toMatchObject({
    compatibility_flags: ["nodejs_compat", "global_fetch_strictly_public"],
    limits: { cpu_ms: 300_000 },
    observability: { logs: { invocation_logs: false }, traces: { enabled: true } },
  });
  expect(JSON.stringify(worker?.metadata)).toMatch(/"mode":"immediate"/);
  const bound = (type: string) => worker?.bindings.filter((binding) => binding.type === type) ?? [];
  expect(bound("d1")).toMatchObject([{ name: "DB", id: database?.uuid }]);
  expect(bound("r2_bucket")).toMatchObject([{ bucket_name: "liquidations-staging" }]);
  expect(bound("version_metadata")).toHaveLength(1);
  expect(bound("ratelimit")).toHaveLength(2);
}, 180_000);
