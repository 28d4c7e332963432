import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const ROOT = resolve(import.meta.dirname, "../..");
const read = (path: string): unknown => JSON.parse(readFileSync(resolve(ROOT, path), "utf8"));
const LOCKED = (read("package-lock.json") as { readonly packages: Readonly<Record<string, Manifest>> }).packages;

/** Every version of a package that is installed, wherever in the tree. */
function versionsOf(name: string): readonly string[] {
  const entries = Object.entries(LOCKED).filter(([path]) => path === `node_modules/${name}` || path.endsWith(`/node_modules/${name}`));
  return [...new Set(entries.map(([, { version }]) => version))];
}

/** The day of a release of workerd or of its types, which its version names: 1.20261102.1 is 2026-11-02. */
function releaseDay(version = ""): number {
  const [, year, month, day] = /^\d+\.(\d{4})(\d\d)(\d\d)\./.exec(version) ?? [];
  return Date.UTC(Number(year), Number(month) - 1, Number(day)) / 86_400_000;
}

test.each(["package.json", "clients/typescript/package.json", "scripts/client-types/package.json"])(
  "%s pins each dependency to one version",
  (path) => {
    const { dependencies, devDependencies } = read(path) as Manifest;
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
    }
  },
);

test.each(["workerd", "miniflare", "wrangler", "vitest"])("the Worker and its tests run on one release of %s", (name) => {
  expect(versionsOf(name)).toHaveLength(1);
});

test("the types of the runtime are of the same days as the runtime", () => {
  const [runtime] = versionsOf("workerd");
  const [types] = versionsOf("@cloudflare/workers-types");
  const days = releaseDay(types) - releaseDay(runtime);
  expect(days).toBeGreaterThanOrEqual(0);
  expect(days).toBeLessThanOrEqual(2);
});
