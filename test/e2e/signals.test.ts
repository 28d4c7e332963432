import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalStorage, openStorage } from "../../scripts/local-worker.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import { type ModelServer, completion, startModelServer } from "../unit/signals/model-server.ts";
import { type Venues, environment, startVenues } from "../../scripts/simulator/start-venues.ts";
import { newState, startBuiltWorker } from "./built-worker.ts";

const MINUTE_MS = 60_000;
const VERIFY = resolve(import.meta.dirname, "../../scripts/verify-ledger.ts");
const REPLY = { p_up: 0.12, p_down: 0.63, reason: "Longs accelerate." };

let stateDir: string;
let venues: Venues;
let model: ModelServer;

beforeAll(async () => {
  stateDir = await newState();
  venues = await startVenues({ rate: 0 });
  model = await startModelServer();
  model.answers(completion(JSON.stringify(REPLY)));
});

afterAll(async () => {
  await Promise.all([venues.stop(), model.stop()]);
  await rm(stateDir, { recursive: true, force: true });
});

const start = () => startBuiltWorker(stateDir, { ...environment(venues), DEEPSEEK_KEY: "sk-test", DEEPSEEK_BASE_URL: model.url });

async function inStorage<Result>(work: (db: LocalStorage["env"]["DB"]) => Promise<Result>): Promise<Result> {
  const storage = await openStorage(stateDir);
  try {
    return await work(storage.env.DB);
  } finally {
    await storage.dispose();
  }
}

function verify(...args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [VERIFY, ...args], (error, stdout, stderr) => {
      done({ code: typeof error?.code === "number" ? error.code : 0, output: stdout + stderr });
    });
  });
}

test("the built Worker asks the model about a spike, and its ledger can be checked from outside, until a field is edited", async () => {
  const minute = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  const totals = [
    [20, 100_000],
    [5, 400_000],
  ].map(([before = 0, usd = 0]) => [minute - before * MINUTE_MS, usd]);
  await inStorage((db) =>
    db
      .prepare(
        `INSERT INTO minute_totals (minute, symbol, exchange, position_side, events, events_without_usd, events_without_notional_mark, usd)
         SELECT value ->> 0, 'BTC', 'bybit', 'long', 1, 0, 0, value ->> 1 FROM json_each(?1)`,
      )
      .bind(JSON.stringify(totals))
      .run(),
  );

  // A market that moves by 10 bps a minute: enough to pay for a trade.
  const marks = Array.from({ length: 60 }, (_, index) => [minute - (60 - index) * MINUTE_MS, 80_000 + 80 * (index % 2)]);
  await inStorage((db) =>
    db
      .prepare(
        `INSERT INTO minute_marks (minute, symbol, exchange, open, high, low, close, samples)
         SELECT value ->> 0, 'BTC', 'bybit', value ->> 1, value ->> 1, value ->> 1, value ->> 1, 60 FROM json_each(?1)`,
      )
      .bind(JSON.stringify(marks))
      .run(),
  );

  // As if the venues had been covered since yesterday: a window that was not covered is not compared with.
  await inStorage((db) =>
    db
      .prepare("INSERT INTO gaps (exchange, from_time, to_time, reason) SELECT value, 0, ?2, 'not_started' FROM json_each(?1)")
      .bind(JSON.stringify(EXCHANGES), minute - 24 * 60 * MINUTE_MS)
      .run(),
  );

  const worker = await start();
  await worker.tick(new Date(minute));
  await worker.tick(new Date(minute));
  const { data } = (await (await fetch(`${worker.url}/v1/signals`)).json()) as { readonly data: readonly Record<string, unknown>[] };
  expect(data).toMatchObject([
    {
      ...REPLY,
      action: "SELL",
      confidence: 63,
      sequence: 1,
      symbol: "BTC",
      window: "15m",
      long_change_pct: 300,
      analyst: "deepseek",
      reason_code: null,
    },
  ]);
  expect(model.asked).toHaveLength(1);
  expect(await verify("--url", worker.url)).toEqual({
    code: 0,
    output: expect.stringContaining(`1 records match. The last one has the hash ${data[0]?.hash}`),
  });
  await worker.stop();

  expect((await verify("--state", stateDir)).code).toBe(0);
  await inStorage((db) => db.prepare("UPDATE signals SET confidence = 64").run());
  const edited = await verify("--state", stateDir);
  expect(edited).toEqual({ code: 1, output: expect.stringContaining(`Record 1 (${String(data[0]?.signal_id)}) does not match: hash`) });
});
