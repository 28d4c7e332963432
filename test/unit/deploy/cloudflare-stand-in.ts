import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { parseConfig } from "../../../src/config.ts";

/** Stands in for the parts of Cloudflare's API that a deployment meets, with databases that take real SQL. */
export interface CloudflareStandIn {
  /** For CLOUDFLARE_API_BASE_URL. */
  readonly url: string;
  /** Where the deployed Worker answers. */
  readonly workerUrl: string;
  readonly account: AccountStandIn;
  /** `METHOD path` of each call, without the account. */
  readonly calls: readonly string[];
  stop(): void;
}

export interface DatabaseStandIn {
  readonly name: string;
  readonly uuid: string;
  readonly location: string | null;
  readonly sql: DatabaseSync;
}

export interface WorkerStandIn {
  bindings: readonly { readonly type: string; readonly name: string; readonly class_name?: string; readonly [field: string]: unknown }[];
  readonly secrets: Map<string, string>;
  version: string;
  /** The metadata of the last upload. */
  metadata: Readonly<Record<string, unknown>>;
}

/** What a test prepares, and what the deployment made of it. */
export interface AccountStandIn {
  accounts: { readonly id: string; readonly name: string }[];
  subdomain: string | null;
  r2: boolean;
  paid: boolean;
  /** Paths that answer as to a token without the permission. */
  forbidden: RegExp | null;
  /** The next call of that path fails once, as Cloudflare does on a bad day. */
  failOnce: RegExp | null;
  readonly databases: Map<string, DatabaseStandIn>;
  /** The keys and the place of each bucket. */
  readonly buckets: Map<string, { readonly keys: string[]; readonly location: string | null }>;
  readonly workers: Map<string, WorkerStandIn>;
  /** The Worker of each Workflow. */
  readonly workflows: Map<string, string>;
  /** Versions that answer first, one request each, as those from before a deployment do for some seconds. */
  staleVersions: string[];
  /** What the Worker says of its venues, one answer per request; the last one stays. */
  status: Readonly<Record<string, string>>[];
}

export const ACCOUNT_ID = "0123456789abcdef0123456789abcdef";
export const OTHER_ACCOUNT_ID = "fedcba9876543210fedcba9876543210";

