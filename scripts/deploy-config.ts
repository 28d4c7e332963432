/**
 * The id of a D1 database in the output of `wrangler d1 list --json`, null where it does not exist.
 * @throws where the text is not such a list
 */
export function databaseIdOf(list: string, name: string): string | null {
  const databases: unknown = JSON.parse(list);
  if (!Array.isArray(databases)) throw new Error("wrangler d1 list did not print a list");
  const found: unknown = databases.find((database: { name?: unknown } | null) => database?.name === name);
  const id = (found as { uuid?: unknown } | undefined)?.uuid;
  return typeof id === "string" ? id : null;
}

/** The configuration with the id of the account's database, which belongs to an account and not into the repository. */
export function withDatabaseId(toml: string, id: string): string {
  const line = /^database_name = .*$/m;
  if (!line.test(toml)) throw new Error("wrangler.toml has no D1 database");
  return toml.replace(line, (found) => `${found}\ndatabase_id = "${id}"`);
}

/**
 * Whether a secret is in the output of `wrangler secret list`.
 * @throws where the text is not such a list
 */
export function hasSecret(list: string, name: string): boolean {
  const secrets: unknown = JSON.parse(list);
  if (!Array.isArray(secrets)) throw new Error("wrangler secret list did not print a list");
  return secrets.some((secret: { name?: unknown } | null) => secret?.name === name);
}
