import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Browser } from "playwright-core";
import { DAY_MS } from "../src/windows/calendar.ts";
import { openBrowser } from "./browser.ts";
import { runCommand } from "./command-line.ts";
import type { CascadeRecord } from "../src/cascade/cascade-record.ts";
import { askApi } from "./demo/api-client.ts";
import { readFeeds, untilLive } from "./demo/read-feeds.ts";
import { startStack } from "./demo/stack.ts";
import { startCron } from "./local-cron.ts";
import { readNumberOption } from "./number-option.ts";

const USAGE = `npm run screenshots -- [--worker URL] [--key KEY] [--out DIR] [--minutes N] [--only NAME]

Pictures of the dashboard's screens into docs/screenshots: whole, in both themes, and what a phone shows of Live and Status. It
fails where a screen shows an error.
  --worker   a Worker that runs already, such as that of "npm run demo" (default: the demo's market, started for the pictures)
  --key      an API key of that Worker: visitors without one may open few screens in a minute, and no file of a day
  --out      folder of the pictures (default docs/screenshots)
  --minutes  how long the market runs before they are taken (default 2)
  --only     pictures whose name contains this`;

/** A picture; a screen adds its own here. */
interface Picture {
  readonly name: string;
  /** `{cascade}` stands for the largest cascade of the last day, whose liquidations are all stored, `{signal}` for the newest decision, `{day}` for the newest file. */
  readonly path: string;
  /** What must be on the page before the picture is taken, and what is pressed before that. */
  readonly wanted?: string;
  readonly pressed?: string;
  readonly colorScheme: "dark" | "light";
  readonly width: number;
  readonly height: number;
  readonly fullPage: boolean;
}

/** The whole page, however long: what is below the window belongs to the screen. */
const DESKTOP = { width: 1440, height: 900, fullPage: true };
const PHONE = { width: 360, height: 760, fullPage: false };
const PICTURES: readonly Picture[] = [
  { name: "live-dark", path: "/?symbol=ETH&step=15s", colorScheme: "dark", ...DESKTOP },
  { name: "live-light", path: "/?symbol=ETH&step=1m", colorScheme: "light", ...DESKTOP },
  { name: "live-phone", path: "/?symbol=ETH&step=5s", colorScheme: "dark", ...PHONE },
  { name: "cascades-dark", path: "/cascades?min_usd=0", colorScheme: "dark", ...DESKTOP },
  { name: "cascades-light", path: "/cascades?min_usd=0", colorScheme: "light", ...DESKTOP },
  { name: "case-dark", path: "/cascades/{cascade}", wanted: ".case-events tbody tr", colorScheme: "dark", ...DESKTOP },
  { name: "case-light", path: "/cascades/{cascade}?view=close", wanted: ".case-events tbody tr", colorScheme: "light", ...DESKTOP },
  { name: "venues-dark", path: "/venues?symbol=ETH", colorScheme: "dark", ...DESKTOP },
  { name: "venues-light", path: "/venues?symbol=ETH", colorScheme: "light", ...DESKTOP },
  { name: "signals-dark", path: "/signals", colorScheme: "dark", ...DESKTOP },
  { name: "signals-light", path: "/signals", colorScheme: "light", ...DESKTOP },
  { name: "decision-dark", path: "/signals/{signal}", wanted: ".decision-body", colorScheme: "dark", ...DESKTOP },
  { name: "decision-light", path: "/signals/{signal}", wanted: ".decision-body", colorScheme: "light", ...DESKTOP },
  { name: "rules-dark", path: "/rules", pressed: "Preview", wanted: ".rule-preview", colorScheme: "dark", ...DESKTOP },
  { name: "rules-light", path: "/rules", pressed: "Preview", wanted: ".rule-preview", colorScheme: "light", ...DESKTOP },
  { name: "status-dark", path: "/status", colorScheme: "dark", ...DESKTOP },
  { name: "status-light", path: "/status", colorScheme: "light", ...DESKTOP },
  { name: "status-phone", path: "/status", colorScheme: "light", ...PHONE },
  { name: "data-dark", path: "/data", colorScheme: "dark", ...DESKTOP },
  { name: "data-light", path: "/data", colorScheme: "light", ...DESKTOP },
  { name: "day-dark", path: "/data/{day}", pressed: "Open the file", wanted: ".minute-plot", colorScheme: "dark", ...DESKTOP },
  { name: "day-light", path: "/data/{day}", pressed: "Open the file", wanted: ".minute-plot", colorScheme: "light", ...DESKTOP },
];
/** As many as the demo's: the coverage calendar shows a week, and intervals and p-values of the scoreboard need some more days. */
const HISTORY_DAYS = 10;
/** For answers and the first events. */
const SETTLE_MS = 6_000;

