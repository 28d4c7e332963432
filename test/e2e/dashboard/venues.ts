import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { ESTIMATE_METHODS, type Estimate, withheld } from "../../../src/estimates/estimate.ts";
import { countText, shareText } from "../../../dashboard/src/parts/format.ts";
import { lagText } from "../../../dashboard/src/screens/venues/lag-text.ts";
import { type Dashboard, axeViolations, openScreen, overflowPx } from "./dashboard.ts";

interface Standing {
  readonly exchange: string;
  readonly share: number | null;
  readonly first_mover_count: number;
}
interface Pair {
  readonly exchange: string;
  readonly other_exchange: string;
  readonly median_lag_ms: number;
}
interface Compared {
  readonly exchanges: readonly Standing[];
  readonly pairs: readonly Pair[];
}
interface Uptime {
  readonly exchanges: Readonly<Record<string, readonly (number | null)[]>>;
}
interface Answer<Data> {
  readonly data: Data;
}

const REPORTED = { reported_usd: 2e6, reported_events: 61 };
const EXPERIMENTAL: Estimate = {
  ...REPORTED,
  estimated_usd: 3e6,
  low_usd: 2.4e6,
  high_usd: 4e6,
  estimated_events: 118.4,
  method: ESTIMATE_METHODS.largest_per_second,
  status: "experimental",
  reason: "only one venue is complete",
};
const WITHHELD = withheld({ ...REPORTED, reported_usd: 4e5 }, ESTIMATE_METHODS.one_per_second, "13 days are fitted, and it takes 14");

/** Puts estimates into the API's answer: its own are withheld, because each venue has a gap from before the Worker started. */
async function withEstimates(page: Page): Promise<void> {
  await page.route("**/v1/cross-exchange?*", async (route) => {
    const response = await route.fetch();
    const body = (await response.json()) as Answer<Compared>;
    const [first, second] = body.data.exchanges;
    const exchanges = [
      { ...first, exchange: "binance", estimate: EXPERIMENTAL },
      { ...second, exchange: "okx", estimate: WITHHELD },
    ];
    await route.fulfill({ response, json: { ...body, data: { ...body.data, exchanges } } });
  });
}

const FOUND = { reason: null, p_value: 0.006, ratio: 0.21, ratio_low: 0.18, ratio_high: 0.24, share_of_events: 0.15 };
const AROUND = { share_low: 0.13, share_high: 0.17, delay_s: 6.4, floor_ms: 1_500, outweighs_reverse: true };
const NOT_FOUND = { reason: "not_beyond_chance", p_value: 0.62, ratio: null, share_of_events: null, outweighs_reverse: null } as const;

/** Puts a matrix into the API's answer, whose own is withheld: there are no 14 days. */
async function withMatrix(page: Page): Promise<void> {
  await page.route("**/v1/contagion?*", async (route) => {
    const response = await route.fetch();
    const body = (await response.json()) as Answer<{ readonly withheld: { readonly reason: string } }>;
    expect(body.data.withheld.reason).toMatch(/^(not_fitted|days_missing)$/);
    const venue = { coverage: "all_reported", events: 9_214, covered_share: 1, resolution_ms: 500, left_out: null };
    const data = {
      ...body.data,
      withheld: null,
      venues: [
        { ...venue, exchange: "bybit", throttled: false },
        { ...venue, exchange: "okx", throttled: true },
      ],
      entries: [
        { from_exchange: "bybit", to_exchange: "bybit", ...FOUND, ...AROUND, floor_ms: null, outweighs_reverse: null },
        { from_exchange: "bybit", to_exchange: "okx", ...FOUND, ...AROUND },
        { from_exchange: "okx", to_exchange: "bybit", ...NOT_FOUND },
        { from_exchange: "okx", to_exchange: "okx", ...NOT_FOUND },
      ],
      spectral_radius: { estimate: 0.21, low: 0.18, high: 0.24 },
    };
    await route.fulfill({ response, json: { ...body, data } });
  });
}

