import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { shortUsd, wholeUsd } from "../../../dashboard/src/parts/format.ts";
import { DAY_MS } from "../../../src/windows/calendar.ts";
import { type Dashboard, axeViolations, isReachedByTab, openScreen, overflowPx, askAsPages } from "./dashboard.ts";

const LIQUIDATING = ["bybit", "okx", "binance"] as const;

interface Cascade {
  readonly cascade_id: string;
  readonly usd: number;
  readonly start_time: number;
  readonly adl_states: readonly { readonly instrument: string }[] | null;
}

/**
 * The liquidations of the case file that all tests here look at: the hub needs minutes of prices before it recognises a cascade,
 * so its record was stored before the Worker started.
 */
let played: Promise<string> | null = null;
function playedCascade(dashboard: Dashboard): Promise<string> {
  played ??= play(dashboard);
  return played;
}

async function play(dashboard: Dashboard): Promise<string> {
  const { venues, cascadeId } = dashboard;
  const { startTime } = venues.cascade({
    startAfterMs: 0,
    symbol: "SOL",
    side: "long",
    venues: LIQUIDATING.map((exchange, index) => ({ exchange, delayMs: index * 1_000 })),
    usd: 2e7,
    durationMs: 4_000,
    movePct: 3,
  });
  const largest = `/v1/liquidations?symbol=SOL&side=long&min_usd=50000&start=${startTime}`;
  await expect.poll(async () => (await askAsPages<readonly unknown[]>(dashboard, largest)).length, { interval: 500 }).toBeGreaterThan(20);
  return cascadeId;
}