function readOptions() {
  const { values } = parseArgs({
    options: {
      worker: { type: "string" },
      key: { type: "string" },
      out: { type: "string", default: resolve(import.meta.dirname, "../docs/screenshots") },
      minutes: { type: "string", default: "2" },
      only: { type: "string", default: "" },
    },
  });
  return { ...values, minutes: readNumberOption("--minutes", values.minutes, 0, 60) };
}
type Options = ReturnType<typeof readOptions>;

async function screenshots(options: Options): Promise<number> {
  if (options.worker !== undefined) return take(options.worker, options.key ?? null, options);
  const state = await mkdtemp(join(tmpdir(), "liquidations-screenshots-"));
  const market = { minutes: options.minutes, rate: 3, seed: 1, historyDays: HISTORY_DAYS, port: 0, state, fresh: false, verbose: false };
  const stack = await startStack(market, state, (step) => console.log(step));
  const stopCron = startCron(stack.worker, async () => undefined);
  try {
    await untilLive(stack.worker.url);
    stack.venues.quiet(false);
    stack.venues.cascade({ ...CASCADE, startAfterMs: Math.max(0, options.minutes * 60_000 - CASCADE.durationMs) });
    await sleep(options.minutes * 60_000);
    console.log(`${(await readFeeds(stack.worker.url)).length} venues`);
    return await take(stack.worker.url, stack.adminToken, options);
  } finally {
    stopCron();
    await stack.worker.stop();
    stack.receiver.stop();
    await Promise.all([stack.supabase.stop(), stack.venues.stop()]);
    await rm(state, { recursive: true, force: true });
  }
}

/** A cascade that still runs when the pictures are taken. */
const CASCADE = {
  symbol: "ETH",
  side: "long",
  venues: [
    { exchange: "bybit", delayMs: 0 },
    { exchange: "okx", delayMs: 2_400 },
    { exchange: "binance", delayMs: 5_000 },
  ],
  usd: 12_000_000,
  durationMs: 60_000,
  movePct: 2.5,
  eventsPerVenue: 160,
} as const;

async function take(worker: string, key: string | null, { out, only }: Options): Promise<number> {
  await mkdir(out, { recursive: true });
  const browser = await openBrowser();
  const names = await namesOf(worker, key);
  const failed: string[] = [];
  for (const picture of PICTURES.filter(({ name }) => name.includes(only))) {
    const path = picture.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names[name] ?? ""));
    if (!(await takeOne(browser, worker + path, key, picture, out))) failed.push(picture.name);
  }
  await browser.close();
  if (failed.length === 0) return 0;
  console.error(`These pictures show an error, such as too many requests without --key: ${failed.join(", ")}`);
  return 1;
}

/** What the addresses of pictures name. */
async function namesOf(worker: string, key: string | null): Promise<Readonly<Record<string, string | undefined>>> {
  const first = async <Row>(path: string) => (await askApi<readonly Row[]>(worker, path, key)).at(0);
  const cascades = await askApi<readonly CascadeRecord[]>(
    worker,
    `/v1/cascades?threshold_usd=0&state=ended&limit=100&start=${Date.now() - DAY_MS}`,
    key,
  );
  return {
    cascade: cascades.toSorted((a, b) => b.usd - a.usd).at(0)?.cascade_id,
    signal: (await first<{ readonly signal_id: string }>("/v1/signals?limit=1"))?.signal_id,
    day: (await first<{ readonly date: string }>("/v1/datasets?limit=1"))?.date,
  };
}

/** @returns whether every part of the screen has what it shows */
async function takeOne(browser: Browser, url: string, key: string | null, picture: Picture, out: string): Promise<boolean> {
  const { name, colorScheme, width, height, fullPage, wanted, pressed } = picture;
  const context = await browser.newContext({ colorScheme, viewport: { width, height }, reducedMotion: "reduce" });
  const page = await context.newPage();
  if (key !== null) await page.addInitScript((own) => localStorage.setItem("liquidations.api-key", own), key);
  await page.goto(url);
  await page.waitForSelector(".connection-good, .connection-partial");
  if (pressed !== undefined) await page.getByRole("button", { name: pressed }).click();
  if (wanted !== undefined) await page.waitForSelector(wanted);
  await page.waitForTimeout(SETTLE_MS);
  await page.screenshot({ path: join(out, `${name}.png`), fullPage });
  const failures = await page.locator(".state-failure").count();
  await context.close();
  console.log(join(out, `${name}.png`));
  return failures === 0;
}

await runCommand({ usage: USAGE, readOptions, run: screenshots });
