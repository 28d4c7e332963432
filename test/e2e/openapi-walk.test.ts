import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readFeeds, untilDrained } from "../../scripts/demo/read-feeds.ts";
import type { LocalWorker } from "../../scripts/local-worker.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";
import { type Venues, environment, startVenues } from "../../scripts/simulator/start-venues.ts";
import { newState, startBuiltWorker } from "./built-worker.ts";
import { ApiDocument, type WalkedOperation } from "./walk/api-document.ts";
import { startInbox } from "./walk/delivery-inbox.ts";
import { testPrograms } from "./walk/programs.ts";
import { EXAMPLE_DAY, setStage } from "./walk/stage.ts";

/** Walks the document against the built Worker: what an operation is not known to take fails the walk. */

const ADMIN_TOKEN = "walk-admin-token-of-all-these-tests";
const LIQUIDATING = ["binance", "bybit", "okx", "bitfinex"] as const;

/** A request over an operation's example. */
interface Call {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** Instead of the example's body, or beside some of it. */
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly key?: string;
}

interface Answer {
  readonly status: number;
  readonly body: { readonly data?: unknown; readonly meta?: unknown };
}

/** Events that happen on the walk. */
const EVENTS = ["webhook.test", "signal.issued", "export.ready"];

/** Values of earlier answers: ids, names, keys. */
const known = new Map<string, string>();

