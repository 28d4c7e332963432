import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { newAdminToken } from "../admin-token.ts";
import { openBrowser } from "../browser.ts";
import { makeHistory } from "../demo/history/make-history.ts";
import { prepareLocalWorker, startLocalWorker } from "../local-worker.ts";
import { environment, startVenues } from "../simulator/start-venues.ts";
import { table } from "../table.ts";

const HISTORY = { seed: 1, rate: 0.3, days: 1.2 };
/** What a case file is made of: its head, the mark price with its liquidations, and their table. */
const PARTS = [".case-title", ".path-bubbles path", ".case-events tbody tr"];

/** How long case files of the last day take to open on a local Worker: from the list, and by their address in a new tab. */
export async function benchCaseFiles(print: (line: string) => void): Promise<void> {
  const state = await mkdtemp(join(tmpdir(), "liquidations-bench-"));
  await prepareLocalWorker(state);
  await makeHistory(state, HISTORY);
  const venues = await startVenues({ rate: 0 });
  const adminToken = newAdminToken();
  const variables = { ...environment(venues), LOCAL_DEVELOPMENT: "true", ADMIN_TOKEN: adminToken };
  const worker = await startLocalWorker({ stateDir: state, isPrepared: true, variables });
  const browser = await openBrowser();
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.addInitScript((key) => localStorage.setItem("liquidations.api-key", key), adminToken);
  const page = await context.newPage();
  const list = `${worker.url}/cascades?min_usd=0&range=1+d`;
  await page.goto(list);
  await page.waitForSelector(".case-link");
  const addresses = await page.locator(".case-link").evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
  const rows: string[][] = [];
  for (const address of addresses.slice(0, 8)) {
    await page.goto(list);
    await page.waitForSelector(".case-link");
    const fromList = await timed(page, () => page.click(`.case-link[href="${address}"]`));
    const events = await page.locator(".case-events tbody tr").count();
    const tab = await context.newPage();
    const byAddress = await timed(tab, () => tab.goto(worker.url + address, { waitUntil: "commit" }));
    await tab.close();
    rows.push([address.split("/").at(-1) ?? "", String(events), fromList.toFixed(0), byAddress.toFixed(0)]);
  }
  print(`At a load of ${loadavg()[0]?.toFixed(1)}: ms until everything is drawn`);
  print(table(["cascade", "rows shown", "from the list", "by its address"], rows));
  await browser.close();
  await worker.stop();
  await venues.stop();
  await rm(state, { recursive: true, force: true });
}

async function timed(page: Page, open: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await open();
  await Promise.all(PARTS.map((part) => page.waitForSelector(part, { state: "attached" })));
  return performance.now() - began;
}
