import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { type Dashboard, openScreen } from "./dashboard.ts";
import { type MockStream, liquidationsNow, mockStream } from "./mock-stream.ts";

declare global {
  /** Pitches of the tones that the page played, and titles of its notifications. */
  var heard: number[];
  var notified: string[];
}

/** Devices without sound and browsers without windows play and notify nothing: these write down what they were told. */
function recordAlerts(): void {
  globalThis.heard = [];
  globalThis.notified = [];
  const node = { connect: (other: unknown) => other, start: () => undefined, stop: () => undefined };
  const volume = { setValueAtTime: () => undefined, exponentialRampToValueAtTime: () => undefined };
  class Recorder {
    readonly state = "running";
    readonly currentTime = 0;
    readonly destination = node;
    readonly resume = () => Promise.resolve();
    readonly createGain = () => ({ ...node, gain: volume });
    readonly createOscillator = () => {
      const frequency = { value: 0 };
      return { ...node, frequency, start: () => void globalThis.heard.push(frequency.value) };
    };
  }
  class Notifier {
    static readonly permission = "granted";
    constructor(title: string) {
      globalThis.notified.push(title);
    }
  }
  Object.assign(globalThis, { AudioContext: Recorder, Notification: Notifier });
}

async function openTape(dashboard: Dashboard, prepare: (page: Page) => Promise<unknown> = async () => undefined) {
  const streams: MockStream[] = [];
  const opened = await openScreen(dashboard, "/", {}, async (page) => {
    await prepare(page);
    // The tape shows what the test sends, and nothing else.
    const nothing = { data: [], meta: { gaps: [], coverage: {}, next_cursor: null } };
    await page.route("**/v1/liquidations?**", (route) => route.fulfill({ json: nothing }));
    streams.push(await mockStream(page));
  });
  const [stream] = streams;
  if (stream === undefined) throw new Error("The page was not prepared.");
  await opened.page.waitForSelector(".connection-good");
  return { ...opened, stream };
}

/** What reaches a visitor who does not look: sounds, notifications, words for a screen reader, and hints on demand. */
export function alertsTests(dashboard: () => Dashboard): void {
  test("large liquidations sound and notify once that is asked for, and the choice outlives a reload", async () => {
    const { page, stream, isQuiet, close } = await openTape(dashboard(), (opened) => opened.addInitScript(recordAlerts));
    const large = () => stream.sendLiquidations(liquidationsNow(1, { symbol: "BIG", position_side: "short", notional_mark_usd: 250_000 }));
    large();
    await page.getByText("BIG", { exact: true }).waitFor();
    expect(await page.evaluate(() => globalThis.heard)).toEqual([]);
    await page.getByRole("button", { name: "Sound and notifications are off" }).press("Enter");
    await page.getByRole("button", { name: "Sound and notifications from $100k" }).waitFor();
    stream.sendLiquidations(liquidationsNow(1, { symbol: "BIG", notional_mark_usd: 99_000 }));
    large();
    await expect.poll(() => page.evaluate(() => globalThis.heard)).toEqual([660]);
    expect(await page.evaluate(() => globalThis.notified)).toEqual([]);
    await page.reload();
    await page.waitForSelector(".connection-good");
    await page.evaluate(() => Object.defineProperty(document, "hidden", { get: () => true }));
    // Browsers allow sound only after a gesture.
    await page.keyboard.press("Shift");
    large();
    await expect.poll(() => page.evaluate(() => globalThis.notified)).toEqual(["BIG short $250k"]);
    expect(await page.evaluate(() => globalThis.heard)).toEqual([660]);
    isQuiet();
    await close();
  });

  test("the tape is read aloud only when asked, and at most one sentence in 5 s", async () => {
    const { page, stream, close } = await openTape(dashboard(), (opened) => opened.clock.install());
    const said = page.locator(".tape [aria-live=polite]");
    // Sent until it is shown: where the clock jumps, the page takes its stream for silent and connects again.
    const come = async (symbol: string) => {
      const shown = async () => {
        stream.sendLiquidations(liquidationsNow(1, { symbol, event_time: await page.evaluate(() => Date.now()) }));
        return page.locator(".tape-symbol").first().innerText();
      };
      await expect.poll(shown, { interval: 500 }).toBe(symbol);
    };
    await come("ONE");
    expect(await page.locator(".tape [role=log]").getAttribute("aria-live")).toBe("off");
    await page.clock.fastForward(20_000);
    expect(await said.innerText()).toBe("");
    await page.getByRole("button", { name: "Read the tape aloud" }).press("Enter");
    await page.clock.fastForward(5_000);
    await expect.poll(() => said.innerText()).toMatch(/^ONE long/);
    // The page's clock goes on by itself, so on a busy machine the second may have its turn too.
    await said.evaluate((element) => {
      const times: number[] = [Date.now()];
      new MutationObserver(() => times.push(Date.now())).observe(element, { childList: true, characterData: true, subtree: true });
      Object.assign(globalThis, { saidTimes: times });
    });
    await come("TWO");
    await come("THREE");
    await page.clock.fastForward(5_000);
    await expect.poll(() => said.innerText()).toMatch(/^THREE/);
    const times = await page.evaluate(() => (globalThis as unknown as { readonly saidTimes: readonly number[] }).saidTimes);
    // The first of them is from when it was looked at, later than when it was said.
    for (const [index, time] of times.slice(2).entries()) expect(time - (times[index + 1] ?? 0)).toBeGreaterThanOrEqual(5_000);
    await close();
  });

  test("a total says what it covers on hover and on focus, and Escape closes that", async () => {
    const { page, isQuiet, close } = await openScreen(dashboard(), "/");
    const total = page.locator(".window-usd .hint").first();
    const layer = page.locator(".hint-layer");
    await total.hover();
    expect(await layer.innerText()).toMatch(/^\$[\d,]+\n[\s\S]*of venue time was connected/);
    await page.mouse.move(0, 0);
    await layer.waitFor({ state: "detached" });
    await total.focus();
    await layer.waitFor();
    await page.keyboard.press("Escape");
    await layer.waitFor({ state: "detached" });
    expect(await total.evaluate((element) => document.getElementById(element.getAttribute("aria-describedby") ?? "")?.textContent)).toMatch(
      /of venue time was connected/,
    );
    isQuiet();
    await close();
  });
}
