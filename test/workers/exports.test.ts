import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { ended, event, exportClient, store } from "./exports-stage.ts";

const call = exportClient();

afterEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

describe("an export", () => {
  test("is made by its workflow, listed with its manifest and downloaded", async () => {
    await store([event(1), event(2), event(3, { symbol: "ETH" })]);
    const made = await call("POST", "/v1/exports", { start: "2026-11-20", end: "2026-11-21", format: "ndjson", symbols: ["BTC"] });
    expect(made, JSON.stringify(made.body)).toMatchObject({ status: 202, body: { data: { state: "queued" } } });
    const data = await ended(call, made.body.data.export_id);
    expect(data, JSON.stringify(data)).toMatchObject({ state: "done", rows: 2, files: 1 });
  });
});
