import type { Attack } from "./attack.ts";
import { type AttackedOperation, filledPath } from "./document.ts";

/** The API keys that an attack makes for itself, by what they may do. */
export interface Keys {
  readonly admin: string;
  readonly read: string;
  readonly exporter: string;
  readonly otherExporter: string;
  readonly revoked: string;
  readonly hooks: string;
  readonly otherHooks: string;
  /** A webhook endpoint of `hooks`. */
  readonly endpointId: string;
  /** An export of `exporter`. */
  readonly exportId: string;
}

/** Credentials that are none: each must be refused where one is needed. */
function wrongCredentials({ admin, read, revoked }: Keys): readonly (readonly [string, Readonly<Record<string, string>>])[] {
  return [
    ["none", {}],
    ["a revoked key", bearer(revoked)],
    ["a key with one letter more", bearer(`${read}A`)],
    ["a key with one letter less", bearer(read.slice(0, -1))],
    ["a key in capitals", bearer(read.toUpperCase())],
    ["the admin token with one letter more", bearer(`${admin}x`)],
    ["the admin token with one letter less", bearer(admin.slice(0, -1))],
    ["the admin token twice", bearer(`${admin}, ${admin}`)],
    ["an empty key", { "X-API-Key": "" }],
    ["a bearer without a key", { Authorization: "Bearer " }],
    ["a long key", bearer(`liq_${"A".repeat(6_000)}`)],
    ["SQL", bearer("liq_' OR '1'='1")],
    ["a token of no algorithm", bearer("eyJhbGciOiJub25lIn0.eyJyb2xlIjoiYWRtaW4ifQ.")],
    ["basic credentials", { Authorization: `Basic ${Buffer.from(`admin:${admin}`).toString("base64")}` }],
  ];
}

export function credentialAttacks(operations: readonly AttackedOperation[], keys: Keys): readonly Attack[] {
  const locked = operations.filter(({ needsKey }) => needsKey);
  return locked.flatMap((operation, index) =>
    // Each operation with two of them, and the first with all: the refusal stands before them all.
    wrongCredentials(keys)
      .filter((_, number, all) => index === 0 || number === 0 || number === 1 + (index % (all.length - 1)))
      .map(([name, headers]) => ({ ...called(operation, "key misuse", name, headers), expect: [401] })),
  );
}

/** A key in the address is no credential: addresses are logged. */
export function queryKeyAttacks({ admin }: Keys): readonly Attack[] {
  return ["api_key", "key", "token", "access_token", "authorization"].map((name) => ({
    category: "key misuse",
    name: `the admin token as ?${name}`,
    path: `/v1/keys?${name}=${encodeURIComponent(admin)}`,
    expect: [400, 401],
    judge: ({ text }) => (text.includes(admin) ? "it echoes the token" : null),
  }));
}

/** What the key of another scope or of another holder must not reach. */
export function scopeAttacks(operations: readonly AttackedOperation[], keys: Keys): readonly Attack[] {
  const holders = [
    ["read", keys.read],
    ["export", keys.exporter],
    ["webhooks", keys.hooks],
  ] as const;
  const exports = operations.filter(({ path }) => path.startsWith("/v1/exports/{id}"));
  const endpoints = operations.filter(({ path }) => path.startsWith("/v1/webhooks/{id}"));
  return [
    ...holders.flatMap(([scope, key]) =>
      operations
        .filter(({ needsKey, scopes }) => needsKey && scopes.size > 0 && !scopes.has(scope))
        .map((operation) => ({ ...called(operation, "scope crossing", `a key of the scope ${scope}`, bearer(key)), expect: [403] })),
    ),
    ...exports.map((operation) => {
      const path = filledPath(operation, { id: keys.exportId });
      return { ...called(operation, "scope crossing", "the export of another key", bearer(keys.otherExporter)), path, expect: [404] };
    }),
    ...endpoints.map((operation) => {
      const path = filledPath(operation, { id: keys.endpointId });
      return {
        ...called(operation, "scope crossing", "the webhook endpoint of another key", bearer(keys.otherHooks)),
        path,
        expect: [404],
      };
    }),
    {
      category: "scope crossing",
      name: "the list of webhook endpoints of another key",
      path: "/v1/webhooks",
      headers: bearer(keys.otherHooks),
      expect: [200],
      judge: ({ text }) => (text.includes(keys.endpointId) ? "it lists the webhook endpoints of another key" : null),
    },
    {
      category: "scope crossing",
      name: "the usage of another key",
      path: "/v1/usage?key_id=key_0000000000000000",
      headers: bearer(keys.read),
      expect: [400, 403, 404],
    },
    {
      category: "scope crossing",
      name: "a key with more scopes than its maker has",
      method: "POST",
      path: "/v1/keys",
      headers: { ...bearer(keys.exporter), "Content-Type": "application/json" },
      body: JSON.stringify({ name: "more", scopes: ["admin"] }),
      expect: [403],
    },
    {
      category: "scope crossing",
      name: "the list of exports of another key",
      path: "/v1/exports",
      headers: bearer(keys.otherExporter),
      expect: [200],
      judge: ({ text }) => (text.includes(keys.exportId) ? "it lists the exports of another key" : null),
    },
  ];
}

function called(operation: AttackedOperation, category: string, name: string, headers: Readonly<Record<string, string>>): Attack {
  const body = operation.body === undefined ? {} : { body: JSON.stringify(operation.body) };
  const json = operation.body === undefined ? {} : { "Content-Type": "application/json" };
  return {
    category,
    name: `${operation.id}: ${name}`,
    method: operation.method,
    path: filledPath(operation),
    headers: { ...json, ...headers },
    ...body,
  };
}

export function bearer(key: string): Readonly<Record<string, string>> {
  return { Authorization: `Bearer ${key}` };
}
