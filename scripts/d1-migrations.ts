import { readdirSync, readFileSync } from "node:fs";

const FOLDER = new URL("../migrations/", import.meta.url);

export interface D1Migration {
  /** Of its file, under which wrangler remembers it. */
  readonly name: string;
  readonly sql: string;
}

/** The migrations of D1, in their order. */
export function d1Migrations(): readonly D1Migration[] {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith(".sql"));
  return names.toSorted().map((name) => ({ name, sql: readFileSync(new URL(name, FOLDER), "utf8") }));
}