/** What each venue contributes, and when it was not covered. */
export function venuesTests(dashboard: () => Dashboard): void {
  test("shares, first movers, lags and the calendar on screen are the API's", async () => {
    let compared: Compared | null = null;
    let uptime: Uptime | null = null;
    const { page, isQuiet, close } = await openScreen(dashboard(), "/venues?symbol=BTC", {}, (opened) =>
      Promise.resolve(
        opened.on("response", (response) => {
          if (response.url().includes("/v1/cross-exchange?")) {
            void response.json().then(({ data }: Answer<Compared>) => (compared ??= data));
          }
          if (response.url().includes("/v1/coverage?")) void response.json().then(({ data }: Answer<Uptime>) => (uptime ??= data));
        }),
      ),
    );
    await page.waitForSelector(".standing tbody tr");
    await page.waitForSelector(".calendar-row");
    await expect.poll(() => compared !== null && uptime !== null).toBe(true);
    const rows = await page.locator(".standing tbody tr").allInnerTexts();
    const { exchanges, pairs } = compared as unknown as Compared;
    for (const { exchange, share, first_mover_count: first } of exchanges) {
      const row = rows.find((text) => text.includes(exchange)) ?? "";
      expect(row).toContain(share === null ? "–" : shareText(share));
      expect(row.split("\t")).toContain(countText(first));
    }
    const names = await page.locator(".lag-matrix tbody th").allInnerTexts();
    const lag = (row: string, column: string) =>
      page.locator(".lag-matrix tbody tr").nth(names.indexOf(row)).locator("td").nth(names.indexOf(column)).innerText();
    expect(pairs.length).toBeGreaterThan(3);
    for (const { exchange, other_exchange: other, median_lag_ms: ms } of pairs.slice(0, 6)) {
      expect((await lag(exchange, other)).startsWith(lagText(ms))).toBe(true);
      expect((await lag(other, exchange)).startsWith(lagText(-ms))).toBe(true);
    }
    for (const [exchange, shares] of Object.entries((uptime as unknown as Uptime).exchanges)) {
      const cells = page.locator(".calendar-row", { has: page.getByText(exchange, { exact: true }) }).locator(".cell");
      expect(await cells.count()).toBe(shares.length);
      // A week of hours, but for the history's own gaps.
      expect(shares.filter((share) => share !== null && share > 0).length).toBeGreaterThan(6 * 24);
      expect(await cells.and(page.locator(".cell-full")).count()).toBe(shares.filter((share) => share !== null && share >= 1).length);
      expect(await cells.and(page.locator(".cell-unknown")).count()).toBe(shares.filter((share) => share === null).length);
    }
    isQuiet();
    await close();
  });

  test("an estimate stands beside what was reported, and a withheld one is its reason and no number", async () => {
    const { page, isQuiet, close } = await openScreen(dashboard(), "/venues?symbol=BTC", { colorScheme: "light" }, withEstimates);
    await page.waitForSelector(".estimates tbody tr");
    const row = (exchange: string) => page.locator(".estimates tbody tr", { has: page.getByText(exchange, { exact: true }) });
    const cells = async (exchange: string) => (await row(exchange).locator("td").allInnerTexts()).map((text) => text.trim());
    expect(await cells("binance")).toEqual(["binance", "$2.00M", "", "$3.00M", "$2.40M–$4.00M", "61 of about 118", "experimental"]);
    const width = async (part: string) => (await row("binance").locator(`.estimate-${part}`).boundingBox())?.width ?? 0;
    expect((await width("hidden")) / (await width("reported"))).toBeCloseTo(0.5, 1);
    expect((await width("whisker")) / (await width("reported"))).toBeCloseTo(0.8, 1);
    expect(await cells("okx")).toEqual(["okx", "$400k", "", "–\nunknown", "–\nunknown", "61", "withheld"]);
    expect(await row("okx").locator(".estimate-hidden, .estimate-whisker").count()).toBe(0);
    expect(await page.locator(".estimate-notes").innerText()).toContain("okx: no estimate. 13 days are fitted, and it takes 14.");
    expect(await axeViolations(page)).toEqual([]);
    await page.setViewportSize({ width: 320, height: 640 });
    expect(await overflowPx(page)).toBe(0);
    isQuiet();
    await close();
  });

  test("who triggers whom is drawn and told by a table; what is not beyond chance is no arrow and no number", async () => {
    const { page, isQuiet, close } = await openScreen(dashboard(), "/venues?symbol=BTC", { colorScheme: "light" }, withMatrix);
    await page.waitForSelector(".contagion-picture");
    expect(await page.locator(".contagion-arrow").count()).toBe(1);
    expect(await page.locator(".contagion-throttled text").allTextContents()).toEqual(["okx"]);
    const rows = (await page.locator(".contagion-matrix tbody tr").allInnerTexts()).map((text) => text.split(/\s+/));
    expect(rows).toEqual([
      ["bybit", "0.21", "15%", "0.21", "15%"],
      ["okx", "–", "unknown", "–", "unknown"],
    ]);
    expect(await page.locator(".contagion-notes").innerText()).toContain("okx (hollow) report only some liquidations");
    expect(await axeViolations(page)).toEqual([]);
    await page.setViewportSize({ width: 320, height: 640 });
    expect(await overflowPx(page)).toBe(0);
    isQuiet();
    await close();
  });

  test("the arrow keys walk through a venue's hours, and a venue's gaps are listed alone", async () => {
    const { page, close } = await openScreen(dashboard(), "/venues");
    const cells = page.locator(".calendar-cells").first();
    await cells.press("ArrowLeft");
    expect(await page.locator(".calendar-said").first().innerText()).toMatch(/^\d\d-\d\d \d\d:\d\d: /);
    await page.click('.gaps button:text-is("okx")');
    await expect.poll(() => new URL(page.url()).searchParams.get("exchange")).toBe("okx");
    await expect.poll(async () => new Set(await page.locator(".gaps tbody td:nth-child(2)").allInnerTexts())).toEqual(new Set(["okx"]));
    await close();
  });

  test("a base asset that is not collected names those that are close, and nothing else stops", async () => {
    const { page, close } = await openScreen(dashboard(), "/venues?symbol=BTCC");
    await page.waitForSelector(".standing .state-not_found");
    expect(await page.locator(".standing .state").innerText()).toContain("BTC");
    await page.waitForSelector(".calendar-row");
    await close();
  });

  test("the screen of venues has no violation of WCAG 2.2 AA, and fits 320 px", async () => {
    const { page, isQuiet, close } = await openScreen(dashboard(), "/venues");
    await page.waitForSelector(".calendar-row");
    await page.waitForSelector(".gaps tbody tr");
    await page.waitForSelector(".estimates tbody tr");
    expect(await axeViolations(page)).toEqual([]);
    await page.setViewportSize({ width: 320, height: 640 });
    expect(await overflowPx(page)).toBe(0);
    isQuiet();
    await close();
  });
}
