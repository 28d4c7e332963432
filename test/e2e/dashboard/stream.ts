import { expect, test } from "vitest";
import { type Dashboard, askAsPages, openScreen } from "./dashboard.ts";
import { type MockStream, liquidationsNow, mockStream } from "./mock-stream.ts";

/** A screen before a stream that the test plays. */
async function openBefore(dashboard: Dashboard, path: string, helloOf?: (connection: number) => object) {
  const streams: MockStream[] = [];
  const opened = await openScreen(dashboard, path, {}, async (page) => void streams.push(await mockStream(page, helloOf)));
  const [stream] = streams;
  if (stream === undefined) throw new Error("The page was not prepared.");
  return { ...opened, stream };
}

/** A stream that is cut, slow or refused, and a page that nobody looks at. */
export function streamTests(dashboard: () => Dashboard): void {
  test("a stream that is cut says so, continues after its last frame, and says what it missed", async () => {
    const { page, stream, close } = await openBefore(dashboard(), "/", (connection) => ({
      resumed: connection === 1 ? "none" : "expired",
    }));
    await page.waitForSelector(".connection-good");
    const time = Date.now();
    stream.send({ type: "beat", id: "mocked-42", time, through: time, gaps: [], n: 1 });
    stream.close(1012, "restart");
    await page.waitForSelector(".connection-bad");
    await page.waitForSelector(".connection-good");
    expect(stream.asked[1]).toContain("last_event_id=mocked-42");
    const request = `/v1/liquidations?start=${time - 60_000}&end=${time}&order=asc`;
    stream.send({ type: "gap", id: "other-1", from_time: time - 60_000, to_time: time, request });
    await expect.poll(() => page.locator(".notices").innerText()).toMatch(/no longer had 60 s .* liquidations were filled in/);
    await close();
  });

  test("a base asset that a venue no longer sends is named beside the venue until it is delivered again", async () => {
    const venue = { exchange: "okx", state: "live", since: 0, coverage: "unknown", inferred: false, open_gap: null };
    const { page, stream, close } = await openBefore(dashboard(), "/", () => ({ venues: [venue] }));
    await page.waitForResponse("**/v1/status");
    await page.waitForSelector(".venue-good");
    const since = Date.now() - 3_600_000;
    const silence = { exchange: "okx", symbol: "BTC", since, silent_minutes: 60, silence_probability: 0.0004, others_events: 90 };
    const suspect = { ...silence, suspect_time: Date.now(), cleared_time: null, cleared_reason: null };
    stream.send({ type: "silence", id: "mocked-1", change: "suspect", data: suspect });
    await expect.poll(() => page.locator(".venue-silent").allInnerTexts()).toEqual(["no BTC"]);
    expect(await page.locator(".venue").textContent()).toContain("No liquidation of BTC since");
    const cleared = { ...suspect, cleared_time: Date.now(), cleared_reason: "delivered" };
    stream.send({ type: "silence", id: "mocked-2", change: "cleared", data: cleared });
    await page.waitForSelector(".venue-good");
    expect(await page.locator(".venue-silent").count()).toBe(0);
    await close();
  });

  test("a browser that reads too slowly receives the range that was left out, gets it from the API, and connects again at once", async () => {
    const { page, stream, close } = await openBefore(dashboard(), "/", (connection) => ({
      resumed: connection === 1 ? "none" : "complete",
    }));
    await page.waitForSelector(".connection-good");
    const end = Date.now();
    const request = `/v1/liquidations?start=${end - 60_000}&end=${end}&order=asc`;
    stream.send({ type: "skipped", id: "mocked-90", from_id: "mocked-1", to_id: "mocked-90", count: 90, request });
    const notices = page.locator(".notices");
    await expect
      .poll(() => notices.innerText())
      .toMatch(/left out 90 frames because this browser read too slowly. \d+ liquidations were filled/);
    stream.close(4003, "slow");
    await expect.poll(() => stream.asked.length).toBe(2);
    expect(stream.asked[1]).toContain("last_event_id=mocked-90");
    await close();
  });

  test("a key that expired is refused by name, and another one lets the page go on where it is", async () => {
    const { worker, adminToken } = dashboard();
    const body = JSON.stringify({ name: "expired", scopes: ["read"] });
    const { key, key_id: id } = await askAsPages<{ readonly key: string; readonly key_id: string }>(dashboard(), "/v1/keys", {
      method: "POST",
      body,
    });
    await fetch(`${worker.url}/v1/keys/${id}`, { method: "DELETE", headers: { Authorization: `Bearer ${adminToken}` } });
    const { page, close } = await openScreen(dashboard(), "/?symbol=ETH", {}, async () => undefined, key);
    await page.waitForSelector(".connection-bad");
    expect(await page.locator(".connection").innerText()).toContain("Not allowed");
    await page.waitForSelector(".window .state-unauthorized");
    await page.locator(".connection").getByText("Enter a key").click();
    await page.getByLabel("Another key").fill(adminToken);
    await page.getByRole("button", { name: "Use the key" }).press("Enter");
    await page.waitForSelector(".connection-good, .connection-partial");
    await page.waitForSelector(".window .window-usd");
    expect(await page.locator(".live-chart h2").textContent()).toContain("ETH");
    await close();
  });

  test("a page in the background draws nothing, and shows everything when it comes back", async () => {
    const { page, stream, isQuiet, close } = await openBefore(dashboard(), "/?tape=HIDE");
    await page.waitForSelector(".window .window-usd");
    await page.waitForLoadState("networkidle");
    await page.evaluate(hide);
    // Until what was being drawn is drawn.
    await page.waitForTimeout(300);
    await page.evaluate(() => (globalThis.drawn = 0));
    const seconds = liquidationsNow(50, { symbol: "HIDE" }).map((event, index) => ({
      ...event,
      received_time: event.received_time - 1_000 * index,
    }));
    stream.sendLiquidations(seconds.toReversed());
    // Longer than the clock, the chart and the tape take to draw.
    await page.waitForTimeout(2_000);
    expect(await page.evaluate(() => globalThis.drawn)).toBe(0);
    await page.evaluate(() => globalThis.comeBack());
    await expect.poll(() => page.locator(".tape-count").innerText()).toMatch(/^50 since/);
    expect(await page.locator(".tape-row").count()).toBeGreaterThan(10);
    isQuiet();
    await close();
  });

  test("text that is HTML changes nothing but what it says", async () => {
    const hostile = '<img src=x onerror="document.title=1">';
    const { page, stream, isQuiet, close } = await openBefore(dashboard(), "/");
    await page.waitForSelector(".connection-good");
    stream.send({ type: "signal", id: "mocked-1", data: { ...SIGNAL, symbol: hostile, reason: hostile, created_time: Date.now() } });
    stream.sendLiquidations(liquidationsNow(1, { symbol: hostile, instrument: hostile }));
    await expect.poll(() => page.locator(".signal-reason").innerText()).toBe(hostile);
    await expect.poll(() => page.locator(".tape-symbol").allInnerTexts()).toContain(hostile);
    expect(await page.locator(".signal img, .tape img").count()).toBe(0);
    isQuiet();
    await close();
  });
}

