import { brotliCompressSync } from "node:zlib";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { type Dashboard, axeViolations, isReachedByTab, openScreen, overflowPx } from "./dashboard.ts";

/** The frame around every screen. */
export function shellTests(dashboard: () => Dashboard): void {
  test("the page has no violation of WCAG 2.2 AA in dark and light, and asks no other host", async () => {
    const { page, isQuiet, close } = await openScreen(dashboard(), "/");
    await page.waitForSelector(".connection-good, .connection-partial");
    await page.waitForSelector(".tape-row");
    expect(await axeViolations(page)).toEqual([]);
    isQuiet();
    await close();
  });

  test("the page fits a window of 320 px, and its main controls are reached by the keyboard alone", async () => {
    const { page, isQuiet, close } = await openScreen(dashboard(), "/", { viewport: { width: 320, height: 640 }, hasTouch: true });
    await page.waitForSelector(".tape-row");
    expect(await overflowPx(page)).toBe(0);
    expect(await isReachedByTab(page, 'button[aria-label="API key"]')).toBe(true);
    isQuiet();
    await close();
  });

  test("the first load is at most 130 kB compressed", async () => {
    const bodies: Promise<Buffer>[] = [];
    const { url } = dashboard().worker;
    const { page, close } = await openScreen(dashboard(), "/", {}, async (opened) => {
      opened.on("response", (response) => {
        if (!response.url().startsWith(`${url}/v1/`)) bodies.push(response.body());
      });
    });
    await page.waitForSelector(".tape-row");
    const sizes = (await Promise.all(bodies)).map((body) => brotliCompressSync(body).length);
    expect(sizes.length).toBeGreaterThan(4);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(130_000);
    await close();
  });

  test("an address of a screen is a deep link, and one of no screen says so without losing the API's own 404", async () => {
    const { url } = dashboard().worker;
    const screen = await fetch(`${url}/cascades/no-such-cascade`);
    expect(screen.headers.get("content-type")).toContain("text/html");
    expect(screen.headers.get("content-security-policy")).toContain("default-src 'self'");
    const missing = await fetch(`${url}/v1/no-such-thing`, { headers: { "Sec-Fetch-Mode": "navigate", Accept: "text/html" } });
    expect(missing.status).toBe(404);
    expect(missing.headers.get("content-type")).toContain("application/problem+json");
  });

  test("an old bookmark opens what still exists of it, and an address of no screen says so", async () => {
    const { page, close } = await openScreen(dashboard(), "/?symbol=BTC&step=2m&side=both&venue=ftx&min_usd=lots&theme=blue");
    await page.waitForSelector(".tape-row");
    expect(await page.locator('.live-chart .choice[aria-pressed="true"]').innerText()).toBe("1m");
    await page.goto(`${dashboard().worker.url}/cascades?range=2+w&side=up&min_usd=-1&cursor=old`);
    await page.waitForSelector(".state-bad_request");
    await page.getByRole("button", { name: "Newest" }).press("Enter");
    await page.waitForSelector(".state-bad_request", { state: "detached" });
    const gone = await page.goto(`${dashboard().worker.url}/liquidations.html`);
    expect(gone?.status()).toBe(404);
    expect(await page.locator("h1").innerText()).toBe("There is no such screen");
    await page.getByRole("link", { name: "Go to Live" }).press("Enter");
    await page.waitForSelector(".live");
    await close();
  });

  test("every screen opens by its key, with the base asset that was shown", async () => {
    const { page, isQuiet, close } = await openScreen(dashboard(), "/?symbol=ETH");
    await page.waitForSelector(".live");
    const screens = await screensOf(page);
    for (const { key, path, title } of screens.toReversed()) {
      await page.keyboard.press(key);
      await expect.poll(() => page.title()).toBe(`${title} · Liquidations`);
      expect(page.url()).toBe(`${dashboard().worker.url}${path}?symbol=ETH`);
      expect(await page.locator("h1").textContent()).toBe(title);
    }
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
    expect(await page.locator(".keys dt").allInnerTexts()).toEqual(
      expect.arrayContaining([...screens.map(({ key }) => key), "/", "space", "?"]),
    );
    isQuiet();
    await close();
  });

  test.each([
    ["is off", storageOff],
    ["is full", storageFull],
  ] as const)("where local storage %s, choices hold until the page is closed, which the page says", async (_state, breakStorage) => {
    const { page, isQuiet, close } = await openScreen(dashboard(), "/data", {}, (opened) => opened.addInitScript(breakStorage));
    await page.waitForSelector(".connection-good, .connection-partial");
    await page.getByRole("button", { name: "Theme: as the system" }).press("Enter");
    await page.waitForSelector('html[data-theme="light"]');
    await page.getByRole("button", { name: "API key" }).press("Enter");
    expect(await page.locator(".dialog .form p").innerText()).toContain("until the page is closed (storage is off)");
    await page.getByLabel(/^(Another key|Key)$/).fill(dashboard().adminToken);
    await page.getByRole("button", { name: "Use the key" }).press("Enter");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    await page.getByRole("link", { name: "Status" }).press("Enter");
    await page.waitForURL("**/status");
    // Only an administrator's key shows it.
    await expect.poll(() => page.locator(".status-panels").innerText()).toContain("of a day");
    isQuiet();
    await close();
  });

  test("a visitor without a key opens every screen once within the requests of one minute", async () => {
    const { worker, adminToken } = dashboard();
    const api = (await (await fetch(`${worker.url}/openapi.json`)).json()) as ApiDocument;
    let spent = 0;
    const { page, close } = await openScreen(
      dashboard(),
      "/",
      {},
      (opened) =>
        // All tests share one address, so what the page asks without a key is asked with one.
        opened.route(/\/v1\/|\/ready$/, async (route) => {
          const request = route.request();
          expect(await request.headerValue("Authorization")).toBeNull();
          spent += costOf(api, new URL(request.url()).pathname);
          await route.continue({ headers: { ...request.headers(), Authorization: `Bearer ${adminToken}` } });
        }),
      null,
    );
    for (const { key, title, path } of await screensOf(page)) {
      if (path !== "/") await page.keyboard.press(key);
      await expect.poll(() => page.title()).toContain(title);
      // Until the screen has asked for what it shows.
      await page.waitForFunction(
        () => document.querySelector("main .panel") !== null && document.querySelector("main .state-loading") === null,
      );
      for (let before = -1; before !== spent;) {
        before = spent;
        await page.waitForTimeout(400);
      }
    }
    expect(spent).toBeGreaterThan(40);
    expect(spent).toBeLessThanOrEqual(120);
    await close();
  });
}

function storageOff(): void {
  Object.defineProperty(globalThis, "localStorage", {
    get() {
      throw new DOMException("denied", "SecurityError");
    },
  });
}

function storageFull(): void {
  Storage.prototype.setItem = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
}

/** The screens that the navigation names, with their keys. */
function screensOf(page: Page): Promise<readonly { readonly key: string; readonly path: string; readonly title: string }[]> {
  return page.locator("a.screen-link").evaluateAll((links) =>
    links.map((link) => ({
      key: link.getAttribute("aria-keyshortcuts") ?? "",
      path: (link as HTMLAnchorElement).pathname,
      title: link.textContent,
    })),
  );
}

interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly "x-cost"?: number }>>>>;
}

/** What a read counts as against the limit of its caller; the stream's address is open to all. */
function costOf({ paths }: ApiDocument, pathname: string): number {
  const parts = pathname.split("/");
  const found = Object.entries(paths).find(([path]) => {
    const pattern = path.split("/");
    return pattern.length === parts.length && pattern.every((part, index) => part.startsWith("{") || part === parts[index]);
  });
  return found?.[1].get?.["x-cost"] ?? 1;
}
