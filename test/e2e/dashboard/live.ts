import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { shortUsd } from "../../../dashboard/src/parts/format.ts";
import { type Dashboard, openScreen } from "./dashboard.ts";

interface Stats {
  readonly data: { readonly sides: Readonly<Record<"long" | "short", { readonly usd: number }>> };
}

interface StatsAnswer {
  readonly data: {
    readonly as_of_time: number;
    readonly sides: Readonly<Record<"long" | "short", object>>;
  };
  readonly meta: object;
}

/** Number of colours on the chart's canvases: an empty one has the background's alone. */
function chartColours(page: Page): Promise<number> {
  return page.evaluate(() => {
    const colours = new Set<number>();
    for (const canvas of document.querySelectorAll<HTMLCanvasElement>(".chart-box canvas")) {
      if (canvas.width === 0 || canvas.height === 0) continue;
      // A copy, because a canvas on screen complains of being read more than once.
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
      copy?.drawImage(canvas, 0, 0);
      const pixels = copy?.getImageData(0, 0, canvas.width, canvas.height).data.buffer ?? new ArrayBuffer(0);
      for (const pixel of new Uint32Array(pixels)) colours.add(pixel);
    }
    return colours.size;
  });
}

const API = /\/v1\/(?!stream)/;

/** Answers every request of the API but the stream's with a status, as a server in trouble does, until `page.unroute(API)`. */
async function failApi(page: Page, status: number, code: string, headers: Record<string, string> = {}): Promise<void> {
  const body = JSON.stringify(problem(status, code, "Because of the test."));
  const answer = { status, headers: { "Content-Type": "application/problem+json", ...headers }, body };
  await page.route(API, (route) => route.fulfill(answer));
}

const problem = (status: number, code: string, detail: string) => ({ status, code, detail, title: code, request_id: "req-1" });

interface Marks {
  readonly data: readonly { readonly time: number; readonly exchange: string; readonly open: number; readonly close: number }[];
}

