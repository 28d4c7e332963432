import { rm } from "node:fs/promises";
import { request } from "node:http";
import { Client, type StreamableHTTPClientTransportOptions, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { untilLive } from "../../scripts/demo/read-feeds.ts";
import { type LocalWorker, openStorage } from "../../scripts/local-worker.ts";
import { CASCADE_CONSTANTS } from "../../src/cascade/cascade-record.ts";
import { parseConfig } from "../../src/config.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import { type Venues, environment, startVenues } from "../../scripts/simulator/start-venues.ts";
import { newState, startBuiltWorker } from "./built-worker.ts";

const MINUTE_MS = 60_000;

let stateDir: string;
let venues: Venues;
let worker: LocalWorker;

/** What a day of running leaves in the database: a spike of Bybit's and a cascade, the venues covered since yesterday. */
async function storeHistory(minute: number): Promise<void> {
  const storage = await openStorage(stateDir);
  const { DB } = storage.env;
  const totals = JSON.stringify([20, 5].map((before) => [minute - before * MINUTE_MS, 2_000_000 / before]));
  const gap = { exchange: "okx", from_time: minute - 400_000, to_time: minute - 390_000, reason: "silent" };
  await DB.batch([
    DB.prepare(
      `INSERT INTO minute_totals (minute, symbol, exchange, position_side, events, events_without_usd, events_without_notional_mark, usd)
       SELECT value ->> 0, 'BTC', 'bybit', 'long', 1, 0, 0, value ->> 1 FROM json_each(?1)`,
    ).bind(totals),
    DB.prepare("INSERT INTO gaps (exchange, from_time, to_time, reason) SELECT value, 0, ?2, 'not_started' FROM json_each(?1)").bind(
      JSON.stringify(EXCHANGES),
      minute - 24 * 60 * MINUTE_MS,
    ),
    DB.prepare(
      `INSERT INTO cascades (cascade_id, symbol, position_side, state, start_time, peak_time, end_time, events, usd, peak_usd_per_s,
         first_exchange, exchanges, start_mark, extreme_mark, move_bps, severity, market_wide, gaps, constants, updated_time)
       VALUES ('BTC-long-1', 'BTC', 'long', 'ended', ?1, ?1, ?1, 12, 2e6, 3e4, 'bybit', '["bybit","okx"]', 84000, NULL, NULL, 2, 0, ?2, ?3, ?1)`,
    ).bind(minute - 420_000, JSON.stringify([gap]), JSON.stringify(CASCADE_CONSTANTS)),
  ]);
  await storage.dispose();
}

async function untilStored(events: number): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const { data } = (await (await fetch(`${worker.url}/v1/liquidations`)).json()) as { readonly data: readonly unknown[] };
    if (data.length === events) return;
    if (Date.now() > deadline) throw new Error(`${data.length} of ${events} liquidations stored within 60 s`);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

beforeAll(async () => {
  stateDir = await newState();
  venues = await startVenues({ rate: 0 });
  const variables = {
    ...environment(venues),
    LIQUIDATION_BATCH_INTERVAL_SECONDS: "1",
    LOCAL_DEVELOPMENT: "true",
    ADMIN_TOKEN: "the-admin-token-of-all-these-tests",
  };
  const minute = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  await storeHistory(minute);
  worker = await startBuiltWorker(stateDir, variables);
  // The feeds start, and a decision is taken on the spike.
  await worker.tick(new Date(minute));
  await worker.tick(new Date(minute));
  await untilLive(worker.url);
  for (const usd of [10_000, 20_000])
    for (const name of ["bybit", "okx"] as const) venues[name].liquidate({ symbol: "BTC", side: "long", usd });
  await untilStored(4);
});

afterAll(async () => {
  await worker.stop();
  await venues.stop();
  await rm(stateDir, { recursive: true, force: true });
});

async function connect(mode: "legacy" | "auto", options: StreamableHTTPClientTransportOptions = {}): Promise<Client> {
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL("/mcp", worker.url), options));
  return client;
}

const withToken = (token: string) => connect("legacy", { requestInit: { headers: { Authorization: `Bearer ${token}` } } });