/** How each operation is called, in an order in which each finds what it asks for. What is removed comes last. */
const CALLS: Readonly<Record<string, (ask: Ask) => Promise<void>>> = {
  getHealth: (ask) => ask(),
  getReady: async (ask) => {
    await tickAgain();
    await ask();
  },
  getMetrics: (ask) => ask(),
  getStatus: (ask) => ask(),
  listSymbols: (ask) => ask.some(),
  getTruthBoard: (ask) => ask.some("exchanges"),
  listGaps: (ask) => ask.some(),
  getCoverage: (ask) => ask(),
  getStats: (ask) => ask(),
  listLiquidations: async (ask) => {
    const { body } = await ask.answer();
    expect(body.data).toHaveLength(2);
    known.set("event", text(body.data, 0, "event_id"));
    await ask({ query: { cursor: text(body.meta, "next_cursor") } });
    // More than is kept, so that the answer says what it lacks.
    await ask({ query: { start: String(Date.now() - 100 * DAY_MS) } });
  },
  listTotals: (ask) => ask(),
  listEstimateMethods: (ask) => ask(),
  listMarks: (ask) => ask(),
  getMarketState: (ask) => ask(),
  getRanking: (ask) => ask(),
  listCascades: async (ask) => {
    const { body } = await ask.answer();
    known.set("cascade", text(body.data, 0, "cascade_id"));
  },
  getCascade: async (ask) => {
    await ask({ params: { id: name("cascade") } });
    await ask({ params: { id: "BTC-long-1" } }, 404);
  },
  getCascadeForecast: (ask) => ask({ query: { symbol: "BTC" } }),
  getCascadeImage: (ask) => ask({ params: { id: name("cascade") } }),
  getCrossExchange: (ask) => ask.some("exchanges"),
  getContagion: (ask) => ask(),
  listSignals: async (ask) => {
    const { body } = await ask.answer();
    known.set("signal", text(body.data, 0, "signal_id"));
    // One at least: minutes that the cron catches up with are on the ledger too, as late.
    known.set("signals", String((body.data as readonly unknown[]).length));
    await ask.some(undefined, { query: { include: "statistics" } });
  },
  listGrades: (ask) => ask(),
  getScoreboard: (ask) => ask(),
  verifySignals: async (ask) => {
    const { body } = await ask.answer();
    expect(body.data).toMatchObject({ valid: true, checked: Number(name("signals")) });
  },
  getSignal: (ask) => ask.some("grades", { params: { id: name("signal") } }),
  openStream: (ask) => ask({ query: { symbol: "BTC" } }),
  createStreamTicket: (ask) => ask({}, 201),
  getStreamStats: (ask) => ask(),
  listDatasets: async (ask) => {
    const { body } = await ask.answer();
    known.set("date", text(body.data, 0, "date"));
    known.set("dataset", text(body.data, 0, "path").replace(/.*\//, ""));
  },
  listDatasetChanges: (ask) => ask.some(),
  getDataset: (ask) => ask({ params: { date: name("date") } }),
  downloadDataset: async (ask) => {
    const params = { date: name("date"), name: name("dataset") };
    await ask({ params });
    await ask({ params, headers: { Range: "bytes=0-3" } }, 206);
    await ask({ params, headers: { Range: "bytes=999999999-" } }, 416);
    await ask({ params, headers: { "If-None-Match": "*" } }, 304);
  },
  getRawFrame: async (ask) => {
    const { body } = await ask.answer({ params: { event_id: name("event") } });
    expect((body.data as { readonly event_ids: readonly string[] }).event_ids).toContain(name("event"));
    await ask({ params: { event_id: `${name("event")}:9` } }, 404);
  },
  listRawFiles: async (ask) => {
    const { body } = await ask.answer();
    known.set("raw file", text(body.data, 0, "name"));
  },
  downloadRawFile: (ask) => ask({ params: { name: name("raw file") } }),
  estimateExport: (ask) => ask(),
  createExport: async (ask) => {
    const { body } = await ask.answer({ headers: { "Idempotency-Key": "walk" } }, 202);
    known.set("export", text(body.data, "export_id"));
    await ask({ headers: { "Idempotency-Key": "walk" }, body: { format: "csv" } }, 422);
  },
  listExports: (ask) => ask.some(),
  getExport: async (ask) => {
    const params = { id: name("export") };
    for (let tries = 0; ; tries += 1) {
      const { body } = await ask.answer({ params });
      if (text(body.data, "state") === "done") {
        known.set("file", text(body.data, "downloads", 0, "name"));
        return;
      }
      if (tries > 60) throw new Error(`the export is not done: ${JSON.stringify(body.data)}`);
      await sleep(500);
    }
  },
  downloadExport: (ask) => ask({ params: { id: name("export"), name: name("file") } }),
  createWebhook: async (ask) => {
    const { body } = await ask.answer({ body: { url: inbox.url, events: [], symbols: [] } }, 201);
    known.set("webhook", text(body.data, "id"));
  },
  listWebhooks: (ask) => ask.some(),
  getWebhook: (ask) => ask({ params: { id: name("webhook") } }),
  updateWebhook: (ask) => ask({ params: { id: name("webhook") }, body: { events: [] } }),
  testWebhook: async (ask) => {
    const { body } = await ask.answer({ params: { id: name("webhook") } }, 202);
    known.set("delivery", text(body.data, "delivery_id"));
  },
  rotateWebhookSecret: (ask) => ask({ params: { id: name("webhook") } }),
  enableWebhook: (ask) => ask({ params: { id: name("webhook") } }),
  listDeliveries: (ask) => ask.some(undefined, { params: { id: name("webhook") } }),
  replayDelivery: (ask) => ask({ params: { id: name("webhook"), delivery: name("delivery") } }, 202),
  getRuleLanguage: (ask) => ask(),
  previewRule: (ask) => ask(),
  createRule: async (ask) => {
    const body = { name: "Any large one", rule: "usd_value > 5_000 cooldown 1m", symbols: ["BTC"] };
    known.set("rule", text((await ask.answer({ body }, 201)).body.data, "id"));
  },
  listRules: (ask) => ask.some(),
  getRule: (ask) => ask({ params: { id: name("rule") } }),
  updateRule: (ask) => ask({ params: { id: name("rule") } }),
  listRuleEvents: (ask) => ask({ params: { id: name("rule") } }),
  createKey: async (ask) => {
    const { body } = await ask.answer({ body: { requests_per_day: 100 } }, 201);
    known.set("key", text(body.data, "key"));
    known.set("key_id", text(body.data, "key_id"));
  },
  listKeys: async (ask) => {
    await ask.some();
    await ask({ key: name("key") }, 403);
  },
  getKey: (ask) => ask({ params: { id: name("key_id") } }),
  getUsage: (ask) => ask({ key: name("key") }),
  getOwnKey: async (ask) => {
    await ask({ key: name("key") });
    await ask({ key: name("key"), headers: { "If-None-Match": "*" } }, 304);
  },
  rotateOwnKey: async (ask) => {
    const { body } = await ask.answer({ key: name("key"), headers: { "Idempotency-Key": "rotate" } });
    known.set("key", text(body.data, "key"));
  },
  getPlatformUsage: (ask) => ask(),
  refillStore: (ask) => ask({}, 202),
  getStoreRefill: (ask) => ask(),
  sendMcpMessage: async (ask) => {
    const headers = { Accept: "application/json, text/event-stream", "Content-Type": "application/json" };
    await ask({ headers });
    await ask({ headers: { ...headers, Accept: "text/html" } }, 406);
    await ask({ headers: { ...headers, "Content-Type": "text/plain" } }, 415);
    await ask({ headers, body: { jsonrpc: "2.0", method: "notifications/initialized" } }, 202);
  },
  getOpenApi: (ask) => ask(),
  getAsyncApi: (ask) => ask(),
  getDocs: (ask) => ask(),
  getStreamDocs: (ask) => ask(),
  getLlmsText: (ask) => ask(),
  deleteExport: (ask) => ask({ params: { id: name("export") } }, 204),
  deleteRule: (ask) => ask({ params: { id: name("rule") } }, 204),
  deleteWebhook: async (ask) => {
    await until("the events are delivered", () => Promise.resolve(EVENTS.every((type) => deliveredTypes().has(type))));
    await ask({ params: { id: name("webhook") } }, 204);
  },
  revokeOwnKey: (ask) => ask({ key: name("key") }, 204),
  revokeKey: (ask) => ask({ params: { id: name("key_id") } }, 204),
};

/** Asks an operation, and holds what it answers against the document. */
interface Ask {
  (call?: Call, status?: number): Promise<void>;
  answer(call?: Call, status?: number): Promise<Answer>;
  /** Asks for a list that must not be empty, so that its items are held against the document too. */
  some(field?: string, call?: Call): Promise<void>;
}

let stateDir: string;
let venues: Venues;
let worker: LocalWorker;
let inbox: Awaited<ReturnType<typeof startInbox>>;
let document: ApiDocument;
let quarterPast: number;

/** A run of the cron now, unless that is before one that was. */
const tickAgain = () => worker.tick(new Date(Math.max(quarterPast, Date.now())));

beforeAll(async () => {
  stateDir = await newState();
  [venues, inbox] = [await startVenues({ rate: 0 }), await startInbox()];
  const variables = {
    ...environment(venues),
    ADMIN_TOKEN,
    LOCAL_DEVELOPMENT: "true",
    LIQUIDATION_BATCH_INTERVAL_SECONDS: "1",
  };
  const minute = floorTo(Date.now(), MINUTE_MS);
  await setStage(stateDir, minute);
  worker = await startBuiltWorker(stateDir, variables);
  document = new ApiDocument(await (await fetch(`${worker.url}/openapi.json`)).json());
  // Before anything happens, so that it receives the events.
  await call("createWebhook");
  // A quarter of an hour after the hour, when closed days are made into files. In their order: no job goes back in time.
  quarterPast = floorTo(minute, HOUR_MS) + 15 * MINUTE_MS;
  for (const time of [Math.min(quarterPast, minute), Math.max(quarterPast, minute)]) await worker.tick(new Date(time));
  await until("all feeds are live", async () => (await readFeeds(worker.url)).every(({ state }) => state === "live"));
  for (const venue of LIQUIDATING) {
    for (const side of ["long", "short"] as const) venues[venue].liquidate({ symbol: "BTC", side, usd: 10_000 });
  }
  await until("each venue has sent, and all that was sent is collected", async () => {
    const sent = LIQUIDATING.map((venue) => venues[venue].sent().length);
    const collected = (await readFeeds(worker.url)).reduce((sum, feed) => sum + feed.events_total, 0);
    return sent.every((count) => count > 0) && collected === sent.reduce((sum, count) => sum + count, 0);
  });
  expect(await untilDrained(worker.url, 60_000)).toBe(true);
  await until("the Workflow has made the file of the closed day", async () => {
    const response = await fetch(`${worker.url}/v1/datasets`);
    return ((await response.json()) as { readonly data: readonly unknown[] }).data.length > 0;
  });
});

afterAll(async () => {
  await worker.stop();
  inbox.stop();
  await venues.stop();
  await rm(stateDir, { recursive: true, force: true });
});

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  // No more often: what the feeds say is asked for without a key, which is counted.
  for (const deadline = Date.now() + 30_000; !(await holds()); await sleep(500)) {
    if (Date.now() > deadline) throw new Error(`not within 30 s: ${what}`);
  }
}

/** A value out of an answer, by the names and places that lead to it. */
function text(value: unknown, ...path: readonly (string | number)[]): string {
  const found = path.reduce<unknown>((part, step) => (part as Readonly<Record<string | number, unknown>> | undefined)?.[step], value);
  if (typeof found !== "string") throw new TypeError(`there is no text at ${path.join(".")} of ${JSON.stringify(value)}`);
  return found;
}

function name(what: string): string {
  const found = known.get(what);
  if (found === undefined) throw new Error(`no earlier answer had the ${what}`);
  return found;
}

function operationNamed(id: string): WalkedOperation {
  const operation = document.operations().find((one) => one.id === id);
  if (operation === undefined) throw new Error(`the document has no operation ${id}`);
  return operation;
}

/** The operation's example with what a call changes in it. */
function request({ method, path, parameters, body }: WalkedOperation, changed: Call): readonly [string, RequestInit] {
  const examples = (place: string) =>
    parameters.flatMap(({ in: where, name: parameter = "", example }) =>
      where === place && example !== undefined ? [[parameter, String(example)]] : [],
    );
  const params = { ...(Object.fromEntries(examples("path")) as Record<string, string>), ...changed.params };
  const filled = path.replaceAll(/\{(\w+)\}/g, (_whole, part: string) => {
    const value = params[part];
    if (value === undefined) throw new Error(`the walk does not know the ${part} of ${method} ${path}`);
    return encodeURIComponent(value);
  });
  const query = new URLSearchParams({ ...Object.fromEntries(examples("query")), ...changed.query });
  const init: RequestInit = { method, headers: { Authorization: `Bearer ${changed.key ?? ADMIN_TOKEN}`, ...changed.headers } };
  const isReplaced = changed.body !== undefined && "jsonrpc" in changed.body;
  if (body !== undefined) init.body = JSON.stringify(isReplaced ? changed.body : { ...(body as object), ...changed.body });
  return [`${worker.url}${filled}${query.size === 0 ? "" : `?${query}`}`, init];
}

async function send(operation: WalkedOperation, [url, init]: readonly [string, RequestInit], status: number): Promise<Answer> {
  const response = await fetch(url, init);
  const written = await textOf(response);
  expect(response.status, `${operation.method} ${url}: ${written.slice(0, 500)}`).toBe(status);
  expect(document.misfits(operation, response, written), `${operation.method} ${url}`).toEqual([]);
  const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
  return { status, body: isJson ? (JSON.parse(written) as Answer["body"]) : {} };
}

/** The whole body, or of a stream, which does not end, what comes until its snapshot. */
async function textOf(response: Response): Promise<string> {
  if (response.headers.get("Content-Type")?.startsWith("text/event-stream") !== true) return response.text();
  let written = "";
  for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    written += part;
    if (written.includes("event: snapshot")) break;
  }
  return written;
}

