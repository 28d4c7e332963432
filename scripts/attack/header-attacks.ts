import type { Attack } from "./attack.ts";

const HEADERS: readonly (readonly [name: string, headers: Readonly<Record<string, string>>])[] = [
  ["another method", { "X-HTTP-Method-Override": "DELETE", "X-Method-Override": "DELETE" }],
  ["another path", { "X-Original-URL": "/v1/keys", "X-Rewrite-URL": "/v1/keys" }],
  ["another host", { "X-Forwarded-Host": "evil.example", Forwarded: "host=evil.example" }],
  ["a request id of its own", { "X-Request-Id": "<script>alert(1)</script>" }],
  ["a long request id", { "X-Request-Id": "a".repeat(4_000) }],
  ["basic credentials", { Authorization: "Basic YWRtaW46YWRtaW4=" }],
  ["an impossible range", { Range: "bytes=0-,0-,0-,0-,0-,0-,0-,0-,0-,0-" }],
  ["a negative range", { Range: "bytes=-99999999999999999999" }],
  ["many tags", { "If-None-Match": Array.from({ length: 500 }, (_, index) => `"${index}"`).join(", ") }],
  ["a broken tag", { "If-None-Match": '"' }],
  ["an odd time", { "If-Modified-Since": "NaN", "If-Unmodified-Since": "0" }],
  ["a broken Accept", { Accept: ";;;,q=,*/*;q=NaN" }],
  ["a broken encoding", { "Accept-Encoding": "gzip;q=1e999, br;q=-1" }],
  ["a cookie", { Cookie: "admin=true; session=' OR 1=1" }],
  ["a language", { "Accept-Language": "../../etc/passwd" }],
  ["the admin of a proxy", { "X-Admin": "true", "X-User": "admin", "X-API-Scopes": "admin" }],
];

const PATHS = ["/v1/status", "/v1/liquidations?limit=1", "/v1/datasets", "/v1/health"];

export function headerAttacks(): readonly Attack[] {
  return PATHS.flatMap((path) =>
    HEADERS.map(([name, headers]): Attack => ({
      category: "header tricks",
      name: `${path}: ${name}`,
      path,
      headers,
      judge: ({ text, headers: answered }) => {
        const written = text + [...answered].join("\n");
        if (written.includes("evil.example")) return "it takes its host from the caller";
        if (text.includes('"key_id"')) return "it shows API keys";
        return written.includes("<script>") ? "it echoes a script" : null;
      },
    })),
  );
}

/** Other sites may read without credentials, and never write or use the caller's. */
export function corsAttacks(): readonly Attack[] {
  const origin = "https://evil.example";
  const preflight = (path: string, method: string): Attack => ({
    category: "CORS",
    name: `preflight of ${method} ${path}`,
    method: "OPTIONS",
    path,
    headers: { Origin: origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "content-type,authorization" },
    judge: ({ headers }) => {
      const allowed = (headers.get("Access-Control-Allow-Methods") ?? "").split(/, */u);
      return headers.get("Access-Control-Allow-Origin") !== null && allowed.includes(method) ? `other sites may ${method}` : null;
    },
  });
  const paths = ["/v1/status", "/v1/keys", "/v1/webhooks", "/v1/exports"];
  return [
    ...paths.flatMap((path) => ["POST", "DELETE", "PUT", "PATCH"].map((method) => preflight(path, method))),
    ...["/v1/status", "/v1/keys", "/mcp", "/docs"].map((path): Attack => ({
      category: "CORS",
      name: `GET ${path} of another site`,
      path,
      headers: { Origin: origin },
      judge: ({ headers }) => (headers.get("Access-Control-Allow-Origin") === origin ? "it reflects any origin" : null),
    })),
    ...["null", "file://", "https://evil.example.localhost"].map((other): Attack => ({
      category: "CORS",
      name: `an origin ${other}`,
      path: "/v1/status",
      headers: { Origin: other },
      judge: ({ headers }) => (headers.get("Access-Control-Allow-Origin") === other ? "it reflects any origin" : null),
    })),
  ];
}