test.each([
  ["legacy", "2025-11-25"],
  ["auto", "2026-07-28"],
] as const)(
  "the official client (%s) speaks %s, lists the tools, and takes what each answers for what its schema promises",
  async (mode, version) => {
    const client = await connect(mode);
    expect(client.getNegotiatedProtocolVersion()).toBe(version);
    expect(client.getInstructions()).toContain("So sums over venues are lower bounds");
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      "get_status",
      "list_symbols",
      "list_gaps",
      "get_coverage",
      "get_stats",
      "list_totals",
      "get_ranking",
      "list_liquidations",
      "list_cascades",
      "get_cross_exchange",
      "get_contagion",
      "get_market_state",
      "list_datasets",
      "get_dataset",
      "list_dataset_changes",
      "list_signals",
      "get_signal",
      "get_scoreboard",
      "get_rule_language",
      "preview_rule",
      "list_rules",
      "create_rule",
    ]);
    expect(
      tools.every(
        ({ name, annotations, outputSchema }) => annotations?.readOnlyHint === (name !== "create_rule") && outputSchema !== undefined,
      ),
    ).toBe(true);

    // A result that does not fit its tool's schema is thrown here, as the last test shows.
    const ask = async (name: string, args: Readonly<Record<string, unknown>> = {}) => {
      const { isError, content, structuredContent } = await client.callTool({ name, arguments: args });
      expect(isError, JSON.stringify(content)).not.toBe(true);
      expect(content[0]).toMatchObject({ type: "text", text: expect.stringMatching(/^Generated at .*\nCoverage: /) });
      return structuredContent as { readonly data: unknown };
    };
    const collected = parseConfig({}).LIQUIDATION_EXCHANGES;
    const states = EXCHANGES.map((exchange) => ({ exchange, state: collected.includes(exchange) ? "live" : "off" }));
    expect(await ask("get_status")).toMatchObject({ data: { exchanges: states } });
    expect(await ask("get_stats", { symbol: "BTC", window: "1h" })).toMatchObject({ data: { sides: { long: { usd: 500_000 } } } });
    expect(await ask("list_liquidations", { symbol: "BTC", limit: 3 })).toMatchObject({ data: [{}, {}, {}], meta: { count: 3 } });
    expect(await ask("list_cascades", { threshold_usd: 1_000 })).toMatchObject({ data: [{ cascade_id: "BTC-long-1" }] });
    expect(await ask("get_cross_exchange", { symbol: "BTC", hours: 1 })).toMatchObject({
      data: { exchanges: [{ events: 2 }, { events: 2 }] },
    });
    const signals = await ask("list_signals");
    expect(signals).toMatchObject({ data: [{ symbol: "BTC", analyst: "rules" }] });
    const [{ signal_id: id } = {}] = signals.data as readonly Readonly<Record<string, unknown>>[];
    expect(await ask("get_signal", { id })).toMatchObject({ data: { signal_id: id, statistics: { symbol: "BTC" } } });
    expect(await ask("get_scoreboard")).toMatchObject({ data: { serving: { analyst: "rules", paper: true } } });

    const refused = await client.callTool({ name: "get_stats", arguments: { symbol: "DOGE" } });
    expect(refused).toMatchObject({ isError: true, content: [{ text: expect.stringContaining("DOGE is not collected") }] });
    await client.close();
  },
);

test("a key opens it, and a wrong one does not", async () => {
  const response = await fetch(`${worker.url}/v1/keys`, {
    method: "POST",
    headers: { Authorization: "Bearer the-admin-token-of-all-these-tests", "Content-Type": "application/json" },
    body: JSON.stringify({ name: "mcp", scopes: ["read"] }),
  });
  const { data } = (await response.json()) as { readonly data: { readonly key: string } };
  const client = await withToken(data.key);
  expect((await client.callTool({ name: "get_status" })).isError).not.toBe(true);
  await client.close();
  await expect(withToken("liq_wrong")).rejects.toThrow(/401/);
});

test("a page that gave this machine a name of its own is turned away", async () => {
  const { port } = new URL(worker.url);
  const statusFor = (headers: Readonly<Record<string, string>>): Promise<number | undefined> =>
    new Promise((done, fail) => {
      const asked = request({ host: "127.0.0.1", port, path: "/mcp", method: "GET", headers }, (answer) => {
        answer.resume();
        done(answer.statusCode);
      });
      asked.on("error", fail).end();
    });
  expect(await statusFor({ Host: `rebound.example.com:${port}` })).toBe(403);
  expect(await statusFor({ Origin: "https://example.com" })).toBe(403);
  expect(await statusFor({ Host: `localhost:${port}`, Origin: "http://localhost:6274" })).toBe(405);
});

test("a body that is too long is answered with 413, whether its length is declared or not", async () => {
  const long = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping", params: { text: "x".repeat(200_000) } });
  for (const body of [long, new Blob([long]).stream()]) {
    const init: RequestInit & { readonly duplex: "half" } = {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
      duplex: "half",
    };
    expect((await fetch(`${worker.url}/mcp`, init)).status).toBe(413);
  }
});

test("the client does check: an answer that does not fit is thrown", async () => {
  const client = await connect("legacy", {
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      const text = await response.text();
      const spoilt = text.replace('"structuredContent":{"data":', '"structuredContent":{"data":7,"spoilt":');
      return new Response(text === "" ? null : spoilt, response);
    },
  });
  await client.listTools();
  await expect(client.callTool({ name: "get_status" })).rejects.toThrow(/does not match the tool's output schema.*data/);
  await client.close();
});
