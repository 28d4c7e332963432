import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { newAdminToken } from "./admin-token.ts";
import { databaseIdOf, hasSecret, withDatabaseId } from "./deploy-config.ts";
import { WRANGLER } from "./wrangler-path.ts";
import { messageOf } from "../src/message-of.ts";

/**
 * Provisions what is missing in the account wrangler is logged in to (D1 database, R2 bucket), applies the D1
 * migrations and deploys. The first deployment also sets a random `ADMIN_TOKEN`. Safe to repeat.
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

/** Only on a terminal: the log of a CI run is no place for a token. */
function provisionAdminToken(): void {
  if (hasSecret(must(["secret", "list", "--config", DEPLOY_CONFIG], "read"), "ADMIN_TOKEN")) return;
  if (!process.stdout.isTTY) {
    console.log(
      "ADMIN_TOKEN is not set, so nobody can create keys, webhooks or exports: openssl rand -hex 32 | npx wrangler secret put ADMIN_TOKEN",
    );
    return;
  }
  const token = newAdminToken();
  const args = [WRANGLER, "secret", "put", "ADMIN_TOKEN", "--config", DEPLOY_CONFIG];
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, input: token, stdio: ["pipe", "inherit", "inherit"] });
  if (status !== 0) throw new Error("wrangler secret put ADMIN_TOKEN failed");
  console.log(`ADMIN_TOKEN was not set. It is now this one, which is shown only here:\n${token}`);
}

try {
  const id = provisionDatabase();
  provisionBucket();
  writeFileSync(DEPLOY_CONFIG, withDatabaseId(readFileSync(resolve(ROOT, "wrangler.toml"), "utf8"), id));
  must(["d1", "migrations", "apply", "DB", "--remote", "--config", DEPLOY_CONFIG]);
  must(["deploy", "--config", DEPLOY_CONFIG]);
  provisionAdminToken();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
} finally {
  rmSync(DEPLOY_CONFIG, { force: true });
}
