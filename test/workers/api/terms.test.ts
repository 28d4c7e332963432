import { afterEach, describe, expect, test } from "vitest";
import { emptyStorage } from "../empty-storage.ts";
import { DAY } from "../sample-liquidation.ts";
import { apiClient } from "./api-client.ts";

const ROOT = "correct-horse-battery-staple-tonight";
const TERMS = { DATA_LICENCE_URL: "https://example.com/data-licence", DATA_CONTACT: "data@example.com" };
const PRICES = { DATA_PRICES: "rows=20,requests=1,gigabytes=0.1", DATA_CURRENCY: "EUR" };
const LICENCE = { url: TERMS.DATA_LICENCE_URL, contact: TERMS.DATA_CONTACT };
const LINK = `<${TERMS.DATA_LICENCE_URL}>; rel="license"`;

const licensed = apiClient(DAY, { ADMIN_TOKEN: ROOT, ...TERMS, ...PRICES });
const silent = apiClient(DAY, { ADMIN_TOKEN: ROOT });
const admin = { headers: { Authorization: `Bearer ${ROOT}` } };
const RANGE = { start: "2026-11-19T00:00:00Z", end: "2026-11-20T00:00:00Z", format: "csv" };

afterEach(emptyStorage);

describe("the terms of the operator", () => {
  test("are in every answer and header, of errors too", async () => {
    for (const path of ["/v1/datasets", "/v1/liquidations?limit=1", "/v1/status"]) {
      const { body, headers } = await licensed(path);
      expect(body.meta.licence, path).toEqual(LICENCE);
      expect(headers.get("Link"), path).toBe(LINK);
    }
    expect((await licensed("/v1/nothing")).headers.get("Link")).toBe(LINK);
    expect((await licensed("/v1/datasets")).headers.get("Access-Control-Expose-Headers")).toContain("Link");
  });

  test("are in the documents", async () => {
    const { body } = await licensed("/openapi.json");
    expect(body).toMatchObject({
      info: { license: { url: TERMS.DATA_LICENCE_URL }, termsOfService: TERMS.DATA_LICENCE_URL, contact: { email: TERMS.DATA_CONTACT } },
    });
  });

  test("are nowhere where none are stated: then the document says that nothing is licensed", async () => {
    const { body, headers } = await silent("/v1/datasets");
    expect(body.meta).not.toHaveProperty("licence");
    expect(headers.get("Link")).toBeNull();
    expect((await silent("/openapi.json")).body).toMatchObject({ info: { license: { name: "No license is granted" } } });
  });
});

describe("the price", () => {
  test("of an export is estimated by the operator's prices, and says what it is", async () => {
    const { body } = await licensed("/v1/exports/estimate", { method: "POST", ...admin, body: JSON.stringify(RANGE) });
    expect(body.data.price).toEqual({
      amount: expect.any(Number),
      currency: "EUR",
      prices: { rows: 20, requests: 1, gigabytes: 0.1 },
      note: expect.stringContaining("not an invoice"),
    });
    const free = await silent("/v1/exports/estimate", { method: "POST", ...admin, body: JSON.stringify(RANGE) });
    expect(free.body.data.price).toBeNull();
  });

  test("of what a key has used is in its usage", async () => {
    const made = await licensed("/v1/keys", { method: "POST", ...admin, body: JSON.stringify({ name: "buyer" }) });
    const own = { headers: { Authorization: `Bearer ${String(made.body.data.key)}` } };
    for (let request = 0; request < 100; request += 1) await licensed("/v1/key", own);
    const { body } = await licensed("/v1/usage", own);
    expect(body.data.price).toMatchObject({ amount: 0.0001, currency: "EUR" });
    expect((await silent("/v1/usage", own)).body.data.price).toBeNull();
  });
});