function askOf(operation: WalkedOperation): Ask {
  const answer = (asked: Call = {}, status = 200) => send(operation, request(operation, asked), status);
  const ask = async (asked?: Call, status?: number): Promise<void> => {
    await answer(asked, status);
  };
  const some = async (field?: string, asked?: Call): Promise<void> => {
    const { data } = (await answer(asked)).body;
    const list = field === undefined ? data : (data as Readonly<Record<string, unknown>>)[field];
    expect(Array.isArray(list) && list.length > 0, `${operation.id} is empty`).toBe(true);
  };
  return Object.assign(ask, { answer, some });
}

async function call(id: string): Promise<void> {
  const how = CALLS[id];
  if (how === undefined) throw new Error(`the walk does not know how to call ${id}`);
  await how(askOf(operationNamed(id)));
}

test("the walk knows every operation of the document, and no other", () => {
  expect(Object.keys(CALLS).toSorted()).toEqual(
    document
      .operations()
      .map(({ id }) => id)
      .toSorted(),
  );
});

describe("a bad request is a problem as the document has it", () => {
  /** Parts of a path that lead to nothing. */
  const nowhere = { id: "nothing", event_id: "okx:nothing", name: "nothing", delivery: "nothing", date: "2020-01-02" };
  const bad = (operation: WalkedOperation, change: (url: URL, init: RequestInit) => void, status: number) => {
    const [address, init] = request(operation, { params: nowhere });
    const url = new URL(address);
    change(url, init);
    return send(operation, [url.href, init], status);
  };

  test("with a parameter that is none, or a body that is none", async () => {
    for (const operation of document.operations()) {
      await bad(
        operation,
        (url, init) => {
          url.searchParams.set("nonsense", "1");
          if (operation.body !== undefined) init.body = "[";
        },
        400,
      );
    }
  });

  test("without a key, and with an invalid one", async () => {
    const locked = document.operations().filter(({ needsKey }) => needsKey);
    expect(locked.length).toBeGreaterThan(15);
    for (const operation of locked) await bad(operation, (_url, init) => (init.headers = {}), 401);
    const refusing = document.operations().filter(({ statuses }) => statuses.includes("401"));
    // One of each path's first segment: the refusal stands before them all, and is counted by address.
    const few = [...new Map(refusing.map((operation) => [operation.path.split("/", 3).join("/"), operation])).values()];
    for (const operation of few) await bad(operation, (_url, init) => (init.headers = { "X-API-Key": "liq_none" }), 401);
  });

  test("with a method there is not", async () => {
    const paths = new Map(document.operations().map((operation) => [operation.path, operation]));
    for (const operation of paths.values()) {
      await bad(
        operation,
        (_url, init) => {
          init.method = "PUT";
          delete init.body;
        },
        405,
      );
    }
  });

  test("for what is not there", async () => {
    const named = document.operations().filter(({ path, statuses }) => path.includes("{") && statuses.includes("404"));
    expect(named.length).toBeGreaterThan(10);
    for (const operation of named) await bad(operation, () => undefined, 404);
  });

  test("with a body that is too long", async () => {
    const taking = document.operations().filter(({ body }) => body !== undefined);
    for (const operation of taking) await bad(operation, (_url, init) => (init.body = " ".repeat(20_000)), 413);
  });
});

