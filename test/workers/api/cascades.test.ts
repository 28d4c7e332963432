import { applyD1Migrations, createExecutionContext, reset, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { emptyFit } from "../../../src/estimates/fit.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { createApi } from "../../../workers/api/app.ts";
import type { AnswerCache, ComputedAnswer } from "../../../workers/api/http/answer-cache.ts";
import { cascadeEstimates } from "../../../workers/cron/cascade-estimates.ts";
import { saveFits } from "../../../workers/d1/estimate-fits.ts";
import { deleteEstimateBlocks, sumEstimateBlocks } from "../../../workers/d1/estimate-writes.ts";
import type { Env } from "../../../workers/env.ts";
import { journaledFrame, refillFeeds } from "../../../workers/feeds.ts";
import { screenPage } from "../../../workers/screen-page.ts";
import { sampleCascade } from "../../unit/cascade/sample-cascade.ts";
import { COMPLETE, WITHHELD, plantEstimates, planted } from "../planted-estimates.ts";
import { DAY } from "../sample-liquidation.ts";
import { apiClient, rawApiClient } from "./api-client.ts";

const get = apiClient(DAY + HOUR_MS);
const SMALL = sampleCascade(DAY, { cascade_id: "BTC-long-1", usd: 1 });
const NAMED = sampleCascade(DAY, { cascade_id: `"><script>alert(1)</script>`, symbol: `"><script>alert(1)</script>` });
const SHORT = sampleCascade(DAY, { cascade_id: "BTC-short-1", position_side: "short" });

beforeAll(async () => {
  for (const record of [SMALL, SHORT, NAMED]) {
    const columns = Object.keys(record);
    const values = columns.map((name) => `?1 ->> '$.${name}'`).join(", ");
    await env.DB.prepare(`INSERT INTO cascades (${columns.join(", ")}, updated_time) SELECT ${values}, ?2`)
      .bind(JSON.stringify(record), DAY)
      .run();
  }
});
afterAll(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

test("one cascade is returned by its id, of any size", async () => {
  const { status, body } = await get("/v1/cascades/BTC-long-1");
  expect(status).toBe(200);
  const { estimate, ...cascade } = body.data;
  expect(cascade).toEqual({ ...SMALL, updated_time: DAY });
  expect(estimate.total).toMatchObject({ estimated_usd: null, status: "withheld" });
});

test("an id without a cascade is a 404", async () => {
  const { status, body } = await get("/v1/cascades/BTC-long-2");
  expect([status, body.code]).toEqual([404, "not_found"]);
});

test("the estimate of a cascade outlasts those of its minutes, with the hash of the fit, and is in no list", async () => {
  const config = parseConfig({ ...env });
  const estimateOf = async (id: string) => (await get(`/v1/cascades/${id}`)).body.data.estimate;
  const read = async () => ({ long: await estimateOf("BTC-long-1"), short: await estimateOf("BTC-short-1") });
  const hour = DAY - HOUR_MS;
  await saveFits(env.DB, [emptyFit("", { start: hour, end: hour }, 14, "none")], hour - 1);
  await plantEstimates(hour, 70, new Map([["BTC", [planted(), COMPLETE, WITHHELD]]]));
  // Its hour is not summed yet, and may be estimated again.
  expect(await cascadeEstimates(env.DB, config, DAY + HOUR_MS)).toEqual({ stored: 0 });
  const before = await read();
  expect(before.long).toMatchObject({ total: { estimated_usd: expect.any(Number) }, stored_time: null, fit_hash: null });
  expect(before.short.total).toMatchObject({ estimated_usd: null, reason: WITHHELD.reason });

  await sumEstimateBlocks(env.DB, "hours", hour);
  expect(await cascadeEstimates(env.DB, config, DAY + 2 * HOUR_MS)).toEqual({ stored: 3 });
  expect(await cascadeEstimates(env.DB, config, DAY + 3 * HOUR_MS)).toEqual({ stored: 0 });
  await deleteEstimateBlocks(env.DB, DAY + 10 * MINUTE_MS, DAY + HOUR_MS);
  const kept = { stored_time: DAY + 2 * HOUR_MS, fit_hash: expect.stringMatching(/^[0-9a-f]{64}$/) };
  expect(await read()).toEqual({ long: { ...before.long, ...kept }, short: { ...before.short, ...kept } });
  const { body } = await get("/v1/cascades?threshold_usd=0");
  for (const row of body.data) expect(row).not.toHaveProperty("estimate");
});

test("the list of one side has no cascade of the other", async () => {
  const { body } = await get("/v1/cascades?threshold_usd=0&side=short");
  expect(body.data.map(({ cascade_id: id }: { cascade_id: string }) => id)).toEqual(["BTC-short-1"]);
});

test("its picture is a PNG, also without any mark price", async () => {
  const response = await rawApiClient(DAY + HOUR_MS)("/v1/cascades/BTC-long-1/image");
  expect([response.status, response.headers.get("Content-Type")]).toEqual([200, "image/png"]);
  expect([...new Uint8Array(await response.arrayBuffer())].slice(1, 4)).toEqual([0x50, 0x4e, 0x47]);
  expect((await get("/v1/cascades/BTC-long-2/image")).status).toBe(404);
});

test("its picture is drawn once in a minute, and clients may keep it longer only when it changes no more", async () => {
  const keep = new Map<string, ComputedAnswer>();
  const answers: AnswerCache = {
    read: (url) => Promise.resolve(keep.get(url) ?? null),
    write: (url, answer, seconds) => {
      expect(seconds).toBe(60);
      return Promise.resolve(void keep.set(url, answer));
    },
  };
  const ask = async (now: number) => {
    const api = createApi({ now: () => now, feedStatuses: () => Promise.resolve([]), journaledFrame, refillFeeds, answers });
    const context = createExecutionContext();
    const bindings = { ...env, RATE_LIMIT: undefined } as unknown as Env;
    const response = await api.request("/v1/cascades/BTC-long-1/image", {}, bindings, context);
    await waitOnExecutionContext(context);
    const bytes = [...new Uint8Array(await response.arrayBuffer())];
    return { bytes, age: response.headers.get("Age"), control: response.headers.get("Cache-Control") };
  };
  const first = await ask(DAY + 10 * MINUTE_MS);
  expect([first.age, first.control, keep.size]).toEqual(["0", "public, max-age=60", 1]);
  const kept = await ask(DAY + 10 * MINUTE_MS + 20_000);
  expect(kept).toEqual({ ...first, age: "20" });
  keep.clear();
  expect((await ask(DAY + DAY_MS)).control).toBe("public, max-age=300");
});

/** The page that a link to a cascade gets. */
async function page(id: string, changes: object = {}): Promise<string> {
  const html = `<html><head><meta name="description" content="All" /><title>Liquidations</title></head><body></body></html>`;
  const assets = { fetch: async () => new Response(html, { headers: { "Content-Type": "text/html", ETag: '"1"' } }) };
  const request = new Request(`https://example.com/cascades/${encodeURIComponent(id)}`);
  return (await screenPage(request, { ...env, ASSETS: assets, ...changes } as unknown as Env)).text();
}

describe("the page of a link to a cascade", () => {
  test("names it, with its picture", async () => {
    const text = await page("BTC-long-1");
    expect(text).toContain("<title>BTC cascade: $1 of longs liquidated</title>");
    expect(text).toContain('<meta property="og:image" content="https://example.com/v1/cascades/BTC-long-1/image" />');
    expect(text).toContain("on bybit, okx; bybit moved first");
  });

  test("has only text of it, whatever its base asset is named", async () => {
    const text = await page(NAMED.cascade_id);
    expect(text).toContain("of longs liquidated");
    expect(text).not.toContain("<script>");
  });

  test("says nothing of one that does not exist, and nothing where reading needs a key", async () => {
    expect(await page("BTC-long-2")).toContain("<title>Liquidations</title>");
    expect(await page("BTC-long-1", { PUBLIC_READ: "false" })).toContain("<title>Liquidations</title>");
  });
});
