import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as z from "zod";
import { type Instance, deployedConfig } from "./instance.ts";
import { type MadeResource, type RunWrangler, requireSuccess } from "./wrangler.ts";

export interface UploadOptions {
  readonly wrangler: RunWrangler;
  readonly instance: Instance;
  /** The file the instance was read from: what is deployed is written beside it, since its paths are relative to it. */
  readonly configPath: string;
  readonly accountId: string;
  readonly databaseId: string;
  /** What this run has created before, for somebody who does not go on. */
  readonly made: readonly MadeResource[];
  /** Secrets to set with the code, in one deployment; those that the Worker has already stay. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Called before wrangler uploads: from then on the secrets may be set, even where it fails later, such as at the cron trigger. */
  readonly onUpload: () => void;
  readonly print: (line: string) => void;
}

/** Null where wrangler did not say. */
export type VersionId = string | null;

/**
 * Applies the D1 migrations, then deploys the code. In between, the code of before runs on the tables of after: what they refuse
 * waits in the journals, and reads of tables that have changed fail.
 * @throws {Advice} where either fails; both can be repeated
 */
export async function upload(options: UploadOptions): Promise<VersionId> {
  const { wrangler, instance, configPath, accountId, databaseId, made, secrets, onUpload, print } = options;
  const config = join(dirname(configPath), `wrangler.deploy-${instance.name}.json`);
  const folder = await mkdtemp(join(tmpdir(), "liquidations-deploy-"));
  const account = { CLOUDFLARE_ACCOUNT_ID: accountId };
  try {
    await writeFile(config, JSON.stringify(deployedConfig(instance, accountId, databaseId), null, 2));
    print("Applying the D1 migrations …");
    const migrated = await wrangler(["d1", "migrations", "apply", "DB", "--remote", "--config", config], account);
    requireSuccess("The D1 migrations", migrated, accountId, made);
    print("Building and uploading the Worker …");
    const outputFile = join(folder, "output.ndjson");
    const secretsArguments = await secretsFile(folder, secrets);
    onUpload();
    const deployed = await wrangler(["deploy", "--config", config, ...secretsArguments], {
      ...account,
      WRANGLER_OUTPUT_FILE_PATH: outputFile,
    });
    requireSuccess("The upload of the Worker", deployed, accountId, made);
    return versionIn(await readFile(outputFile, "utf8").catch(() => ""));
  } finally {
    await rm(config, { force: true });
    await rm(folder, { recursive: true, force: true });
  }
}

/** Through a file that only its owner can read: arguments are visible to every process of the machine. */
async function secretsFile(folder: string, secrets: Readonly<Record<string, string>>): Promise<readonly string[]> {
  if (Object.keys(secrets).length === 0) return [];
  const file = join(folder, "secrets.json");
  await writeFile(file, JSON.stringify(secrets), { mode: 0o600 });
  return ["--secrets-file", file];
}

const deployment = z.object({ type: z.literal("deploy"), version_id: z.string().nullable() });

/** @param lines what wrangler reports of itself, one JSON object a line */
function versionIn(lines: string): VersionId {
  for (const line of lines.split("\n").filter((text) => text.startsWith("{"))) {
    const { data } = deployment.safeParse(JSON.parse(line));
    if (data !== undefined) return data.version_id;
  }
  return null;
}
