import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { dailyFileKey, dailyManifestKey } from "../../../src/daily/daily-keys.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { dailyFiles } from "../../../workers/cron/daily-files.ts";
import { rawApiClient } from "./api-client.ts";
import { ADMIN_TOKEN, event, exportClient, store } from "../exports/exports-stage.ts";
import { DAY } from "../sample-liquidation.ts";
import { emptyStorage } from "../empty-storage.ts";

/** Ten days before the first of December, and a day after it. */
const FIRST = Date.UTC(2026, 11, 1);
const NOW = FIRST + 2 * DAY_MS;
const call = exportClient(NOW);
const anybody = { Authorization: "" };

beforeEach(async () => {
  await store([event(1), event(2, { symbol: "ETH" })]);
  await store([event((FIRST - DAY) / MINUTE_MS)]);
  await dailyFiles(env, parseConfig({}), NOW);
});

afterEach(emptyStorage);

test("days are listed, newest first and page by page, with the contents of their files", async () => {
  const first = (await call("GET", "/v1/datasets?limit=1", undefined, anybody)).body;
  expect(first.data).toMatchObject([
    { date: "2026-12-01", rows: 1, free: true, path: "/v1/datasets/2026-12-01/files/liquidation_20261201.parquet" },
  ]);
  const second = (await call("GET", `/v1/datasets?limit=1&cursor=${first.meta.next_cursor}`, undefined, anybody)).body;
  expect(second.data).toMatchObject([{ date: "2026-11-20", rows: 2, free: false, exchanges: { binance: { rows: 2 } } }]);
  expect(second.meta.next_cursor).toBeNull();
  expect((await call("GET", "/v1/datasets?limit=101")).body.errors[0]).toMatchObject({ parameter: "limit" });
});

test("a file that is made again is a change with its old and its new hash, which is listed once after an earlier cursor", async () => {
  const changes = async (after: number) => (await call("GET", `/v1/datasets/changes?after=${after}`, undefined, anybody)).body.data;
  const first = await changes(0);
  expect(first).toMatchObject([
    { date: "2026-11-20", old_sha256: null, rows: 2 },
    { date: "2026-12-01", old_sha256: null, rows: 1 },
  ]);
  const last = first[1].sequence;
  expect(await changes(last)).toEqual([]);
  await store([event(3)]);
  await dailyFiles(env, parseConfig({}), NOW + HOUR_MS);
  await dailyFiles(env, parseConfig({}), NOW + 2 * HOUR_MS);
  const { body } = await call("GET", "/v1/datasets/2026-11-20");
  expect(await changes(last)).toMatchObject([
    { date: "2026-11-20", old_sha256: first[0].new_sha256, new_sha256: body.data.sha256, rows: 3, bytes: body.data.bytes },
  ]);
  expect((await call("GET", "/v1/datasets/changes?after=x")).body.errors).toMatchObject([{ parameter: "after" }]);
});

test("a day's manifest says what its file holds and lacks", async () => {
  const { body } = await call("GET", "/v1/datasets/2026-11-20");
  const object = await env.BUCKET.head(dailyFileKey("2026-11-20"));
  expect(body.data).toMatchObject({
    date: "2026-11-20",
    rows: 2,
    bytes: object?.size,
    sha256: object?.checksums.toJSON().sha256,
    row_groups: 1,
    gaps: [],
  });
  expect(body.data).not.toHaveProperty("slices");
});

test.each([
  ["/v1/datasets/2026-11-21", 404, "not_found"],
  ["/v1/datasets/2026-13-01", 400, "bad_parameters"],
  ["/v1/datasets/..%2f..", 400, "bad_parameters"],
  ["/v1/datasets/2026-11-20/files/liquidation_20261121.parquet", 404, "not_found"],
  ["/v1/datasets/2026-11-20/files/..%2f..%2fexports", 400, "bad_parameters"],
])("%s is a %i", async (path, status, code) => {
  expect(await call("GET", path)).toMatchObject({ status, body: { code } });
});

test("the first day of a month is everybody's, the others need the scope export", async () => {
  const raw = rawApiClient(NOW, { ADMIN_TOKEN });
  const free = await raw("/v1/datasets/2026-12-01/files/liquidation_20261201.parquet");
  expect([free.status, free.headers.get("Content-Type")]).toEqual([200, "application/vnd.apache.parquet"]);
  const bytes = await free.arrayBuffer();
  const { data } = (await call("GET", "/v1/datasets/2026-12-01", undefined, anybody)).body;
  expect(Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex")).toBe(data.sha256);

  const path = "/v1/datasets/2026-11-20/files/liquidation_20261120.parquet";
  expect(await call("GET", path, undefined, anybody)).toMatchObject({ status: 401, body: { code: "unauthorized" } });
  const key = async (scope: string) => ({
    Authorization: `Bearer ${(await call("POST", "/v1/keys", { name: "k", scopes: [scope] })).body.data.key}`,
  });
  expect(await call("GET", path, undefined, await key("read"))).toMatchObject({ status: 403 });
  const ranged = await raw(path, { headers: { ...(await key("export")), Range: "bytes=0-3" } });
  expect([ranged.status, await ranged.text()]).toEqual([206, "PAR1"]);
});

test("nothing is free where FREE_SAMPLE is none, and the sample stays free where reading is closed", async () => {
  const path = "/v1/datasets/2026-12-01";
  const closed = exportClient(NOW, { PUBLIC_READ: "false" });
  expect((await closed("GET", path, undefined, anybody)).status).toBe(200);
  expect((await closed("GET", "/v1/datasets/2026-11-20", undefined, anybody)).status).toBe(401);
  expect((await closed("GET", "/v1/datasets", undefined, anybody)).status).toBe(401);
  const none = exportClient(NOW, { FREE_SAMPLE: "none" });
  expect((await none("GET", `${path}/files/liquidation_20261201.parquet`, undefined, anybody)).status).toBe(401);
  expect((await none("GET", path, undefined, anybody)).body.data.free).toBe(false);
});

test("a file that is not its manifest's is not given out", async () => {
  await env.BUCKET.put(dailyFileKey("2026-11-20"), "another file");
  for (const path of ["/v1/datasets/2026-11-20", "/v1/datasets/2026-11-20/files/liquidation_20261120.parquet"]) {
    const reply = await call("GET", path);
    expect(reply).toMatchObject({ status: 503, body: { code: "storage_unavailable" } });
    expect(reply.headers.get("Retry-After")).toBe("30");
  }
  await env.BUCKET.delete(dailyManifestKey("2026-11-20"));
  expect((await call("GET", "/v1/datasets/2026-11-20")).status).toBe(503);
});
