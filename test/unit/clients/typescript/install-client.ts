import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../../../..");
const NAME = "liquidations-client";
const DEPENDENCIES = ["hyparquet", "openapi-fetch", "openapi-typescript-helpers"];

/** Packs the client as for npm and unpacks it into a folder's `node_modules`, beside what it depends on. @returns its folder */
export function installClient(folder: string): string {
  const modules = join(folder, "node_modules");
  const own = join(modules, NAME);
  mkdirSync(own, { recursive: true });
  const args = ["pack", "-w", "clients/typescript", "--pack-destination", folder, "--silent"];
  const packed = execFileSync("npm", args, { cwd: ROOT, encoding: "utf8" }).trim().split("\n").at(-1) ?? "";
  execFileSync("tar", ["-xzf", join(folder, packed), "-C", own, "--strip-components=1"]);
  for (const name of DEPENDENCIES) symlinkSync(join(ROOT, "node_modules", name), join(modules, name), "dir");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  return own;
}
