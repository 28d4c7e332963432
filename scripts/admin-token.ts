import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A token of 64 hexadecimal digits, which nobody can guess. */
export function newAdminToken(): string {
  return randomBytes(32).toString("hex");
}

export interface KeptToken {
  readonly token: string;
  readonly file: string;
}

/** The token of a state folder: made at the first start and kept in a file that only its owner can read. */
export async function keptAdminToken(stateDir: string): Promise<KeptToken> {
  const file = join(stateDir, "admin-token");
  await writeFile(file, `${newAdminToken()}\n`, { mode: 0o600, flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  return { token: (await readFile(file, "utf8")).trim(), file };
}
