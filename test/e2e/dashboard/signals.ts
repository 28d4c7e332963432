import { expect, test } from "vitest";
import { bpsText, shareText } from "../../../dashboard/src/parts/format.ts";
import { type Dashboard, axeViolations, openScreen, overflowPx, askAsPages } from "./dashboard.ts";

interface Decision {
  readonly signal_id: string;
  readonly action: string;
  readonly symbol: string;
  readonly reason: string;
  readonly hash: string;
}
interface Score {
  readonly hit_rate: number | null;
  readonly mean_net_return_bps: number | null;
  readonly graded: number;
}
interface Board {
  readonly registered_horizon: string;
  readonly serving: { readonly paper: boolean; readonly wealth: number };
  readonly horizons: Readonly<Record<string, Score>>;
}

/** The ledger, the scoreboard and the proof. */
export function signalsTests(dashboard: () => Dashboard): void {
  test("the ledger and the scoreboard on screen are the API's, and what nobody knows is a dash", async () => {
    const decisions = await askAsPages<readonly Decision[]>(dashboard(), "/v1/signals?limit=50");
    const board = await askAsPages<Board>(dashboard(), "/v1/signals/scoreboard");
    expect(decisions.length).toBeGreaterThan(0);
    const { page, isQuiet, close } = await openScreen(dashboard(), "/signals");
    await page.waitForSelector(".ledger tbody tr");
    expect(await page.locator(".ledger tbody tr").count()).toBeGreaterThanOrEqual(decisions.length);
    expect(await page.locator(".ledger tbody tr .ledger-link strong").allInnerTexts()).toEqual(
      expect.arrayContaining(decisions.map(({ symbol }) => symbol)),
    );
    const score = board.horizons[board.registered_horizon];
    const [hits, mean, graded] = await page.locator(".headline dd").allInnerTexts();
    expect(hits).toContain(score?.hit_rate == null ? "–" : shareText(score.hit_rate));
    expect(mean).toContain(score?.mean_net_return_bps == null ? "–" : bpsText(score.mean_net_return_bps));
    expect(graded).toContain(String(score?.graded));
    expect(await page.locator(".paper-banner").innerText()).toContain(board.serving.paper ? "do not act" : "Not on paper");
    expect(await page.locator(".paper-banner").innerText()).toContain(board.serving.wealth.toFixed(2));
    isQuiet();
    await close();
  });

  test("a decision has an address of its own, with its reason and hash, and one that does not exist says so", async () => {
    const [newest] = await askAsPages<readonly Decision[]>(dashboard(), "/v1/signals?limit=1");
    const { page, close } = await openScreen(dashboard(), `/signals/${newest?.signal_id}`);
    await page.waitForSelector(".decision-body");
    expect(await page.locator(".decision-reason").innerText()).toBe(newest?.reason);
    expect(await page.locator(".decision-hashes dd").first().innerText()).toBe(newest?.hash);
    await page.locator(".decision-close").press("Enter");
    await expect.poll(() => page.locator(".decision-body").count()).toBe(0);
    expect(new URL(page.url()).pathname).toBe("/signals");
    await page.goto(`${dashboard().worker.url}/signals/no-such-decision`);
    await page.waitForSelector(".decision .state-not_found");
    await close();
  });

  test("this browser recomputes both chains, and names the record that was changed", async () => {
    const { page, close } = await openScreen(dashboard(), "/signals");
    await page.click("text=Verify in this browser");
    await page.waitForSelector(".verify-good >> nth=1");
    const decisions = await askAsPages<readonly Decision[]>(dashboard(), "/v1/signals?limit=1");
    expect(await page.locator(".verify-result").innerText()).toContain(decisions[0]?.hash);
    await page.route("**/v1/signals?*include=statistics*", async (route) => {
      const response = await route.fetch();
      const body = (await response.json()) as { readonly data: readonly object[] };
      await route.fulfill({
        response,
        json: { ...body, data: body.data.map((record, at) => (at === 0 ? { ...record, reason: "Edited." } : record)) },
      });
    });
    await page.click("text=Verify again");
    await page.waitForSelector(".verify-wrong");
    expect(await page.locator(".verify-wrong").innerText()).toContain("decisions: record 1 does not match. Its hash is");
    await close();
  });

  test("the screen has no violation of WCAG 2.2 AA, and fits 320 px", async () => {
    const [newest] = await askAsPages<readonly Decision[]>(dashboard(), "/v1/signals?limit=1");
    const { page, isQuiet, close } = await openScreen(dashboard(), `/signals/${newest?.signal_id}`);
    await page.waitForSelector(".decision-body");
    await page.waitForSelector(".headline");
    expect(await axeViolations(page)).toEqual([]);
    await page.setViewportSize({ width: 320, height: 640 });
    expect(await overflowPx(page)).toBe(0);
    isQuiet();
    await close();
  });
}
