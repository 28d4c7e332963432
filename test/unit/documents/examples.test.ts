import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";
import { beforeAll, describe, expect, test } from "vitest";
import { refusalOf } from "../../../examples/verify-webhook.ts";
import { sampleLiquidations } from "../../../scripts/bench/sample-liquidations.ts";
import { loadParquet } from "../../../scripts/parquet-module.ts";
import { encodeLiquidations } from "../../../src/parquet/encode.ts";
import { openDuckDB } from "../parquet/duckdb.ts";
import { allPages, codeBlocks, ROOT, readPage } from "./markdown.ts";

describe("examples/verify-webhook.ts", () => {
  const secret = `whsec_${randomBytes(24).toString("base64")}`;
  const now = 1_795_251_900;
  const body = '{"type":"signal.issued","data":{"symbol":"BTC"}}';
  const signed = (by = secret) => ({
    id: "msg_1",
    timestamp: String(now),
    signature: new Webhook(by).sign("msg_1", new Date(now * 1000), body),
  });

  test("takes what the Standard Webhooks library signs", () => expect(refusalOf(signed(), body, secret, now)).toBeNull());

  test("takes a delivery with two signatures by either secret, as after a rotation", () => {
    const other = `whsec_${randomBytes(24).toString("base64")}`;
    const both = { ...signed(), signature: `${signed(other).signature} ${signed().signature}` };
    expect(refusalOf(both, body, secret, now)).toBeNull();
    expect(refusalOf(both, body, other, now)).toBeNull();
  });

  test.each([
    ["another body", signed(), `${body} `, now],
    ["another secret's signature", signed("whsec_AAAA"), body, now],
    ["another id", { ...signed(), id: "msg_2" }, body, now],
    ["an old timestamp", signed(), body, now + 301],
    ["a timestamp that is none", { ...signed(), timestamp: "" }, body, now],
    ["no signature", { ...signed(), signature: "" }, body, now],
    ["a signature of another version", { ...signed(), signature: signed().signature.replace("v1,", "v2,") }, body, now],
  ])("refuses %s", (_what, headers, given, time) => expect(refusalOf(headers, given, secret, time)).not.toBeNull());
});

/** DuckDB in a folder that holds a day's file. */
async function withDay(ask: (run: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>) => Promise<void>): Promise<void> {
  await using duckdb = await openDuckDB();
  const rows = sampleLiquidations(300, 1, Date.UTC(2026, 10, 20));
  const gaps = [{ exchange: "okx", from_time: 1_795_150_000_000, to_time: 1_795_150_043_000, reason: "silent" }];
  writeFileSync(join(duckdb.folder, "liquidation_20261120.parquet"), encodeLiquidations(rows, { metadata: { gaps } }));
  await duckdb.rows(`SET file_search_path = '${duckdb.folder}'`);
  await ask((sql) => duckdb.rows(sql));
}

describe("questions to files", () => {
  beforeAll(() => loadParquet());

  test("examples/liquidations.sql: each statement runs and each question has an answer", async () => {
    const script = readFileSync(join(ROOT, "examples/liquidations.sql"), "utf8").replaceAll(/^--.*$/gm, "");
    const statements = script.split(";").filter((statement) => statement.trim() !== "");
    expect(statements.length).toBeGreaterThan(4);
    await withDay(async (run) => {
      for (const statement of statements) {
        const rows = await run(statement);
        if (/^\s*SELECT/.test(statement)) expect(rows.length, statement).toBeGreaterThan(0);
      }
      const [first] = await run("SELECT count(*)::INTEGER AS events FROM liquidations");
      expect(first).toEqual({ events: 300 });
    });
  });

  test("docs/exports.md: the query of its Python block runs on an export's file", async () => {
    const python = codeBlocks(readPage("docs/exports.md")).find(({ info }) => info === "python")?.text ?? "";
    const [, query = ""] = /duckdb\.sql\("""([\s\S]*?)"""\)/.exec(python) ?? [];
    await withDay(async (run) => expect((await run(query.replace("liquidations_*", "liquidation_*"))).length).toBeGreaterThan(0));
  });
});

describe.skipIf(spawnSync("python3", ["--version"]).status !== 0)("Python", () => {
  test("examples/liquidations.py follows the cursor to the end and says each gap once", async () => {
    const gap = { exchange: "okx", from_time: 1_795_250_100_000, to_time: 1_795_250_143_000, reason: "disconnected" };
    const row = { ...sampleLiquidations(1, 1, Date.UTC(2026, 10, 20))[0] };
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? "");
      const isLast = request.url?.includes("cursor=second") === true;
      response.end(JSON.stringify({ data: isLast ? [row] : [row, row], meta: { gaps: [gap], next_cursor: isLast ? null : "second" } }));
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const child = spawn("python3", [join(ROOT, "examples/liquidations.py"), "--min-usd", "5"], {
      env: { ...process.env, LIQUIDATIONS_URL: url },
    });
    const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
    server.close();
    expect(asked).toEqual([
      "/v1/liquidations?min_usd=5&order=asc&limit=1000",
      "/v1/liquidations?min_usd=5&order=asc&limit=1000&cursor=second",
    ]);
    expect(out.trimEnd().split("\n")).toHaveLength(1 + 3);
    expect(errors).toBe("3 liquidations\nokx was not covered from 2026-11-21T08:35:00+00:00 to 2026-11-21T08:35:43+00:00: disconnected\n");
  });

  test.each(
    allPages().flatMap((page) =>
      codeBlocks(page).flatMap(({ info, text: code }) => (info === "python" ? [{ path: page.path, code }] : [])),
    ),
  )("a block of $path is Python", ({ code }) => {
    const { status, stderr } = spawnSync("python3", ["-c", "import ast, sys; ast.parse(sys.stdin.read())"], {
      input: code,
      encoding: "utf8",
    });
    expect(status, stderr).toBe(0);
  });
});
