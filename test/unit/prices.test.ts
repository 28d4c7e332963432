import { describe, expect, test } from "vitest";
import { parseConfig } from "../../src/config.ts";
import { licenceOf } from "../../src/licence.ts";
import { estimatePrice } from "../../src/prices.ts";

const USED = { rows: 2_500_000, requests: 40_000, bytes: 3_000_000_000 };

describe("an estimated price", () => {
  test("is that of rows and requests by the million and of bytes by the gigabyte", () => {
    const estimate = estimatePrice(USED, { rows: 20, requests: 1.5, gigabytes: 0.1 }, "EUR", "An estimate.");
    expect(estimate).toMatchObject({ amount: 50 + 0.06 + 0.3, currency: "EUR", note: "An estimate." });
    expect(estimatePrice(USED, { requests: 0.001 }, "USD", "")?.amount, "rounded to a hundredth of a cent").toBe(0);
  });

  test("is unknown without prices, and 0 where everything is free", () => {
    expect(estimatePrice(USED, null, "USD", "")).toBeNull();
    expect(estimatePrice(USED, { rows: 0 }, "USD", "")?.amount).toBe(0);
  });
});

describe("the operator's terms in the configuration", () => {
  test("are off unless they are set", () => {
    expect(licenceOf(parseConfig({}))).toBeNull();
    const config = parseConfig({ DATA_CONTACT: "data@example.com" });
    expect(licenceOf(config)).toEqual({ url: null, contact: "data@example.com" });
    expect(parseConfig({ DATA_PRICES: " rows=20, GIGABYTES=0.1" }).DATA_PRICES).toEqual({ rows: 20, gigabytes: 0.1 });
  });

  test.each([
    ["DATA_LICENCE_URL", "http://example.com/licence", "an https:// address"],
    ["DATA_LICENCE_URL", 'https://example.com/"><script>', "an https:// address"],
    ["DATA_LICENCE_URL", "https://example.com/a>; rel=evil", "an https:// address"],
    ["DATA_CONTACT", "nobody", "an e-mail address, or an https:// address"],
    ["DATA_CONTACT", "a@b@c", "an e-mail address, or an https:// address"],
    ["DATA_CONTACT", "javascript:alert(1)", "an e-mail address, or an https:// address"],
    ["DATA_PRICES", "row=20", "prices from 0 to 1000000 of rows, requests, gigabytes"],
    ["DATA_PRICES", "rows=-1", "prices from 0 to 1000000"],
    ["DATA_PRICES", "rows=1,rows=2", "each at most once"],
    ["DATA_PRICES", "rows=1e9", "prices from 0 to 1000000"],
    ["DATA_PRICES", "rows", "such as rows=20,gigabytes=0.1"],
    ["DATA_CURRENCY", "$", "three capital letters such as USD"],
  ])("refuse %s=%s and say what is allowed", (name, value, allowed) => {
    expect(() => parseConfig({ [name]: value })).toThrow(allowed);
  });
});
