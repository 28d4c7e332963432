import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { expect } from "vitest";
import { makeHistory } from "../../../scripts/demo/history/make-history.ts";
import { untilLive } from "../../../scripts/demo/read-feeds.ts";
import { type LocalWorker, openStorage } from "../../../scripts/local-worker.ts";
import { type Venues, environment, startVenues } from "../../../scripts/simulator/start-venues.ts";
import { openBrowser } from "../../../scripts/browser.ts";
import type { CascadeRecord } from "../../../src/cascade/cascade-record.ts";
import { sampleCascade } from "../../unit/cascade/sample-cascade.ts";
import { newState, startBuiltWorker } from "../built-worker.ts";

const ADMIN_TOKEN = "the-admin-token-of-the-dashboard-tests";
/** A week, and what a window of it is ranked against. Few liquidations, so that it is made in seconds. */
const HISTORY = { seed: 1, rate: 0.02, days: 7.2 };
const FUND = { insurance_fund_start: 280_784_385, insurance_fund_min: 279_904_112, insurance_fund_currency: "USDT" };
/** Of the first mover nothing is published; of one venue its fund alone. */
const ADL_STATES: CascadeRecord["adl_states"] = [
  { exchange: "bitfinex", instrument: "tSOLF0:USTF0", state: null, ...FUND, insurance_fund_currency: null },
  { exchange: "okx", instrument: "SOL-USDT-SWAP", state: "warning", ...FUND },
];
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The built Worker with a week of history, simulated venues and a browser, which all tests of the dashboard share. */
export interface Dashboard {
  readonly worker: LocalWorker;
  readonly venues: Venues;
  readonly browser: Browser;
  readonly adminToken: string;
  /** A cascade that runs since before the Worker started. */
  readonly cascadeId: string;
  stop(): Promise<void>;
}

export async function startDashboard(): Promise<Dashboard> {
  const stateDir = await newState();
  // The browser may be unpacked first, which takes as long as the history.
  const opened = openBrowser();
  await makeHistory(stateDir, HISTORY);
  const cascadeId = await storeCascade(stateDir);
  const venues = await startVenues({ rate: 4 });
  const [worker, browser] = await Promise.all([
    startBuiltWorker(stateDir, {
      ...environment(venues),
      LIQUIDATION_BATCH_INTERVAL_SECONDS: "1",
      LOCAL_DEVELOPMENT: "true",
      ADMIN_TOKEN,
    }),
    opened,
  ]);
  await worker.tick(new Date());
  await untilLive(worker.url);
  return {
    worker,
    venues,
    browser,
    adminToken: ADMIN_TOKEN,
    cascadeId,
    async stop() {
      await browser.close();
      await worker.stop();
      await venues.stop();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

async function storeCascade(stateDir: string): Promise<string> {
  const time = Date.now();
  const cascadeId = `SOL-long-${time}`;
  const numbers = { events: 40, usd: 2_512_345, start_mark: 190.5, extreme_mark: 186.25, move_bps: 223.1 };
  const running = {
    state: "active",
    start_time: time,
    peak_time: time + 1_000,
    end_time: null,
    exchanges: ["bybit", "okx", "binance"],
    adl_states: ADL_STATES,
  } as const;
  const record = sampleCascade(time, { cascade_id: cascadeId, symbol: "SOL", position_side: "long", ...numbers, ...running });
  const columns = Object.keys(record);
  const { env, dispose } = await openStorage(stateDir);
  await env.DB.prepare(
    `INSERT INTO cascades (${columns.join(", ")}, updated_time) SELECT ${columns.map((name) => `?1 ->> '$.${name}'`).join(", ")}, ?2`,
  )
    .bind(JSON.stringify(record), time)
    .run();
  await dispose();
  return cascadeId;
}

/** A page, and what went wrong in it. */
export interface OpenPage {
  readonly page: Page;
  /** Complains where the page logged an error, broke the policy or asked another host. */
  isQuiet(): void;
  close(): Promise<void>;
}

/**
 * Opens a screen in a browser of its own: nothing is kept from other tests. It has the key of the administrator, since all
 * tests share one address, whose requests a minute are limited.
 * @param prepare runs before the page loads: routes that fail, a clock of its own
 * @param key another key than that of the administrator; null for none
 */
export async function openScreen(
  { worker, browser, adminToken }: Dashboard,
  path: string,
  options: BrowserContextOptions = {},
  prepare: (page: Page) => Promise<unknown> = async () => undefined,
  key: string | null = adminToken,
): Promise<OpenPage> {
  const context = await browser.newContext({ colorScheme: "dark", viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PAGE_TIMEOUT_MS);
  const complaints: string[] = [];
  page.on("console", (message) => {
    // All tests share one allowance, which a page waits for.
    const isExpected = message.text().includes("status of 429");
    if (["error", "warning"].includes(message.type()) && !isExpected) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(`${worker.url}/`) && !url.startsWith("data:")) complaints.push(`asked ${url}`);
  });
  if (key !== null) await page.addInitScript((own) => localStorage.setItem("liquidations.api-key", own), key);
  await prepare(page);
  await page.goto(worker.url + path);
  return { page, isQuiet: () => expect(complaints).toEqual([]), close: () => context.close() };
}

/** Long enough for the allowance of another minute. */
const PAGE_TIMEOUT_MS = 75_000;

/** Asks the API as the tests' pages do, and waits where they have used up what all of them may ask. */
export async function askAsPages<Data>(
  { worker, adminToken }: Pick<Dashboard, "worker" | "adminToken">,
  path: string,
  request: RequestInit = {},
): Promise<Data> {
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${adminToken}` };
  for (;;) {
    const response = await fetch(worker.url + path, { ...request, headers });
    if (response.status !== 429) return ((await response.json()) as { readonly data: Data }).data;
    await new Promise((done) => setTimeout(done, 1_000 * Number(response.headers.get("Retry-After") ?? 1)));
  }
}

const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
/** What a theme may break: it changes colours alone. */
const RULES_OF_COLOUR = ["color-contrast", "link-in-text-block"];

/** The rules of WCAG 2.2 A and AA that axe finds broken on the page in either theme, with where. It leaves the page dark. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  // The policy allows no script but the page's own; the browser's own evaluation is outside it.
  await page.evaluate(AXE);
  const dark = await broken(page, WCAG);
  await showTheme(page, "light");
  const light = await broken(page, { type: "rule", values: RULES_OF_COLOUR });
  await showTheme(page, "dark");
  return [...dark, ...light.map((violation) => `light: ${violation}`)];
}

async function showTheme(page: Page, colorScheme: "light" | "dark"): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.waitForSelector(`html[data-theme="${colorScheme}"]`);
}

function broken(page: Page, runOnly: object): Promise<readonly string[]> {
  return page.evaluate(async (rules) => {
    const { axe } = globalThis as unknown as {
      readonly axe: {
        run(options: object): Promise<{
          readonly violations: readonly {
            readonly id: string;
            readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
          }[];
        }>;
      };
    };
    const { violations } = await axe.run({ runOnly: rules, resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) =>
      nodes.slice(0, 3).map((node) => `${id}: ${node.html.slice(0, 160)}: ${node.failureSummary.slice(0, 200)}`),
    );
  }, runOnly);
}

/** Width by which the page is wider than its window: nothing may scroll sideways at 320 px. */
export function overflowPx(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Whether an element is reached by Tab alone, within so many presses. */
export async function isReachedByTab(page: Page, selector: string, presses = 40): Promise<boolean> {
  for (let press = 0; press < presses; press += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector)) return true;
  }
  return false;
}
