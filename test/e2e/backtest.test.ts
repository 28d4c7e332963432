import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalStorage, type LocalWorker, openStorage } from "../../scripts/local-worker.ts";
import { BTC_MODEL } from "../../scripts/market-simulation/market-model.ts";
import { marketMinuteMarks } from "../../scripts/market-simulation/market-minute-marks.ts";
import { marketRows } from "../../scripts/market-simulation/market-rows.ts";
import { simulateMarket } from "../../scripts/market-simulation/simulate-market.ts";
import { utcDate } from "../../src/batch-object.ts";
import { exchanges } from "../../src/exchanges/registry.ts";
import { venueVariables } from "../../src/exchanges/venue-variables.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import { DAY_MS, HOUR_MS, floorTo } from "../../src/windows/calendar.ts";
import { newState, startBuiltWorker } from "./built-worker.ts";
import { storeBatches } from "./stored-batches.ts";

const BACKTEST = resolve(import.meta.dirname, "../../scripts/backtest.ts");
const ADMIN_TOKEN = "backtest-admin-token-of-these-tests";
const DAYS = 2;
const start = floorTo(Date.now(), DAY_MS) - 3 * DAY_MS;
const end = start + DAYS * DAY_MS;
const GAP = { exchange: "okx", from_time: start + 30 * HOUR_MS, to_time: start + 31 * HOUR_MS };
const JUDGED = ["--from", String(start + 26 * HOUR_MS), "--to", String(end - 4 * HOUR_MS), "--symbols", "BTC"];

let stateDir: string;
let folder: string;

beforeAll(async () => {
  stateDir = await newState();
  folder = await mkdtemp(join(tmpdir(), "liquidations-backtest-"));
  const market = simulateMarket({
    days: DAYS,
    seed: 4,
    effect: "reversal",
    startTime: start,
    isComplete: false,
    model: { ...BTC_MODEL, eventsPerDay: 1_500 },
  });
  await storeBatches(stateDir, marketRows(market));
  const marks = marketMinuteMarks(market);
  const columns = ["minute", "symbol", "exchange", "open", "high", "low", "close", "samples"] as const;
  await writeFile(
    join(folder, "marks.csv"),
    [columns.join(","), ...marks.map((mark) => columns.map((name) => mark[name]).join(","))].join("\n"),
  );
  await inStorage(async ({ DB }) => {
    const gaps = [
      ...EXCHANGES.map((exchange) => ({ exchange, from_time: 0, to_time: start, reason: "not_started" })),
      { ...GAP, reason: "silent" },
    ];
    await DB.prepare(
      `INSERT INTO gaps (exchange, from_time, to_time, reason)
       SELECT value ->> 'exchange', value ->> 'from_time', value ->> 'to_time', value ->> 'reason' FROM json_each(?1)`,
    )
      .bind(JSON.stringify(gaps))
      .run();
    const values = columns.map((name) => `value ->> '${name}'`).join(", ");
    await DB.prepare("INSERT INTO mark_days (day, reports) VALUES (?1, 1), (?2, 1)")
      .bind(start, start + DAY_MS)
      .run();
    await DB.prepare(`INSERT INTO minute_marks (${columns.join(", ")}) SELECT ${values} FROM json_each(?1)`)
      .bind(JSON.stringify(marks))
      .run();
  });
});

afterAll(() => Promise.all([stateDir, folder].map((path) => rm(path, { recursive: true, force: true }))));

async function inStorage<Result>(work: (env: LocalStorage["env"]) => Promise<Result>): Promise<Result> {
  const storage = await openStorage(stateDir);
  try {
    return await work(storage.env);
  } finally {
    await storage.dispose();
  }
}

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

function backtest(...args: readonly string[]): Promise<Ran> {
  return new Promise((done) => {
    execFile(process.execPath, [BACKTEST, ...JUDGED, ...args], { maxBuffer: 1e8 }, (error, out, stderr) => {
      done({ code: typeof error?.code === "number" ? error.code : 0, out, error: stderr });
    });
  });
}

test("the state of a local run is backtested from its batches, marks and gaps, twice with the same bytes", async () => {
  const [one, two] = ["one", "two"].map((name) => join(folder, name));
  for (const out of [one, two])
    await backtest("--state", stateDir, "--out", out ?? "", "--grid", "threshold=0.5,2", "--grid", "strategy=fade,follow");
  const names = await readdir(one ?? "");
  expect(names.toSorted()).toEqual(["equity.svg", "report.json", "report.txt", "trades.csv", "trades.json"]);
  for (const name of names) expect(await readFile(join(one ?? "", name), "utf8"), name).toBe(await readFile(join(two ?? "", name), "utf8"));
  const report = JSON.parse(await readFile(join(one ?? "", "report.json"), "utf8")) as Record<string, unknown>;
  expect(report).toMatchObject({ seed: 1, inputs_sha256: expect.stringMatching(/^[0-9a-f]{64}$/), grid: { trials: { length: 4 } } });
});

function tradesOf(out: string): Promise<string> {
  return readFile(join(folder, out, "trades.csv"), "utf8");
}