test("every operation answers its example as the document has it", async () => {
  expect(Date.now(), "the examples' day is over").toBeGreaterThan(EXAMPLE_DAY + DAY_MS);
  for (const id of Object.keys(CALLS)) await call(id);
});

test("every read that promises a 304 gives it", async () => {
  // A key's own is read with that key, before it is revoked: see its example.
  const conditional = document.operations().filter(({ id, method, path, statuses }) => {
    return method === "GET" && !path.includes("{") && statuses.includes("304") && id !== "getOwnKey";
  });
  expect(conditional.length).toBeGreaterThan(10);
  await tickAgain();
  await call("createKey");
  const own: Readonly<Record<string, Call>> = { getUsage: { query: { key_id: name("key_id") } }, getOwnKey: { key: name("key") } };
  for (const operation of conditional) {
    const [url, init] = request(operation, { ...own[operation.id], headers: { "If-None-Match": "*" } });
    await send(operation, [url, init], 304);
  }
});

function deliveredTypes(): ReadonlySet<string> {
  return new Set(inbox.deliveries.map(({ body }) => body.type));
}

test("what webhooks bring is as the document has it", () => {
  expect([...deliveredTypes()]).toEqual(expect.arrayContaining(EVENTS));
  for (const { headers, body } of inbox.deliveries) {
    expect(document.webhookMisfits(body.type, body), body.type).toEqual([]);
    for (const header of ["webhook-id", "webhook-timestamp", "webhook-signature"]) expect(headers[header], header).toBeDefined();
  }
});

testPrograms(() => ({ url: worker.url, adminToken: ADMIN_TOKEN }));