declare global {
  /** Changes of the page since it was hidden. */
  var drawn: number;
  var comeBack: () => void;
}

/** Makes the browser treat the page as one that is not seen: it says so, and gives it no frames. */
function hide(): void {
  const next = requestAnimationFrame.bind(globalThis);
  const waiting: FrameRequestCallback[] = [];
  let isSeen = false;
  globalThis.requestAnimationFrame = (draw) => (isSeen ? next(draw) : waiting.push(draw));
  Object.defineProperty(document, "visibilityState", { get: () => (isSeen ? "visible" : "hidden") });
  document.dispatchEvent(new Event("visibilitychange"));
  globalThis.comeBack = () => {
    isSeen = true;
    document.dispatchEvent(new Event("visibilitychange"));
    for (const draw of waiting.splice(0)) next(draw);
  };
  globalThis.drawn = 0;
  const observer = new MutationObserver((changes) => (globalThis.drawn += changes.length));
  observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
}

const SIGNAL = {
  sequence: 1,
  signal_id: "s1",
  minute: 0,
  window: "15m",
  action: "SELL",
  confidence: 61,
  calibrated_probability: null,
  paper: true,
  reason_code: null,
  invalidation: null,
  long_change_pct: null,
  short_change_pct: null,
  analyst: "rules",
  model: null,
  prompt_version: null,
  rule_action: "SELL",
};
