import { readFile } from "node:fs/promises";
import { beforeAll, expect, test, vi } from "vitest";
import type { DailyManifest } from "../../../src/daily/manifest.ts";
import { askApi } from "../../../scripts/demo/api-client.ts";
import { type Dashboard, askAsPages, axeViolations, isReachedByTab, openScreen, overflowPx } from "./dashboard.ts";

type Day = Pick<DailyManifest, "date" | "rows" | "bytes" | "sha256">;
interface Key {
  readonly key_id: string;
  readonly key: string;
}

const nothing = () => Promise.resolve();

/** Days with files, a day opened in the browser, and exports. */
export function dataTests(dashboard: () => Dashboard): void {
  let day: Day;
  let key: string;
  let readKey: string;

  beforeAll(async () => {
    day = await firstDay(dashboard().worker.url);
    const keyWith = async (scopes: readonly string[]) =>
      (await askAsPages<Key>(dashboard(), "/v1/keys", { method: "POST", body: JSON.stringify({ name: "data", scopes }) })).key;
    [key, readKey] = await Promise.all([keyWith(["read", "export"]), keyWith(["read"])]);
  });

  test("a day is listed with its rows and size, and opened without a key it says what it needs", async () => {
    const { page, close } = await openScreen(dashboard(), "/data", {}, nothing, null);
    const row = page.locator(".days tbody tr", { hasText: day.date });
    await row.waitFor();
    expect(await row.innerText()).toContain(day.rows.toLocaleString("en-US"));
    await row.getByRole("link", { name: day.date }).click();
    await page.getByRole("button", { name: "Open the file" }).click();
    await page.getByText("This needs an API key").waitFor();
    expect(await page.locator(".state-unauthorized").innerText()).toContain("scope export");
    await close();
  });

  test("older days are a page further, also of minute marks, and a list that is not whole does not say how many there are", async () => {
    const asked: URLSearchParams[] = [];
    const { page, isQuiet, close } = await openScreen(dashboard(), "/data?kind=minute_marks", {}, (opened) =>
      opened.route("**/v1/datasets?**", async (route) => {
        const { searchParams } = new URL(route.request().url());
        asked.push(searchParams);
        const response = await route.fetch({ url: `${dashboard().worker.url}/v1/datasets` });
        const { meta } = (await response.json()) as { readonly meta: object };
        const isFirst = searchParams.get("cursor") === null;
        const file = { kind: "minute_marks", date: isFirst ? "2026-02-03" : "2024-02-03", rows: 1_437, bytes: 4_096, free: false };
        const minutes = { minutes_missing: 3, exchanges: { binance: { minutes_missing: 3, minutes_expected: 1_440 } } };
        const data = [{ ...file, ...minutes, path: "/v1/datasets/2026-02-03/files/minute_marks_20260203.parquet" }];
        await route.fulfill({ response, json: { data, meta: { ...meta, next_cursor: isFirst ? "the-next-page" : null } } });
      }),
    );
    await page.locator(".days tbody tr").first().waitFor();
    expect(await page.locator(".days .panel-aside").innerText()).toBe("1 newest file");
    expect(await page.locator(".days tbody").innerText()).toContain("3 minutes missing");
    await page.getByRole("button", { name: "Older" }).click();
    await page.locator(".days tbody tr", { hasText: "2024-02-03" }).waitFor();
    expect(asked.map((parameters) => [parameters.get("kind"), parameters.get("cursor")])).toEqual([
      ["minute_marks", null],
      ["minute_marks", "the-next-page"],
    ]);
    expect(page.url()).toContain("cursor=the-next-page");
    await page.goBack();
    await page.locator(".days tbody tr", { hasText: "2026-02-03" }).waitFor();
    isQuiet();
    await close();
  });

  test("a key without the scope learns which one it lacks", async () => {
    const { page, close } = await openScreen(dashboard(), `/data/${day.date}`, {}, nothing, readKey);
    await page.getByRole("button", { name: "Open the file" }).click();
    await page.getByText("Your API key does not allow this").waitFor();
    expect(await page.locator(".state-forbidden").innerText()).toContain("scope export");
    await close();
  });

  test("a day opened in the browser has the manifest's hash and rows, and the API's totals by venue", async () => {
    const { page, isQuiet, close } = await openScreen(dashboard(), `/data/${day.date}`, {}, nothing, key);
    await page.getByRole("button", { name: "Open the file" }).click();
    await page.locator(".verified").waitFor();
    expect(await page.locator(".verified").innerText()).toContain(`${day.rows.toLocaleString("en-US")} rows`);
    const start = Date.parse(day.date);
    const query = new URLSearchParams({ interval: "1d", start: String(start), end: String(start + 86_400_000) });
    const [total] = await askAsPages<readonly { readonly exchanges: Record<string, Record<string, { readonly events: number }>> }[]>(
      dashboard(),
      `/v1/totals?${query}`,
    );
    const found = await page.getByRole("region", { name: "Totals by venue" }).locator("tbody tr").allInnerTexts();
    expect(found.length).toBe(Object.keys(total?.exchanges ?? {}).length);
    for (const [exchange, sides] of Object.entries(total?.exchanges ?? {})) {
      const events = Object.values(sides).reduce((sum, side) => sum + side.events, 0);
      expect(found.find((text) => text.startsWith(exchange))).toContain(events.toLocaleString("en-US"));
    }
    expect(await page.getByRole("region", { name: "First rows of the file" }).locator("tbody tr").count()).toBe(Math.min(50, day.rows));
    await page.locator(".minute-plot").focus();
    await page.keyboard.press("PageDown");
    expect(await page.locator(".minute-read").innerText()).toMatch(/01:00/);
    expect(await axeViolations(page)).toEqual([]);
    isQuiet();
    await close();
  });

  test("an export is estimated, made, followed and downloaded", async () => {
    const { page, isQuiet, close } = await openScreen(dashboard(), "/data", {}, nothing, key);
    await page.getByRole("button", { name: "Estimate" }).click();
    await page.locator(".estimate").waitFor();
    expect(await page.locator(".estimate").innerText()).toMatch(/[\d,]+ rows/);
    await page.getByRole("button", { name: "Create the export" }).click();
    await page.locator(".export-done").waitFor({ timeout: 60_000 });
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page
        .locator(".export-files")
        .getByRole("button", { name: /^Download/ })
        .first()
        .click(),
    ]);
    const bytes = await readFile(await download.path());
    expect(bytes.subarray(0, 4).toString()).toBe("PAR1");
    isQuiet();
    await close();
  });

  test("what the API refuses in a form stands beside it, and another day than there is says so", async () => {
    const { page, close } = await openScreen(dashboard(), "/data", {}, nothing, key);
    await page.getByLabel("Base assets").fill("NOSUCHCOIN");
    await page.getByRole("button", { name: "Estimate" }).click();
    await page.locator(".export .state-failure").waitFor();
    expect(await page.locator(".export .state-failure").innerText()).toContain("NOSUCHCOIN");
    await page.getByLabel("Base assets").fill("");
    await page.getByLabel("Rows").selectOption("estimated totals");
    await page.getByLabel("At least, USD").fill("5");
    await page.getByRole("button", { name: "Estimate" }).click();
    await page.getByText("does not apply to estimated_totals").waitFor();
    await page.goto(`${dashboard().worker.url}/data/2020-01-01`);
    await page.getByText("No file exists for 2020-01-01").waitFor();
    await close();
  });

  test("the list of days breaks no rule of WCAG 2.2 AA, fits 320 px and is used by keys alone", async () => {
    const { page, isQuiet, close } = await openScreen(dashboard(), "/data", { viewport: { width: 320, height: 640 } });
    await page.locator(".days tbody tr").first().waitFor();
    expect(await axeViolations(page)).toEqual([]);
    expect(await overflowPx(page)).toBe(0);
    expect(await isReachedByTab(page, `a[href="/data/${day.date}"]`)).toBe(true);
    isQuiet();
    await close();
  });
}

/** The newest day with a file: the first cron run makes it. */
async function firstDay(url: string): Promise<Day> {
  return vi.waitFor(
    async () => {
      const [day] = await askApi<readonly Day[]>(url, "/v1/datasets", null);
      if (day === undefined) throw new Error("no day has a file yet");
      return day;
    },
    { timeout: 60_000, interval: 500 },
  );
}
