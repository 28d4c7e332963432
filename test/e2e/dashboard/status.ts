import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { type Dashboard, axeViolations, openScreen, overflowPx } from "./dashboard.ts";

interface Venue {
  readonly exchange: string;
  /** Absent while the feed does not answer. */
  readonly adl_state?: { readonly source: string; readonly contracts: readonly Contract[] } | null;
}

interface Contract {
  readonly instrument: string;
  readonly state: string | null;
}

interface StatusBody {
  readonly data: {
    readonly time: number;
    readonly exchanges: readonly Venue[];
    readonly jobs: readonly { readonly job: string; readonly runs: number }[];
    readonly parts_off: readonly { readonly reason: string }[];
    readonly venue_watch: { readonly without_feed: readonly { readonly title: string }[]; readonly change_logs: readonly unknown[] };
  };
}

const HOUR_MS = 3_600_000;
const PAGE = { changed_time: null, added: [], added_lines: 0, removed_lines: 0, error: null, failing_since: null };

/** The market of the tests that ran before may still be under stress. */
function calm(venue: Venue): Venue {
  const { adl_state: adl } = venue;
  if (adl === null || adl === undefined) return venue;
  const state = adl.source === "insurance_fund" ? null : "normal";
  const contracts = adl.contracts.map((contract) => ({ ...contract, state }));
  return { ...venue, adl_state: { ...adl, contracts } };
}

/**
 * What seldom happens: of the venue that publishes states one contract warns, one has aged out; of three change logs one fails and
 * one was never read; a job failed in its last run.
 */
function troubled({ data, ...rest }: StatusBody): StatusBody {
  const { time, venue_watch: watch } = data;
  const exchanges = data.exchanges.map(calm).map((venue) => {
    if (venue.adl_state?.source !== "states") return venue;
    const warned = { state: "warning", since: time - 42_000, valid_until: time + HOUR_MS };
    const aged = { state: null, since: null, insurance_fund: null };
    const [first, second, ...others] = venue.adl_state.contracts;
    return { ...venue, adl_state: { ...venue.adl_state, contracts: [{ ...first, ...warned }, { ...second, ...aged }, ...others] } };
  }) as readonly Venue[];
  const logs = [
    { ...PAGE, venue: "good", url: "https://example.com/good", checked_time: time - HOUR_MS },
    {
      ...PAGE,
      venue: "failing",
      url: "https://example.com/failing",
      checked_time: time - 60 * HOUR_MS,
      error: "HTTP 403",
      failing_since: time - 36 * HOUR_MS,
    },
    { ...PAGE, venue: "unread", url: "https://example.com/unread", checked_time: null },
  ];
  const jobs = data.jobs.map((job) => (job.job === "signals" ? { ...job, failures: 3, last_error: "the model is out" } : job));
  return { ...rest, data: { ...data, exchanges, jobs, venue_watch: { ...watch, change_logs: logs } } };
}

/** Feeds, stores, jobs, parts and limits. */
export function statusTests(dashboard: () => Dashboard): void {
  test("the screen names every feed and why a part is off, as the API does, without a violation", async () => {
    const { worker } = dashboard();
    const { data } = (await (await fetch(`${worker.url}/v1/status`)).json()) as StatusBody;
    const { page, close } = await openScreen(dashboard(), "/status", {}, (opened) =>
      opened.route("**/v1/status", async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, json: troubled((await response.json()) as StatusBody) });
      }),
    );
    await page.waitForSelector(".status-panels .data-table");
    const text = await page.locator(".status-panels").innerText();
    for (const { exchange } of data.exchanges) expect(text).toContain(exchange);
    for (const { reason } of data.parts_off) expect(text).toContain(reason);
    for (const { title } of data.venue_watch.without_feed) expect(text).toContain(title);
    await showsChangeLogs(page);
    await showsJobs(page, data.jobs);
    await showsLimits(page);
    for (const summary of await page.locator(".status-more summary").all()) await summary.click();
    await showsAdl(page, data.exchanges);
    expect(await axeViolations(page)).toEqual([]);
    await page.setViewportSize({ width: 320, height: 640 });
    expect(await overflowPx(page)).toBe(0);
    await showsInLive(page, dashboard().worker.url);
    await close();
  });
}

