import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { databaseIdOf, withDatabaseId } from "./deploy-config.ts";
import { WRANGLER } from "./wrangler-path.ts";
import { messageOf } from "../src/message-of.ts";

/**
 * Provisions what is missing in the account wrangler is logged in to (D1 database, R2 bucket), applies the D1
 * migrations and deploys. Safe to repeat.
 */
const ROOT = resolve(import.meta.dirname, "..");
const NAME = "liquidations";
/** Beside wrangler.toml, since its paths are relative to itself. */
const DEPLOY_CONFIG = resolve(ROOT, "wrangler.deploy.toml");

function wrangler(args: readonly string[], output: "shown" | "read"): { readonly ok: boolean; readonly text: string } {
  const stdio = output === "shown" ? "inherit" : (["inherit", "pipe", "inherit"] as const);
  const result = spawnSync(process.execPath, [WRANGLER, ...args], { cwd: ROOT, stdio: typeof stdio === "string" ? stdio : [...stdio] });
  return { ok: result.status === 0, text: result.stdout?.toString() ?? "" };
}

function must(args: readonly string[], output: "shown" | "read" = "shown"): string {
  const { ok, text } = wrangler(args, output);
  if (!ok) throw new Error(`wrangler ${args.join(" ")} failed`);
  return text;
}

function provisionDatabase(): string {
  const known = databaseIdOf(must(["d1", "list", "--json"], "read"), NAME);
  if (known !== null) return known;
  must(["d1", "create", NAME]);
  const made = databaseIdOf(must(["d1", "list", "--json"], "read"), NAME);
  if (made === null) throw new Error(`the D1 database ${NAME} was created but is not listed`);
  return made;
}

function provisionBucket(): void {
  if (!wrangler(["r2", "bucket", "info", NAME], "read").ok) must(["r2", "bucket", "create", NAME]);
}

try {
  const id = provisionDatabase();
  provisionBucket();
  writeFileSync(DEPLOY_CONFIG, withDatabaseId(readFileSync(resolve(ROOT, "wrangler.toml"), "utf8"), id));
  must(["d1", "migrations", "apply", "DB", "--remote", "--config", DEPLOY_CONFIG]);
  must(["deploy", "--config", DEPLOY_CONFIG]);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
} finally {
  rmSync(DEPLOY_CONFIG, { force: true });
}
