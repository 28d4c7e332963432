import { rm } from "node:fs/promises";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { LocalWorker } from "../../scripts/local-worker.ts";
import { newState, startBuiltWorker } from "./built-worker.ts";
import { openBrowser } from "../../scripts/browser.ts";

/** The page at `/docs` and the reference in a real browser. */
const TERMS = "https://example.com/data-licence";
let stateDir: string;
let worker: LocalWorker;
let browser: Browser;
let page: Page;
/** What the page said on its console beside information, and what it asked of other hosts. */
let complaints: string[];
let strangers: string[];

beforeAll(async () => {
  stateDir = await newState();
  // No venue is asked: without a cron run no feed starts.
  worker = await startBuiltWorker(stateDir, { DATA_LICENCE_URL: TERMS, DATA_CONTACT: "data@example.com" });
  browser = await openBrowser();
});

afterAll(async () => {
  await browser.close();
  await worker.stop();
  await rm(stateDir, { recursive: true, force: true });
});

beforeEach(async () => {
  [complaints, strangers] = [[], []];
  page = await openPage("light");
});

afterEach(() => page.close());

async function openPage(colorScheme: "light" | "dark"): Promise<Page> {
  const opened = await browser.newPage({ colorScheme, viewport: { width: 1280, height: 1000 } });
  opened.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
  opened.on("pageerror", (error) => complaints.push(error.message));
  opened.on("request", (request) => {
    if (!request.url().startsWith(`${worker.url}/`) && !request.url().startsWith("data:")) strangers.push(request.url());
  });
  return opened;
}

function isQuiet(): void {
  expect(complaints).toEqual([]);
  expect(strangers).toEqual([]);
}

test("shows every operation and webhook of the document, without a complaint and without a request to others", async () => {
  const { paths, webhooks } = (await (await fetch(`${worker.url}/openapi.json`)).json()) as Record<"paths" | "webhooks", object>;
  const operations = Object.values(paths).flatMap((item: object) => Object.keys(item));
  await page.goto(`${worker.url}/docs`);
  await page.waitForSelector(".opblock");
  expect(await page.locator(".opblock").count()).toBe(operations.length + Object.keys(webhooks).length);
  expect(await page.title()).toBe("Liquidations API");
  isQuiet();
});

test("a lock stands where a key is needed and nowhere else, and it is open until one is given", async () => {
  const { paths } = (await (await fetch(`${worker.url}/openapi.json`)).json()) as {
    readonly paths: Readonly<
      Record<string, Readonly<Record<string, { readonly operationId: string; readonly security: readonly object[] }>>>
    >;
  };
  await page.goto(`${worker.url}/docs`);
  await page.waitForSelector(".opblock");
  for (const { operationId, security } of Object.values(paths).flatMap((item) => Object.values(item))) {
    const isNeeded = security.length > 0 && security.every((way) => Object.keys(way).length > 0);
    const locks = page.locator(`.opblock[id$="-${operationId}"] .authorization__btn`);
    expect(await locks.count(), operationId).toBe(isNeeded ? 1 : 0);
    if (isNeeded) expect(await locks.getAttribute("aria-label"), operationId).toBe("authorization button unlocked");
  }
  isQuiet();
});

test("a link leads to its operation, and trying it out asks the Worker", async () => {
  await page.goto(`${worker.url}/docs#/Liquidations/getStats`);
  const stats = page.locator("#operations-Liquidations-getStats");
  await stats.locator(".try-out__btn").click();
  await stats.locator(".execute").click();
  const answer = stats.locator(".live-responses-table .response");
  await answer.waitFor();
  expect(await answer.locator(".response-col_status").innerText()).toContain("200");
  expect(await answer.locator(".response-col_description").innerText()).toContain('"as_of_time"');
  isQuiet();
});

