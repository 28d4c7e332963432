import { describe, expect, test } from "vitest";
import { createApi } from "../../../workers/api/app.ts";
import { openApiDocument } from "../../../workers/api/openapi/openapi-document.ts";
import { OPERATIONS } from "../../../workers/api/operations.ts";
import { PROBLEM_CODES } from "../../../workers/api/http/problem.ts";
import { apiClient } from "./api-client.ts";
import { DAY } from "../sample-liquidation.ts";

const DOCUMENT = openApiDocument(OPERATIONS);
const METHODS = new Set(["GET", "POST", "PUT", "PATCH", "DELETE"]);

/** The texts of the API are no JSON. */
async function getText(path: string, init?: RequestInit): Promise<Response> {
  return createApi().request(path, init, {});
}

test("every route there is stands in the document, and every one in the document is there", () => {
  const routed = createApi()
    .routes.filter(({ method }) => METHODS.has(method))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
  const documented = Object.entries(DOCUMENT.paths ?? {}).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(documented.toSorted()).toEqual([...new Set(routed)].toSorted());
});

test("every problem there is can come from some operation of the document", () => {
  const responses = JSON.stringify(DOCUMENT.components?.responses).matchAll(/"code":"(\w+)"/g);
  expect(new Set([...responses].map(([, code]) => code))).toEqual(new Set(PROBLEM_CODES));
});

describe("/openapi.json", () => {
  test("is the document, to be read by pages of other sites, without a key", async () => {
    const closed = apiClient(DAY, { PUBLIC_READ: "false", ADMIN_TOKEN: "correct-horse-battery-staple-tonight" });
    const { status, headers, body } = await closed("/openapi.json", { headers: { Origin: "https://example.com" } });
    expect(status).toBe(200);
    expect(body).toEqual(JSON.parse(JSON.stringify(DOCUMENT)));
    expect(headers.get("Content-Type")).toBe("application/json");
    expect(headers.get("Access-Control-Allow-Origin")).toBe("*");
  });

  test("has a strong ETag, may be kept, and is a 304 for who has it", async () => {
    const { headers } = await getText("/openapi.json");
    const etag = headers.get("ETag") ?? "";
    expect(etag).toMatch(/^"[\w-]{24}"$/);
    expect(headers.get("Cache-Control")).toBe("public, max-age=300");
    const again = await getText("/openapi.json", { headers: { "If-None-Match": etag } });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe("");
    expect((await getText("/openapi.json", { headers: { "If-None-Match": '"other"' } })).status).toBe(200);
  });
});

test("/docs runs this Worker's scripts and nobody else's", async () => {
  const response = await getText("/docs");
  expect(response.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
  const policy = response.headers.get("Content-Security-Policy") ?? "";
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("connect-src 'self';");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  const addresses = [...(await response.text()).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address);
  expect(addresses.length).toBeGreaterThan(5);
  expect(addresses.filter((address) => !/^\/[^/]?/.test(address ?? ""))).toEqual([]);
});

describe("/llms.txt", () => {
  test("is Markdown that names every route, its parameters, and what each venue's feed carries", async () => {
    const response = await getText("/llms.txt");
    expect(response.headers.get("Content-Type")).toBe("text/markdown; charset=utf-8");
    const text = await response.text();
    expect(text).toMatch(/^# Liquidations\n\n> \w/);
    for (const { method, path, doc } of OPERATIONS) {
      const line = text.split("\n- ").find((part) => part.startsWith(`\`${method} ${path}\``)) ?? "";
      for (const name of [...Object.keys(doc.params.shape), ...Object.keys(doc.query.shape)]) expect(line, path).toContain(`\`${name}\``);
    }
    for (const words of [
      "okx, aster: a sample",
      "kucoin: no liquidations",
      "`meta.gaps`",
      "(/openapi.json)",
      "(/docs)",
      "(/mcp)",
      "in whole minutes or hours from 1m to 24h. Only multiples of 15m have a percentile. Default: 15m.",
    ]) {
      expect(text).toContain(words);
    }
  });
});
