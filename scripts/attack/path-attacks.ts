import type { Attack } from "./attack.ts";
import { type AttackedOperation, filledPath } from "./document.ts";
import type { Key } from "./input-attacks.ts";

const TRAVERSALS = [
  "..%2f..%2f..%2fetc%2fpasswd",
  "..%252f..%252fetc%252fpasswd",
  "%2e%2e%2f%2e%2e%2fliquidations",
  "....//....//daily",
  "..%5c..%5cdaily",
  "%2fetc%2fpasswd",
  "liquidations%2fv1%2fdate=2026-11-20",
  "x%00.parquet",
  ".",
  "%20",
  "%ff",
  "a".repeat(2_000),
  "'%20OR%20'1'='1",
  "*",
  "__proto__",
];

/** Names of files and ids that lead elsewhere: no part of a path is more than a name. */
export function traversalAttacks(operations: readonly AttackedOperation[], key: Key): readonly Attack[] {
  return operations.flatMap((operation) =>
    Object.keys(operation.parts).flatMap((part) =>
      TRAVERSALS.map((value): Attack => ({
        category: "path traversal",
        name: `${operation.method} ${operation.id} ${part}`,
        method: operation.method,
        path: filledPath(operation, { [part]: value }),
        headers: key(operation),
        ...(operation.body === undefined ? {} : { body: JSON.stringify(operation.body) }),
        // 405: a part that is nothing leaves the path of another operation.
        expect: [400, 404, 405],
      })),
    ),
  );
}

const PATHS = [
  "//v1//status",
  "/v1/status/",
  "/v1/status;a=b",
  "/v1/status%2f",
  "/V1/STATUS",
  "/v1/../v1/keys",
  "/v1/%2e%2e/keys",
  "/.git/config",
  "/.env",
  "/wp-login.php",
  "/cdn-cgi/trace",
  "/docs-assets/..%2f..%2fwrangler.toml",
  "/v1/keys%00",
  "/%",
  "/%ff%fe",
  `/${"a".repeat(8_000)}`,
  `/v1/${"../".repeat(200)}etc/passwd`,
  "/v1/liquidations?".padEnd(8_000, "a=1&"),
];

/** Addresses beside the document's. None may open what needs a key. */
export function pathAttacks(): readonly Attack[] {
  return PATHS.map((path) => ({
    category: "odd paths",
    name: path.slice(0, 60),
    path,
    judge: ({ status, text }) => (status === 200 && text.includes('"key_id"') ? "it shows API keys" : null),
  }));
}

const METHODS = ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "PROPFIND", "MKCOL", "SEARCH"];

export function methodAttacks(operations: readonly AttackedOperation[]): readonly Attack[] {
  return [...new Set(operations.map((operation) => filledPath(operation)))].flatMap((path) =>
    METHODS.map((method) => ({ category: "methods", name: `${method} ${path}`, method, path })),
  );
}