test("a list, a body, a download and a webhook open without a complaint", async () => {
  await page.goto(`${worker.url}/docs`);
  await page.waitForSelector(".opblock");
  for (const name of ["listLiquidations", "createExport", "downloadDataset", "onSignalIssued"]) {
    const operation = page.locator(`.opblock[id$="-${name}"]`);
    await operation.locator(".opblock-summary-control").click();
    await operation.locator(".opblock-body").waitFor();
    expect(await operation.locator(".opblock-body").innerText(), name).toContain("Responses");
  }
  expect(await page.locator(".errors-wrapper").count()).toBe(0);
  isQuiet();
});

async function luminance(scheme: "light" | "dark"): Promise<number> {
  const opened = await openPage(scheme);
  await opened.goto(`${worker.url}/docs`);
  await opened.waitForSelector(".opblock");
  const colour = await opened.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await opened.close();
  const [red = 0, green = 0, blue = 0] = (colour.match(/\d+/g) ?? []).map(Number);
  return (red + green + blue) / 3;
}

test("the reference is read on a phone without scrolling sideways, and its links lead on", async () => {
  await page.setViewportSize({ width: 360, height: 700 });
  await page.goto(`${worker.url}/reference/`);
  await page.locator("main").getByRole("link", { name: "Methodology" }).click();
  await page.getByRole("heading", { level: 1, name: "Methodology" }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/reference/methodology");
  const [content, width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth] as const);
  expect(content).toBeLessThanOrEqual(width);
  isQuiet();
});

test("the terms of the operator are on the screen Data, and in the header of what the API answers", async () => {
  const { headers } = await fetch(`${worker.url}/v1/datasets`);
  expect(headers.get("Link")).toBe(`<${TERMS}>; rel="license"`);
  await page.goto(`${worker.url}/data`);
  const panel = page.locator(".terms");
  await panel.getByRole("link", { name: "the operator’s terms" }).waitFor();
  expect(await panel.locator(`a[href="${TERMS}"]`).count()).toBe(1);
  expect(await panel.locator('a[href="mailto:data@example.com"]').count()).toBe(1);
  await panel.getByRole("link", { name: "Coverage calendar" }).click();
  await page.waitForURL(`${worker.url}/venues`);
});

test.each(["/", "/docs-assets/docs.js", "/reference/changelog", "/liquidations-api.d.ts"])(
  "%s carries the security headers",
  async (path) => {
    const { status, headers } = await fetch(worker.url + path);
    expect(status).toBe(200);
    expect(Object.fromEntries(headers)).toMatchObject({
      "content-security-policy": expect.stringContaining("default-src 'self'"),
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    });
  },
);

test("is dark where the reader's system is", async () => {
  expect(await luminance("light")).toBeGreaterThan(200);
  expect(await luminance("dark")).toBeLessThan(60);
  isQuiet();
});

test("the TypeScript client asks, streams and verifies in a browser", async () => {
  const entry = new URL("../../clients/typescript/src/index.ts", import.meta.url).pathname;
  const options = { bundle: true, format: "iife", globalName: "client", platform: "browser", write: false } as const;
  const { outputFiles } = await build({ entryPoints: [entry], ...options });
  await page.goto(`${worker.url}/docs`);
  const found = await page.evaluate(`(async () => {
    ${outputFiles[0]?.text ?? ""}
    const own = new client.LiquidationsClient({ url: location.origin });
    const { data } = await own.get("/v1/symbols");
    const types = [];
    for await (const item of own.stream({ symbol: ["BTC"] })) {
      types.push(item.type);
      if (item.type === "snapshot") break;
    }
    const { matches } = await own.verifyLedger();
    const refused = await own.get("/v1/stats", { params: { query: { symbol: "BTC", window: "25h" } } }).catch((error) => error);
    return { symbols: Array.isArray(data), types, matches, isRefused: refused instanceof client.BadParametersError };
  })()`);
  expect(found).toEqual({ symbols: true, types: ["hello", "snapshot"], matches: true, isRefused: true });
});