/** A line for each venue: a dash with its reason where it publishes nothing, and the contracts that are not normal by themselves. */
async function showsAdl(page: Page, venues: readonly Venue[]): Promise<void> {
  const byVenue = page.getByRole("region", { name: "Auto-deleveraging by venue" });
  for (const { exchange, adl_state: adl } of venues) {
    if (adl === undefined) continue;
    const row = byVenue.getByRole("row").filter({ has: page.locator("strong", { hasText: new RegExp(`^${exchange}$`) }) });
    const text = await row.innerText();
    if (adl === null) {
      expect(text).toContain("nothing of it");
      expect(await row.locator(".unknown").textContent()).toContain("does not publish its auto-deleveraging: unknown, not normal");
    } else if (adl.source === "states") expect(text).toMatch(/ADL warning\s+1\s+\d+\s+1\s/);
  }
  const named = venues.find(({ adl_state: adl }) => adl?.source === "states");
  const [warned, aged] = named?.adl_state?.contracts ?? [];
  const severe = page.getByRole("region", { name: "Contracts that are not normal" });
  expect(await severe.getByRole("row").count()).toBe(2);
  expect(await severe.innerText()).toContain(warned?.instrument);
  // What aged out is neither normal nor severe.
  const all = page.getByRole("region", { name: "Auto-deleveraging by contract" });
  const agedRow = all.locator("tr", { has: page.locator("strong", { hasText: new RegExp(`^${aged?.instrument}$`) }) });
  expect(await agedRow.first().textContent()).toContain("The last state aged out");
}

/** Live names the one venue with a contract that is not normal, and which. */
async function showsInLive(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/`);
  await page.locator(".venue-strip .adl").first().waitFor();
  expect(await page.locator(".venue-strip .adl").allInnerTexts()).toEqual(["ADL warning"]);
  expect(await page.locator(".venue", { has: page.locator(".adl") }).textContent()).toMatch(/ADL warning of \S+ for \d+ (s|m)/);
  expect(await overflowPx(page)).toBe(0);
}

/** What is not read is there without a click, with since when and why. */
async function showsChangeLogs(page: Page): Promise<void> {
  const news = page.getByRole("region", { name: "News of venues" });
  expect(await news.innerText()).toContain("2 of 3 change logs are not read: their changes go unnoticed.");
  const troubles = await news.locator(".status-troubles > div").allInnerTexts();
  expect(troubles.map((text) => text.replace(/\s+/g, " "))).toEqual([
    expect.stringMatching(/^failing not read for 1 d 1[12] h, since \d{4}-\d\d-\d\d .* UTC: HTTP 403\. It was last read .* UTC\.$/),
    expect.stringMatching(/^unread never read at this address: no attempt was made yet\.$/),
  ]);
}

/** A job that fails is there without a click, with its error; all of them are in the table. */
async function showsJobs(page: Page, jobs: readonly { readonly job: string }[]): Promise<void> {
  const panel = page.getByRole("region", { name: "Jobs of the minute" });
  expect(await panel.innerText()).toMatch(/1 of \d+ jobs failed in their last run\. The cron last ran/);
  expect(await panel.locator(".status-troubles").innerText()).toMatch(/signals\s+the model is out\s+Last success: /);
  await panel.getByText("All jobs").click();
  const rows = await panel.getByRole("row").allInnerTexts();
  expect(rows[1]).toMatch(/^signals\s+failed\s/);
  for (const { job } of jobs) expect(rows.some((text) => text.startsWith(job))).toBe(true);
  await panel.getByText("All jobs").click();
}

/** What the API states in the headers of its answers to the holder of the key. */
async function showsLimits(page: Page): Promise<void> {
  const panel = page.getByRole("region", { name: "Your limits", exact: true }).first();
  expect(await panel.innerText()).toMatch(/requests a minute with your key\s+600\s+\d+\s/);
  expect(await panel.innerText()).toMatch(/streams at once, for each relay\s+100\s/);
}
