import { beforeAll, expect, test } from "vitest";
import { askApi } from "../../../scripts/demo/api-client.ts";
import { type Dashboard, askAsPages, axeViolations, isReachedByTab, openScreen, overflowPx } from "./dashboard.ts";

const nothing = () => Promise.resolve();

/** The editor of rules, their previews, and what happened to them. */
export function rulesTests(dashboard: () => Dashboard): void {
  let key: string;

  beforeAll(async () => {
    const body = JSON.stringify({ name: "rules", scopes: ["read", "rules"] });
    key = (await askAsPages<{ readonly key: string }>(dashboard(), "/v1/keys", { method: "POST", body })).key;
  });

  test("a mistake is marked where it is, and what cannot be read is neither previewed nor created", async () => {
    const { page, isQuiet, close } = await openScreen(dashboard(), "/rules", {}, nothing, null);
    await page.getByLabel("Rule", { exact: true }).fill("usd_value > 5 and\n  spread_bsp < 3");
    const fault = page.locator("#rule-mistake");
    expect(await fault.innerText()).toBe("Line 2, column 3: spread_bsp is no field; did you mean spread_bps?");
    expect(await page.locator(".rule-mistake").innerText()).toBe("spread_bsp");
    expect(await page.getByRole("button", { name: "Preview", exact: true }).isDisabled()).toBe(true);
    expect(await page.getByRole("button", { name: "Create the rule" }).isDisabled()).toBe(true);
    await page.getByLabel("Rule", { exact: true }).fill("usd_value > 5");
    expect(await fault.innerText()).toBe("This can be read.");
    // The browser notes the answer that the key is missing.
    isQuiet();
    await page.getByRole("button", { name: "Preview" }).click();
    await page.locator(".state-unauthorized").waitFor();
    expect(await page.locator(".state-unauthorized").innerText()).toContain("scope rules");
    await close();
  });

  test("a rule is previewed on stored liquidations, created, paused and deleted by keys alone", async () => {
    const { page, isQuiet, close } = await openScreen(dashboard(), "/rules", {}, nothing, key);
    const text = "usd_value > 1 cooldown 10m";
    await page.getByLabel("Name", { exact: true }).fill("Any liquidation");
    await page.getByLabel("Rule", { exact: true }).fill(text);
    await page.getByLabel("Name", { exact: true }).press("Enter");
    await page.locator(".rule-preview").waitFor({ timeout: 30_000 });
    const said = await page.locator(".rule-preview").innerText();
    expect(said).toMatch(/Would have fired [\d,]+ times/);
    expect(await page.getByRole("region", { name: "Earned over an hour after cost" }).locator("tbody tr").count()).toBe(4);
    expect(await axeViolations(page)).toEqual([]);

    await page.getByText("Escalation, quiet hours and digest").press("Enter");
    expect(await page.getByLabel("Escalate after, s").isDisabled(), "a single liquidation does not last").toBe(true);
    await page.getByLabel("Quiet from").fill("22:00");
    expect(await page.getByRole("button", { name: "Create the rule" }).isDisabled(), "without an end").toBe(true);
    await page.getByLabel("Quiet to").fill("07:00");
    await page.getByLabel("Offset of these hours, min").fill("60");
    await page.getByLabel("Digest every, min").fill("30");
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole("button", { name: "Create the rule" }).press("Enter");
    const row = page.locator(".rule-row", { hasText: "Any liquidation" });
    await row.waitFor();
    expect(await row.locator(".rule-code").innerText()).toBe(text);
    expect(await row.innerText()).toContain("quiet from 22:00 to 07:00 (UTC+01:00) · a digest every 30 min");
    expect(await row.innerText(), "this key has no endpoint").toContain("nothing is sent");
    const [rule] = await askApi<readonly { readonly id: string; readonly symbols: string[] }[]>(dashboard().worker.url, "/v1/rules", key);
    expect(rule?.symbols).toEqual(["BTC"]);
    await row.getByText("Deliveries").press("Enter");
    await row.locator("details .table-scroll, details .state-empty").waitFor();
    await page.getByRole("button", { name: "Pause Any liquidation" }).press("Enter");
    await row.getByText("paused").waitFor();
    await page.getByRole("button", { name: "Edit Any liquidation" }).press("Enter");
    await page.getByRole("button", { name: "Save the rule" }).waitFor();
    expect(await page.getByLabel("Quiet from").inputValue()).toBe("22:00");
    await page.getByRole("button", { name: "Delete Any liquidation" }).press("Enter");
    await page.getByRole("button", { name: "Delete it and its history" }).press("Enter");
    await page.getByText("This key has no rule yet").waitFor();
    isQuiet();
    await close();
  });

  test.each(["dark", "light"] as const)(
    "the %s screen breaks no rule of WCAG 2.2 AA and fits 320 px; its key is 6",
    async (colorScheme) => {
      const { page, isQuiet, close } = await openScreen(dashboard(), "/venues", { colorScheme, viewport: { width: 320, height: 640 } });
      await page.waitForSelector(".venues-screen");
      await page.keyboard.press("6");
      await page.locator(".rule-text").waitFor();
      await page.getByText("Fields", { exact: true }).click();
      await page.getByLabel("Rule", { exact: true }).fill("usd_valu > 5");
      expect(await axeViolations(page)).toEqual([]);
      expect(await overflowPx(page)).toBe(0);
      expect(await isReachedByTab(page, ".rule-examples .link")).toBe(true);
      isQuiet();
      await close();
    },
  );
}