/** The list of cascades and their case files. */
export function cascadesTests(dashboard: () => Dashboard): void {
  test("the list has the cascade, and its filter is in the address", async () => {
    const id = await playedCascade(dashboard());
    const { page, isQuiet, close } = await openScreen(dashboard(), "/cascades?min_usd=0");
    await page.waitForSelector(`a[href="/cascades/${id}"]`);
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole("button", { name: "short" }).click();
    expect(page.url()).toContain("side=short");
    await page.waitForSelector(`a[href="/cascades/${id}"]`, { state: "detached" });
    expect(await page.locator(".data-table .side-long").count()).toBe(0);
    await page.getByRole("button", { name: "short" }).click();
    await page.locator(`a[href="/cascades/${id}"]`).press("Enter");
    await page.waitForSelector(".case-title");
    expect(page.url()).toMatch(new RegExp(`/cascades/${id}$`));
    isQuiet();
    await close();
  });

  test("the case file has the API's numbers, without a violation of WCAG 2.2 AA", async () => {
    const id = await playedCascade(dashboard());
    const { page, isQuiet, close } = await openScreen(dashboard(), `/cascades/${id}?view=close`);
    await page.waitForSelector(".path-bubbles path");
    await page.waitForSelector(".case-events tbody tr");
    await expect
      .poll(
        async () => {
          const { usd } = await askAsPages<Cascade>(dashboard(), `/v1/cascades/${id}`);
          return (await page.locator(".case-fact").first().innerHTML()).includes(wholeUsd(usd));
        },
        { interval: 500 },
      )
      .toBe(true);
    const adl = await page.locator(".case-adl tbody tr").allTextContents();
    const { adl_states: states } = await askAsPages<Cascade>(dashboard(), `/v1/cascades/${id}`);
    expect(states).not.toBeNull();
    for (const { instrument } of states ?? []) expect(adl.some((row) => row.includes(instrument))).toBe(true);
    expect(adl[0]).toMatch(/okx.*ADL warning.*279.9M USDT.*279,904,112 USDT; the first one published during it was 280,784,385 USDT/);
    expect(adl.join(" ")).toMatch(/tSOLF0:USTF0.*unknown.*no state: unknown, not normal/);
    expect(adl.join(" ")).toMatch(/bybit.*unknown.*does not publish it, or/);
    expect(await axeViolations(page)).toEqual([]);
    isQuiet();
    await close();
  });

  test("a week of cascades is listed with the API's numbers", async () => {
    const week = Date.now() - 7 * DAY_MS;
    const listed = await askAsPages<readonly Cascade[]>(dashboard(), `/v1/cascades?threshold_usd=0&limit=50&start=${week}`);
    const oldest = listed.at(-1);
    expect(listed.length).toBeGreaterThan(20);
    expect(oldest?.start_time).toBeLessThan(Date.now() - 5 * DAY_MS);
    const { page, isQuiet, close } = await openScreen(dashboard(), "/cascades?min_usd=0&range=7+d");
    await page.waitForSelector(`a[href="/cascades/${oldest?.cascade_id}"]`);
    const shown = await page.locator(".case-link").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
    expect(shown).toEqual(expect.arrayContaining(listed.map(({ cascade_id: id }) => `/cascades/${id}`)));
    const row = page.locator(".data-table tr", { has: page.locator(`a[href="/cascades/${oldest?.cascade_id}"]`) });
    expect(await row.innerText()).toContain(shortUsd(oldest?.usd ?? 0));
    // Nobody has trained a model on the demo's days, so no probability is shown, and the page says why.
    expect(await page.locator(".forecast").innerText()).toMatch(
      /No probability is shown\. no model is installed under models\/cascade-forecast\.json/,
    );
    isQuiet();
    await close();
  });

  test("its liquidations are downloaded as CSV with all their fields", async () => {
    const id = await playedCascade(dashboard());
    const { page, isQuiet, close } = await openScreen(dashboard(), `/cascades/${id}`);
    await page.waitForSelector(".case-events tbody tr");
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download as CSV" }).click()]);
    const [header, ...rows] = (await readFile(await file.path(), "utf8")).trimEnd().split("\r\n");
    expect(header).toMatch(/^event_id,exchange,instrument,symbol,/);
    expect(rows.length).toBeGreaterThan(10);
    isQuiet();
    await close();
  });

  test("the replay sends its liquidations again", async () => {
    const id = await playedCascade(dashboard());
    const { page, isQuiet, close } = await openScreen(dashboard(), `/cascades/${id}?speed=60`);
    await page.waitForSelector(".case-events tbody tr");
    await page.getByRole("button", { name: "Replay", exact: true }).click();
    await expect
      .poll(() => page.locator(".replay-state").innerText(), { interval: 500 })
      .toMatch(/^Replayed [1-9]\d* of \d+ liquidations\.$/);
    isQuiet();
    await close();
  });

  test("a case file fits a window of 320 px, and its replay is reached by the keyboard alone", async () => {
    const id = await playedCascade(dashboard());
    const { page, isQuiet, close } = await openScreen(dashboard(), `/cascades/${id}`, {
      viewport: { width: 320, height: 640 },
      hasTouch: true,
    });
    await page.waitForSelector(".mark-path svg, .mark-path .state");
    expect(await overflowPx(page)).toBe(0);
    expect(await isReachedByTab(page, ".replay .button", 60)).toBe(true);
    isQuiet();
    await close();
  });

  test("an id that does not exist says so, and so does an API that fails", async () => {
    const missing = await openScreen(dashboard(), "/cascades/%3Cimg%20src=x%3E");
    await missing.page.waitForSelector(".case-missing");
    expect(await missing.page.locator(".case-missing code").innerText()).toBe("<img src=x>");
    await missing.close();
    const failed = await openScreen(dashboard(), "/cascades/BTC-long-1", {}, (opened) =>
      opened.route("**/v1/cascades/**", (route) => route.fulfill({ status: 500, body: "" })),
    );
    await failed.page.waitForSelector(".state-server");
    await failed.close();
  });

  test("a link to a case file names it, and text in it is only ever text", async () => {
    const id = await playedCascade(dashboard());
    const { url } = dashboard().worker;
    const page = await (await fetch(`${url}/cascades/${id}`)).text();
    expect(page).toMatch(/<title>SOL cascade: \$[\d,]+ of longs liquidated/);
    expect(page).toMatch(/<meta property="og:title" content="SOL cascade: /);
    expect(page).toMatch(/<meta property="og:description" content="[^"]*on bybit/);
    const missing = await (await fetch(`${url}/cascades/%22%3E%3Cscript%3E`)).text();
    expect(missing).toContain("<title>Liquidations</title>");
  });
}