describe("a Worker that published its days", () => {
  let worker: LocalWorker;
  let cache: string;
  let trades: string;

  beforeAll(async () => {
    // Its venues do not respond: it has what is stored, and nothing more.
    const nowhere = EXCHANGES.flatMap((name) => {
      const { ws, rest } = venueVariables(exchanges[name]);
      return [ws, rest].map((variable) => [variable, "http://127.0.0.1:9"] as const);
    });
    worker = await startBuiltWorker(stateDir, { ...Object.fromEntries(nowhere), ADMIN_TOKEN });
    await worker.tick(new Date());
    await published();
    const ran = await fromUrl("url");
    expect(ran, ran.error).toMatchObject({ code: 0 });
    cache = join(folder, "cache", new URL(worker.url).host.replaceAll(":", "_"));
    trades = await tradesOf("url");
  });

  afterAll(() => worker.stop());

  async function filesOf(kind: string): Promise<number> {
    return (await ask<{ readonly data: readonly unknown[] }>(`/v1/datasets?kind=${kind}`)).data.length;
  }

  /** Waits for the Workflows that make the files of both kinds. */
  async function published(): Promise<void> {
    for (const deadline = Date.now() + 60_000; (await filesOf("liquidations")) < DAYS || (await filesOf("minute_marks")) < DAYS;) {
      if (Date.now() > deadline) throw new Error("the files of the days are not there within 60 s");
      await new Promise((done) => setTimeout(done, 500));
    }
  }

  const fromUrl = (out: string, key = ADMIN_TOKEN): Promise<Ran> =>
    backtest("--url", worker.url, "--key", key, "--cache", join(folder, "cache"), "--strategy", "fade", "--out", join(folder, out));

  async function ask<Body>(path: string, init: RequestInit = {}): Promise<Body> {
    const response = await fetch(worker.url + path, {
      ...init,
      headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, "Content-Type": "application/json" },
    });
    expect(response.ok, path).toBe(true);
    return (await response.json()) as Body;
  }

  test("its datasets are downloaded, and give the trades of the files", async () => {
    const kept = (await readdir(cache)).toSorted();
    const [first, second, third] = [0, 1, 2].map((day) => utcDate(start + day * DAY_MS).replaceAll("-", ""));
    expect(kept).toEqual([
      ...[first, second].map((date) => `liquidation_${date}.parquet`),
      // A day without marks has a file as well: it says that there were none.
      ...[first, second, third].map((date) => `minute_marks_${date}.parquet`),
    ]);
    expect(trades.trim().split("\n").length).toBeGreaterThan(2);
    const ran = await backtest("--data", cache, "--strategy", "fade", "--out", join(folder, "data"));
    expect(ran, ran.error).toMatchObject({ code: 0 });
    expect(await tradesOf("data")).toBe(trades);
  });

  test("an export with its manifest gives the trades of the daily files", async () => {
    const range = { start, end };
    const { data } = await ask<{ readonly data: { readonly export_id: string } }>("/v1/exports", {
      method: "POST",
      body: JSON.stringify({ ...range, format: "csv", compression: "gzip" }),
    });
    const made = await exported(data.export_id);
    const own = join(folder, "export-files");
    await mkdir(own);
    for (const { name, path } of made.downloads) {
      const response = await fetch(worker.url + path, { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } });
      await writeFile(join(own, name), Buffer.from(await response.arrayBuffer()));
    }
    await writeFile(join(own, `${data.export_id}.manifest.json`), JSON.stringify(made.manifest));
    for (const name of (await readdir(cache)).filter((one) => one.startsWith("minute_marks_")))
      await cp(join(cache, name), join(own, name));
    const ran = await backtest("--data", own, "--strategy", "fade", "--out", join(folder, "export"));
    expect(ran, ran.error).toMatchObject({ code: 0 });
    expect(await tradesOf("export")).toBe(trades);
  });

  test("a corrupted file of the cache is downloaded again, and no other", async () => {
    const [name = ""] = await readdir(cache);
    const whole = await readFile(join(cache, name));
    await writeFile(join(cache, name), whole.subarray(0, whole.length / 2));
    const before = await inodes();
    const ran = await fromUrl("again");
    expect(ran, ran.error).toMatchObject({ code: 0 });
    expect((await readFile(join(cache, name))).equals(whole)).toBe(true);
    const after = await inodes();
    expect([...after.keys()].filter((one) => after.get(one) !== before.get(one))).toEqual([name]);
    expect(await tradesOf("again")).toBe(trades);
  });

  test("a wrong key is refused, and the message says which key is allowed", async () => {
    const ran = await fromUrl("refused", "liq_wrong");
    expect(ran.code).toBe(1);
    expect(ran.error).toMatch(/answered HTTP 401: .+; allowed: --key with the scope export, not this one/);
  });

  /** A download replaces the file, so its inode is another. */
  async function inodes(): Promise<ReadonlyMap<string, number>> {
    const names = await readdir(cache);
    return new Map(await Promise.all(names.map(async (name) => [name, (await stat(join(cache, name))).ino] as const)));
  }

  interface Made {
    readonly state: string;
    readonly downloads: readonly { readonly name: string; readonly path: string }[];
    readonly manifest: unknown;
  }

  async function exported(id: string): Promise<Made> {
    for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(200)) {
      const { data } = await ask<{ readonly data: Made }>(`/v1/exports/${id}`);
      if (data.state === "done") return data;
    }
    throw new Error("the export was not done within 30 s");
  }
});
