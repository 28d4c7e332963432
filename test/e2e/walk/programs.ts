import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { utcDate } from "../../../src/batch-object.ts";
import { DAY_MS } from "../../../src/windows/calendar.ts";
import { installClient } from "../../unit/clients/typescript/install-client.ts";
import { allPages, codeBlocks, readPage } from "../../unit/documents/markdown.ts";
import { isRunOnWorker } from "../../unit/documents/run-on-worker.ts";
import { EXAMPLE_DAY } from "./stage.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const DATE = utcDate(EXAMPLE_DAY);

export interface WalkedWorker {
  readonly url: string;
  readonly adminToken: string;
}

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the pages and the examples tell people to run, run against a built Worker that has something to tell. */
export function testPrograms(worker: () => WalkedWorker): void {
  let folder: string;
  let key: string;
  let keyId: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "liquidations-programs-"));
    ({ key } = await makeKey(["read", "export"]));
    ({ key_id: keyId } = await makeKey(["read"]));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function ask<Data>(path: string, body?: object): Promise<Data> {
    const headers = { Authorization: `Bearer ${worker().adminToken}` };
    const init = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
    const response = await fetch(`${worker().url}${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
    return (JSON.parse(text) as { readonly data: Data }).data;
  }

  function makeKey(scopes: readonly string[]): Promise<{ readonly key: string; readonly key_id: string }> {
    return ask("/v1/keys", { name: "programs", scopes });
  }

  function start(program: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): ChildProcess {
    const places = { LIQUIDATIONS_URL: worker().url, LIQUIDATIONS_KEY: key, ...environment };
    return spawn(program, args, { cwd: folder, env: { ...process.env, ...places }, stdio: ["ignore", "pipe", "pipe"] });
  }

  async function run(program: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Run> {
    const child = start(program, args, environment);
    let [stdout, stderr] = ["", ""];
    child.stdout?.on("data", (part: Buffer) => (stdout += part.toString()));
    child.stderr?.on("data", (part: Buffer) => (stderr += part.toString()));
    const code = await new Promise<number | null>((done, fail) => child.on("error", fail).on("close", done));
    return { code, stdout, stderr };
  }

  const asking = allPages().flatMap((page) =>
    codeBlocks(page)
      .filter(({ info, text }) => info === "sh" && isRunOnWorker(text))
      .map(({ text }) => ({ path: page.path, text, first: text.split("\n", 1)[0] ?? "" })),
  );

  describe("a command of a page that asks a Worker succeeds", () => {
    test.for(asking)("$path: $first", async ({ text }, { skip }) => {
      const needed = ["curl", ...(text.includes("jq ") ? ["jq"] : [])];
      if (!needed.every(isInstalled)) skip(`${needed.join(" or ")} is not installed`);
      // Without this option curl succeeds on a problem.
      const script = `set -eo pipefail\ncurl() { command curl --fail-with-body "$@"; }\n${text.replaceAll("http://localhost:8787", worker().url)}`;
      const { url, adminToken } = worker();
      const { code, stdout, stderr } = await run("bash", ["-c", script], { WORKER: url, KEY: key, KEY_ID: keyId, ADMIN_TOKEN: adminToken });
      expect(code, stdout + stderr).toBe(0);
    });
  });

  test("docs/api.md: the problem it shows is the one the Worker answers", async () => {
    const block = codeBlocks(readPage("docs/api.md")).find(({ info }) => info === "json")?.text ?? "{}";
    const { request_id: _id, ...shown } = JSON.parse(block) as Readonly<Record<string, unknown>>;
    const response = await fetch(`${worker().url}/v1/stats?symbol=BTC&window=25h`);
    expect(await response.json()).toMatchObject(shown);
  });

  describe("an example of the TypeScript client's page, with the packed client", () => {
    const examples = codeBlocks(readPage("clients/typescript/README.md")).flatMap(({ info, text }) => (info === "ts" ? [text] : []));
    const EXPECTED: Readonly<Record<string, RegExp>> = {
      "client.liquidations(": /^\w+ (?:long|short) \d+/m,
      "client.stream(": /^missing, and where to read it: \/v1\/liquidations\?/m,
      "client.day(": /^BTC \d+/m,
      "client.export(": /^done 1\nliquidations_\S+\.csv \d+ bytes, SHA-256 as promised/m,
      "client.verifyLedger(": /^true \d+ \d+ null$/m,
    };

    beforeAll(() => {
      installClient(folder);
    });

    test.each(Object.entries(EXPECTED))("%s…) prints what it is for", async (call, expected) => {
      const example = examples.find((text) => text.includes(call)) ?? "";
      const file = join(folder, `example${Object.keys(EXPECTED).indexOf(call)}.ts`);
      const text = example
        .replaceAll("https://liquidations.example.com", worker().url)
        // Nobody is liquidated now, but a place of a log that is lost is a gap.
        .replace("max_lag_ms: 5_000", 'last_event_id: "aaaaaa-1"');
      await writeFile(file, text);
      const child = start(process.execPath, [file]);
      await printedBy(child)((printed) => expected.test(printed));
      child.kill();
    });
  });

  describe("an example", () => {
    test("examples/download-day.ts keeps a file whose hash is the manifest's", async () => {
      const { code, stdout, stderr } = await run(process.execPath, [join(ROOT, "examples/download-day.ts"), DATE]);
      expect(code, stderr).toBe(0);
      expect(stdout).toContain("SHA-256 as promised");
      expect(
        readFileSync(join(folder, `liquidation_${DATE.replaceAll("-", "")}.parquet`))
          .subarray(0, 4)
          .toString(),
      ).toBe("PAR1");
    });

    test("examples/download-day.ts says what the API says where a day is not free and no key is given", async () => {
      const { code, stderr } = await run(process.execPath, [join(ROOT, "examples/download-day.ts"), DATE], {
        LIQUIDATIONS_KEY: "liq_none",
      });
      expect(code).toBe(1);
      expect(stderr).toMatch(/answered 401: .*unauthorized/);
    });

    test("examples/verify-webhook.ts prints an event that the Worker signed", async () => {
      const port = await freePort();
      const { id, secret } = await ask<{ readonly id: string; readonly secret: string }>("/v1/webhooks", {
        url: `http://127.0.0.1:${port}/`,
      });
      const child = start(process.execPath, [join(ROOT, "examples/verify-webhook.ts"), "--port", String(port)], { WEBHOOK_SECRET: secret });
      const printed = printedBy(child);
      await printed((text) => text.includes("Waiting for webhooks"));
      await ask(`/v1/webhooks/${id}/test`, {});
      const text = await printed((so_far) => so_far.includes('"webhook.test"'));
      child.kill();
      expect(text).toContain(`"endpoint_id":"${id}"`);
    });

    test.skipIf(!["curl", "jq", "sha256sum"].every(isInstalled))(
      "examples/export.sh downloads files whose hashes are the manifest's",
      async () => {
        const end = utcDate(EXAMPLE_DAY + DAY_MS);
        const { code, stdout, stderr } = await run("bash", [join(ROOT, "examples/export.sh"), DATE, end, "csv", "BTC"]);
        expect(code, stdout + stderr).toBe(0);
        expect(stdout).toMatch(/\.csv: OK$/m);
        const csv = readdirSync(folder).find((name) => name.startsWith("liquidations_20261120") && name.endsWith(".csv")) ?? "";
        expect(readFileSync(join(folder, csv), "utf8").split("\r\n").length).toBeGreaterThan(10);
      },
    );

    test.skipIf(!["curl", "jq"].every(isInstalled))("examples/export.sh stops with the API's words where it is refused", async () => {
      const { code, stderr } = await run("bash", [join(ROOT, "examples/export.sh"), DATE, DATE, "csv"]);
      expect(code).not.toBe(0);
      expect(stderr).toContain("bad_parameters");
    });

    test.skipIf(!isInstalled("python3"))("examples/liquidations.py writes what the API lists, and what it did not answer", async () => {
      // Further back than D1 holds, so that some of it is not answered.
      const from = utcDate(Date.now() - 3 * DAY_MS);
      const listed = await ask<readonly { readonly exchange: string }[]>(`/v1/liquidations?symbol=BTC&limit=1000&start=${from}`);
      const { code, stdout, stderr } = await run("python3", [join(ROOT, "examples/liquidations.py"), "--symbol", "BTC", "--start", from]);
      expect(code, stderr).toBe(0);
      const [head, ...rows] = stdout.trimEnd().split("\n");
      expect(head).toMatch(/^event_time,exchange,symbol,/);
      expect(rows.map((row) => row.split(",")[1]).toSorted()).toEqual(listed.map(({ exchange }) => exchange).toSorted());
      expect(stderr).toContain(`${listed.length} liquidations`);
      expect(stderr).toMatch(/not answered: .*archive/i);
    });
  });
}

function isInstalled(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((place) => existsSync(join(place, program)));
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer().on("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? done(address.port) : fail(new Error("no port"))));
    });
  });
}

/** Waits until what a program has printed is enough. */
function printedBy(child: ChildProcess): (isEnough: (text: string) => boolean) => Promise<string> {
  let text = "";
  let look: (() => void) | null = null;
  child.stdout?.on("data", (part: Buffer) => {
    text += part.toString();
    look?.();
  });
  child.on("close", (code) => {
    text += `\n(ended with ${code})`;
    look?.();
  });
  return (isEnough) =>
    new Promise((done, fail) => {
      look = () => {
        if (isEnough(text)) done(text);
        else if (text.includes("(ended with")) fail(new Error(text));
      };
      look();
    });
}
