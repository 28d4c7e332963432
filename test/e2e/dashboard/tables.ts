import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { type Dashboard, openScreen, overflowPx } from "./dashboard.ts";

/** Tables that may be wider than their place at 1,440 px, by their labels. */
const MEANT_TO_SCROLL: ReadonlySet<string> = new Set();

/** What is seen of tables on the screens that have some. */
export function tablesTests(dashboard: () => Dashboard): void {
  test("no table of any screen scrolls sideways at 1,440 px", async () => {
    const { page, close } = await openScreen(dashboard(), "/");
    const paths = ["/", "/cascades?min_usd=0", `/cascades/${dashboard().cascadeId}`, "/venues", "/signals", "/data", "/rules", "/status"];
    const tooWide: string[] = [];
    for (const path of paths) {
      await page.goto(dashboard().worker.url + path);
      await untilLoaded(page);
      for (const { label, px } of await sidewaysTables(page)) {
        if (!MEANT_TO_SCROLL.has(label)) tooWide.push(`${path} ${label}: ${px} px`);
      }
    }
    expect(tooWide).toEqual([]);
    await close();
  });

  test.each(["dark", "light"] as const)("the limits of the platform are read whole at 1,440 and 390 px, %s", async (colorScheme) => {
    const { page, isQuiet, close } = await openScreen(dashboard(), "/status", { colorScheme });
    await page.waitForSelector(".platform-item");
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 844 });
      expect(await overflowPx(page)).toBe(0);
      const cut = await page
        .locator(".platform-items, .platform-item, .platform-item *")
        .evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth && one.clientWidth > 0).map((one) => one.textContent));
      expect(cut, `${width} px`).toEqual([]);
    }
    isQuiet();
    await close();
  });
}

/** Every part shows its answer, and what is folded is open. */
async function untilLoaded(page: Page): Promise<void> {
  await page.waitForFunction(
    () => document.querySelector("main .panel, main .case") !== null && document.querySelector("main .state-loading") === null,
  );
  await page.evaluate(() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
  await page.waitForTimeout(500);
}

/** The places of tables that are narrower than these, by how much. */
function sidewaysTables(page: Page): Promise<readonly { readonly label: string; readonly px: number }[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("table")].flatMap((table) => {
      const place = table.closest(".table-scroll") ?? table.parentElement;
      const px = place === null ? 0 : place.scrollWidth - place.clientWidth;
      return px > 0 ? [{ label: place?.getAttribute("aria-label") ?? table.caption?.textContent ?? "a table", px }] : [];
    }),
  );
}