/** The first screen. */
export function liveTests(dashboard: () => Dashboard): void {
  test("the windows on screen are the API's numbers, and the chart is drawn", async () => {
    let stats: Stats | null = null;
    const { page, isQuiet, close } = await openScreen(dashboard(), "/?symbol=BTC&step=5s", {}, async (opened) => {
      opened.on("response", (response) => {
        if (response.url().includes("/v1/stats?") && response.url().includes("window=1h")) {
          void response.json().then((body: Stats) => (stats ??= body));
        }
      });
    });
    await page.waitForSelector('[aria-label="Window of 1h"] .window-side');
    await expect.poll(() => stats).not.toBeNull();
    const shown = await page.locator('[aria-label="Window of 1h"] .window-usd .hint').allInnerTexts();
    const { long, short } = (stats as unknown as Stats).data.sides;
    expect(shown.map((text) => text.split("\n")[0]?.trim())).toEqual([shortUsd(long.usd), shortUsd(short.usd)]);
    await expect.poll(() => chartColours(page)).toBeGreaterThan(12);
    isQuiet();
    await close();
  });

  test("a chart of seconds has the stored prices of each minute, and the price above it is of the same venue", async () => {
    const minute = Math.floor(Date.now() / 60_000) * 60_000;
    const { page, isQuiet, close } = await openScreen(dashboard(), "/?symbol=BTC&step=15s", {}, (opened) =>
      opened.route("**/v1/marks?**", async (route) => {
        const response = await route.fetch();
        const answer = (await response.json()) as Marks;
        const candles = [30, 29, 28].map((ago) => ({ time: minute - ago * 60_000, exchange: "htx", open: 84_000.5, close: 84_100.5 }));
        const data = candles.map((candle) => ({ ...candle, high: 84_200.5, low: 83_900.5, samples: 60 }));
        await route.fulfill({ response, json: { ...answer, data } });
      }),
    );
    await page.getByText("As a table").click();
    await page.locator(".chart-table th", { hasText: "mark on htx" }).waitFor();
    await page.locator(".last-price-of", { hasText: "mark on htx" }).waitFor();
    await expect.poll(() => chartColours(page)).toBeGreaterThan(12);
    isQuiet();
    await close();
  });

  test("the tape shows what passes its filter, which is in the address, and space stops it", async () => {
    const { page, isQuiet, close } = await openScreen(dashboard(), "/?side=short&symbol=&venue=");
    // A parameter without a value is not given.
    expect(await page.locator(".live-chart h2").textContent()).toMatch(/^[A-Z0-9]+ price/);
    await page.waitForSelector(".tape-row");
    expect(await page.locator(".tape-row .side-long").count()).toBe(0);
    const side = page.getByLabel("Side", { exact: true });
    // The tape holds what it does not show; what follows needs both sides to have come before it is stopped.
    await side.selectOption("");
    await page.waitForSelector(".tape-row .side-long");
    await side.selectOption("short");
    await page.locator("body").press("/");
    await page.keyboard.type("eth");
    expect(page.url()).toContain("tape=ETH");
    await page.keyboard.press("Tab");
    await page.locator("h1").evaluate((element) => element.ownerDocument.body.focus());
    await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
    await page.keyboard.press(" ");
    await page.waitForSelector('button[aria-label="Run the tape (space)"]');
    // What stands still can still be filtered.
    await page.getByLabel("Base asset on the tape").fill("");
    for (const [shown, hidden] of [
      ["long", "short"],
      ["short", "long"],
    ] as const) {
      await side.selectOption(shown);
      await page.waitForSelector(`.tape-row .side-${shown}`);
      expect(await page.locator(`.tape-row .side-${hidden}`).count()).toBe(0);
    }
    isQuiet();
    await close();
  });

  test.each([
    ["answers 401", "This needs an API key", (page: Page) => failApi(page, 401, "unauthorized")],
    ["answers 403", "Your API key does not allow this", (page: Page) => failApi(page, 403, "forbidden")],
    ["answers 429", "Too many requests: next attempt in 30 s", (page: Page) => failApi(page, 429, "rate_limited", { "Retry-After": "30" })],
    ["answers 500", "The server failed", (page: Page) => failApi(page, 500, "internal")],
    ["cannot be reached", "No connection to the server", (page: Page) => page.route(API, (route) => route.abort())],
    [
      "never answers",
      "The server takes too long",
      async (page: Page) => {
        await page.clock.install();
        await page.route(API, () => undefined);
      },
      async (page: Page) => {
        await page.locator(".window .state-loading").first().waitFor();
        await page.clock.fastForward(20_000);
      },
    ],
  ] as const)("an API that %s has its designed state", async (_, title, fail, wait = () => Promise.resolve()) => {
    const { page, close } = await openScreen(dashboard(), "/", {}, fail);
    await wait(page);
    await page.waitForSelector(".live-chart .state-failure");
    expect(await page.locator(".window .state-title").first().innerText()).toBe(title);
    // The stream is not the API: it goes on.
    await page.waitForSelector(".connection-good, .connection-partial");
    await page.unroute(API);
    await page.locator(".live-chart .state-failure").getByText("Try again").click();
    await page.waitForSelector(".live-chart .state-failure", { state: "detached" });
    await page.waitForSelector(".live-chart .side-long");
    await expect.poll(() => chartColours(page)).toBeGreaterThan(12);
    await close();
  });

  test("a base asset that nobody collects says so, with what was likely meant", async () => {
    const { page, close } = await openScreen(dashboard(), "/?symbol=BTD");
    await page.waitForSelector(".live-chart .state-not_found");
    expect(await page.locator(".live-chart .state-failure").innerText()).toContain("Did you mean BTC");
    await close();
  });

  test("a clock that is an hour fast is named, and ages are the server's", async () => {
    const { page, close } = await openScreen(dashboard(), "/", {}, (opened) =>
      opened.addInitScript(() => {
        const real = Date.now.bind(Date);
        Date.now = () => real() + 3_600_000;
      }),
    );
    await page.waitForSelector(".notice-warn");
    expect(await page.locator(".notice-warn").innerText()).toMatch(/clock is (1 h|59 m \d+ s) fast/);
    await page.waitForSelector(".venue-age");
    expect((await page.locator(".venue-age").allInnerTexts()).join(" ")).not.toContain("h ago");
    await close();
  });

  test("a number that is null is a dash with its reason, and one that is old greys out", async () => {
    const { page, isQuiet, close } = await openScreen(dashboard(), "/", {}, (opened) =>
      opened.route("**/v1/stats?**", async (route) => {
        const response = await route.fetch();
        const { data, meta } = (await response.json()) as StatsAnswer;
        const long = { ...data.sides.long, usd: null, percentile: null };
        const old = { ...data, as_of_time: data.as_of_time - 3_600_000, sides: { ...data.sides, long } };
        await route.fulfill({ response, json: { data: old, meta } });
      }),
    );
    const unknown = page.locator(".window-stale .window-usd .unknown").first();
    await unknown.waitFor();
    expect(await unknown.innerText()).toMatch(/^–/);
    await unknown.hover();
    expect(await page.locator(".hint-layer").innerText()).toBe("The value of every liquidation of the window is unknown.");
    const colourOf = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => getComputedStyle(element).color);
    expect(await colourOf(".window-stale .window-usd")).toBe(await colourOf(".window-stale .stale"));
    isQuiet();
    await close();
  });
}
