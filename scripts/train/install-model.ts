import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { WRANGLER } from "../wrangler-path.ts";

/** The bucket of the deployed Worker, as `npm run deploy` makes it. */
const BUCKET = "liquidations";
const ROOT = resolve(import.meta.dirname, "../..");

/**
 * Puts a model where the Worker looks for it.
 * @param key of the object in R2
 * @param stateDir the state of a local run; null for the deployed Worker of the account that wrangler is logged in to
 */
export async function installModel(key: string, json: string, stateDir: string | null): Promise<void> {
  if (stateDir === null) {
    installRemotely(key, json);
    return;
  }
  const { openStorage } = await import("../local-worker.ts");
  const storage = await openStorage(stateDir);
  try {
    await storage.env.BUCKET.put(key, json, { httpMetadata: { contentType: "application/json" } });
  } finally {
    await storage.dispose();
  }
}

function installRemotely(key: string, json: string): void {
  const folder = mkdtempSync(join(tmpdir(), "model-"));
  try {
    const file = join(folder, "model.json");
    writeFileSync(file, json);
    const args = ["r2", "object", "put", `${BUCKET}/${key}`, "--file", file, "--content-type", "application/json", "--remote"];
    const { status } = spawnSync(process.execPath, [WRANGLER, ...args], { cwd: ROOT, stdio: "inherit" });
    if (status !== 0) throw new Error("wrangler r2 object put failed; is wrangler logged in? (npx wrangler whoami)");
  } finally {
    rmSync(folder, { recursive: true });
  }
}