export async function startCloudflareStandIn(): Promise<CloudflareStandIn> {
  const account: AccountStandIn = {
    accounts: [{ id: ACCOUNT_ID, name: "Example" }],
    subdomain: "example",
    r2: true,
    paid: true,
    forbidden: null,
    failOnce: null,
    databases: new Map(),
    buckets: new Map(),
    workers: new Map(),
    workflows: new Map(),
    staleVersions: [],
    status: [Object.fromEntries(parseConfig({}).LIQUIDATION_EXCHANGES.map((name) => [name, "live"]))],
  };
  const calls: string[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const url = new URL(request.url ?? "/", "http://stand-in");
      const body = await bodyOf(request);
      const [status, answer] = url.pathname.startsWith("/client/v4")
        ? answerApi(account, calls, request, url, body)
        : answerWorker(account, url);
      response.writeHead(status, { "Content-Type": "application/json" });
      response.end(JSON.stringify(answer));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const workerUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${workerUrl}/client/v4`,
    workerUrl,
    account,
    calls,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A database that exists already. */
export function addDatabase(account: AccountStandIn, name: string, location: string | null = null): DatabaseStandIn {
  const number = String(account.databases.size + 1).padStart(12, "0");
  const database = { name, uuid: `00000000-0000-4000-8000-${number}`, location, sql: new DatabaseSync(":memory:") };
  account.databases.set(name, database);
  return database;
}

/** A Worker that exists already, of this project or of another. */
export function addWorker(account: AccountStandIn, name: string, className: string, secrets: readonly string[] = []): WorkerStandIn {
  const worker: WorkerStandIn = {
    bindings: [{ type: "durable_object_namespace", name: "OBJECT", class_name: className }],
    secrets: new Map(secrets.map((secret) => [secret, ""])),
    version: "00000000-0000-4000-9000-000000000000",
    metadata: {},
  };
  account.workers.set(name, worker);
  return worker;
}

/** JSON as an object, a form as its fields. */
async function bodyOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const bytes = Buffer.concat(parts);
  const type = request.headers["content-type"] ?? "";
  if (type.startsWith("multipart/form-data")) {
    const form = await new Response(bytes, { headers: { "Content-Type": type } }).formData();
    return Object.fromEntries([...form].map(([name, value]) => [name, typeof value === "string" ? value : ""]));
  }
  return parsed(bytes.toString());
}

/** An empty object where there is no JSON. */
function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

type Answer = readonly [status: number, body: object];
const success = (result: unknown): Answer => [200, { success: true, errors: [], messages: [], result, result_info: { page: 1, count: 0 } }];
const failure = (status: number, code: number, message: string): Answer => [
  status,
  { success: false, errors: [{ code, message }], messages: [], result: null },
];
const missing = failure(404, 10_007, "This does not exist on your account.");

function answerApi(
  account: AccountStandIn,
  calls: string[],
  request: IncomingMessage,
  url: URL,
  body: Readonly<Record<string, unknown>>,
): Answer {
  const method = request.method ?? "GET";
  const path = url.pathname.replace("/client/v4", "");
  calls.push(`${method} ${path.replace(/^\/accounts\/[0-9a-f]{32}/, "")}`);
  if (account.forbidden?.test(path) === true) return failure(403, 10_000, "Authentication error");
  if (account.failOnce?.test(`${method} ${path}`) === true) {
    account.failOnce = null;
    return failure(500, 10_013, "An unknown error has occurred.");
  }
  if (path === "/accounts") return success(account.accounts);
  if (path === "/memberships") return success(account.accounts.map((one) => ({ account: one, roles: [] })));
  const [, id, rest = ""] = /^\/accounts\/([0-9a-f]{32})(\/.*)$/.exec(path) ?? [];
  if (id === undefined || !account.accounts.some((one) => one.id === id))
    return failure(403, 9_109, "Unauthorized to access requested resource");
  return answerAccount(account, method, rest, url.searchParams, body);
}

function answerAccount(
  account: AccountStandIn,
  method: string,
  path: string,
  query: URLSearchParams,
  body: Readonly<Record<string, unknown>>,
): Answer {
  if (path.startsWith("/d1/")) return answerD1(account, method, path, body);
  if (path.startsWith("/r2/")) return answerR2(account, method, path, query, body);
  if (path.startsWith("/workflows/")) return answerWorkflow(account, method, path, body);
  if (path === "/workers/subdomain") return answerSubdomain(account, method, body);
  return answerWorkers(account, method, path, body);
}

function answerSubdomain(account: AccountStandIn, method: string, body: Readonly<Record<string, unknown>>): Answer {
  if (method === "PUT") {
    if (body["subdomain"] === "taken") return failure(409, 10_031, "This subdomain is unavailable.");
    account.subdomain = String(body["subdomain"]);
  }
  return account.subdomain === null
    ? failure(404, 10_007, "You do not have a workers.dev subdomain.")
    : success({ subdomain: account.subdomain });
}

function answerD1(account: AccountStandIn, method: string, path: string, body: Readonly<Record<string, unknown>>): Answer {
  const [, idOrName, action] = /^\/d1\/database(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(path) ?? [];
  if (idOrName === undefined) {
    if (method !== "POST") return success([...account.databases.values()].map(({ name, uuid }) => ({ name, uuid })));
    const hint = body["primary_location_hint"];
    const { name, uuid } = addDatabase(account, String(body["name"]), typeof hint === "string" ? hint : null);
    return success({ name, uuid });
  }
  const database = [...account.databases.values()].find(({ name, uuid }) => [name, uuid].includes(decodeURIComponent(idOrName)));
  if (database === undefined) return failure(404, 7_404, "The database could not be found");
  if (action === "query") return success(runSql(database.sql, String(body["sql"])));
  return success({ name: database.name, uuid: database.uuid, version: "production" });
}

/** As D1 answers: the rows of one statement, and nothing of several. */
function runSql(sql: DatabaseSync, text: string): readonly object[] {
  const meta = { duration: 1, rows_read: 0, rows_written: 0, changes: 0 };
  if (/;\s*\S/.test(text)) {
    sql.exec(text);
    return [{ results: [], success: true, meta }];
  }
  return [{ results: sql.prepare(text).all(), success: true, meta }];
}

function answerR2(
  account: AccountStandIn,
  method: string,
  path: string,
  query: URLSearchParams,
  body: Readonly<Record<string, unknown>>,
): Answer {
  if (!account.r2) return failure(403, 10_042, "Please enable R2 through the Cloudflare Dashboard.");
  if (method === "POST") {
    const hint = body["locationHint"];
    account.buckets.set(String(body["name"]), { keys: [], location: typeof hint === "string" ? hint : null });
    return success({ name: body["name"] });
  }
  const [, name = "", objects] = /^\/r2\/buckets\/([^/]+)(\/objects)?$/.exec(path) ?? [];
  const bucket = account.buckets.get(name);
  if (bucket === undefined) return failure(404, 10_006, "The specified bucket does not exist.");
  if (objects === undefined) return success({ name });
  const keys = bucket.keys.filter((key) => key.startsWith(query.get("prefix") ?? ""));
  return success(keys.slice(0, Number(query.get("per_page") ?? 20)).map((key) => ({ key })));
}

function answerWorkflow(account: AccountStandIn, method: string, path: string, body: Readonly<Record<string, unknown>>): Answer {
  const name = path.split("/")[2] ?? "";
  if (method === "PUT") account.workflows.set(name, String(body["script_name"]));
  const worker = account.workflows.get(name);
  return worker === undefined ? failure(404, 10_200, "workflow.not_found") : success({ id: name, name, script_name: worker });
}

function answerWorkers(account: AccountStandIn, method: string, path: string, body: Readonly<Record<string, unknown>>): Answer {
  if (path === "/workers/scripts") return success([...account.workers.keys()].map((id) => ({ id })));
  if (path.endsWith("/assets-upload-session")) return success({ jwt: "uploaded", buckets: [] });
  const [, name = ""] = /^\/workers\/(?:scripts|services|workers)\/([^/]+)/.exec(path) ?? [];
  const isUpload = /^\/workers\/scripts\/[^/]+(\/versions)?$/.test(path) && ["PUT", "POST"].includes(method);
  if (isUpload) return uploadWorker(account, name, parsed(String(body["metadata"])));
  const worker = account.workers.get(name);
  if (worker === undefined) return missing;
  if (path.endsWith("/secrets")) return success([...worker.secrets.keys()].map((secret) => ({ name: secret, type: "secret_text" })));
  if (path.endsWith("/settings")) return success({ bindings: worker.bindings, tags: [] });
  if (path.endsWith("/subdomain")) return success({ enabled: true, previews_enabled: false });
  if (path.endsWith("/schedules")) return success({ schedules: [] });
  if (path.includes("/workers/workers/")) return success({ id: name, name, subdomain: { enabled: true, previews_enabled: false } });
  if (path.includes("/deployments")) return success({ deployments: [], id: "d" });
  if (path.includes("/workers/services/")) {
    const script = { last_deployed_from: "wrangler", tag: "t", tags: [], migration_tag: null };
    return success({ default_environment: { environment: "production", script } });
  }
  return success({ id: name, name });
}

/** Free accounts are refused because of `[limits]`, with the words of Cloudflare. */
function uploadWorker(account: AccountStandIn, name: string, metadata: Readonly<Record<string, unknown>>): Answer {
  if (!account.paid) return failure(400, 100_328, "CPU limits are not supported for the Free plan.");
  const bindings = (metadata["bindings"] ?? []) as WorkerStandIn["bindings"];
  const before = account.workers.get(name);
  const secrets = new Map(before?.secrets);
  for (const { type, name: secret, text } of bindings) if (type === "secret_text") secrets.set(secret, String(text));
  const version = `00000000-0000-4000-9000-${String((before === undefined ? 0 : Number(before.version.slice(-12))) + 1).padStart(12, "0")}`;
  account.workers.set(name, { bindings, secrets, version, metadata });
  return success({
    id: name,
    etag: "e",
    pipeline_hash: "p",
    startup_time_ms: 100,
    deployment_id: version.replaceAll("-", ""),
    mutable_pipeline_id: "m",
  });
}

/** The status of the last Worker that was uploaded. */
function answerWorker(account: AccountStandIn, url: URL): Answer {
  const worker = [...account.workers.values()].at(-1);
  if (url.pathname !== "/v1/status" || worker === undefined) return [404, { detail: "There is nothing here yet." }];
  const version = account.staleVersions.shift() ?? worker.version;
  const states = account.status.length > 1 ? account.status.shift() : account.status[0];
  const exchanges = Object.entries(states ?? {}).map(([exchange, state]) => ({
    exchange,
    state,
    error: state === "off" ? "not in LIQUIDATION_EXCHANGES" : null,
    events_today: 0,
    warnings: [],
    sockets: [{ last_error: state === "blocked" ? "HTTP 451" : null }],
  }));
  return [200, { data: { versions: { worker: version }, exchanges } }];
}
