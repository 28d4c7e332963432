import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { CHANGE_LOGS } from "../../../src/venue-watch/venue-pages.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/windows/calendar.ts";
import { changeLogs } from "../../../workers/cron/change-logs.ts";
import { fetchPage } from "../../../workers/venue-watch/fetch-page.ts";
import { readVenueWatch } from "../../../workers/venue-watch/venue-watch.ts";
import { apiClient } from "../api/api-client.ts";
import { emptyStorage } from "../empty-storage.ts";
import { DAY } from "../sample-liquidation.ts";
import { workerEnv } from "../signals/signals-stage.ts";
import { until } from "../until.ts";
import { openInbox, type Reply } from "../webhooks/webhook-inbox.ts";

beforeEach(emptyStorage);

const FILLER = Array.from({ length: 20 }, (_, n) => `<li>Entry number ${n} of an older year</li>`).join("");

/** A page whose nonce differs every time. */
const page = (...news: readonly string[]): Reply => ({
  status: 200,
  headers: { "content-type": "text/html; charset=utf-8" },
  body: `<!doctype html><script nonce="${crypto.randomUUID()}">1</script><h1>Log</h1>${news.map((line) => `<p>${line}</p>`).join("")}<ul>${FILLER}</ul>`,
});

/** Watches these pages alone, each a server of its own that answers with its replies in turn. */
async function watching(pages: Readonly<Record<string, readonly Reply[]>>) {
  const opened = await Promise.all(Object.entries(pages).map(async ([venue, replies]) => [venue, (await openInbox(replies)).url] as const));
  const addresses = new Map(opened);
  const value = [...CHANGE_LOGS.keys()].map((venue) => `${venue}=${addresses.get(venue) ?? "none"}`).join(",");
  const config = parseConfig({ ...env, LIQUIDATION_CHANGE_LOGS: value });
  return {
    config,
    urlOf: (venue: string) => addresses.get(venue) ?? "",
    run: (now: number) => changeLogs(workerEnv, config, now),
    watch: (now: number) => readVenueWatch(env.DB, config, now),
  };
}

describe("the watch over change logs", () => {
  test("reads a page once a day, and a change is a notice and a webhook with what was added", async () => {
    const token = "s3cret-of-at-least-32-characters-long";
    const inbox = await openInbox();
    const body = JSON.stringify({ url: inbox.url, events: ["venue.changed"] });
    const headers = { Authorization: `Bearer ${token}` };
    const made = await apiClient(DAY, { ADMIN_TOKEN: token })("/v1/webhooks", { method: "POST", headers, body });
    expect(made.status).toBe(201);

    const notice = "WebSocket port 8443 ends on 2026-10-31 &lt;script&gt;";
    const { run, urlOf, watch } = await watching({ okx: [page(), page(), page("2026-09-30", notice), page("2026-09-30", notice)] });
    expect(await run(DAY)).toEqual({ read: ["okx"], changed: [], failed: {} });
    expect(await run(DAY + HOUR_MS)).toEqual({ read: [], changed: [], failed: {} });
    expect(await run(DAY + DAY_MS)).toEqual({ read: ["okx"], changed: [], failed: {} });
    expect((await watch(DAY + DAY_MS)).notices).toEqual([]);

    const found = DAY + 2 * DAY_MS;
    expect(await run(found)).toEqual({ read: ["okx"], changed: ["okx"], failed: {} });
    const added = ["2026-09-30", "WebSocket port 8443 ends on 2026-10-31 <script>"];
    const { notices, change_logs: logs } = await watch(found + MINUTE_MS);
    const text = "The change log of okx has 2 new lines: 2026-09-30 / WebSocket port 8443 ends on 2026-10-31 <script>";
    expect(notices).toEqual([{ venue: "okx", kind: "change_log", time: found, text, url: urlOf("okx") }]);
    expect(logs.find(({ venue }) => venue === "okx")).toMatchObject({ checked_time: found, changed_time: found, added, error: null });
    await until("the delivery", async () => (await inbox.received()).length === 1);
    const [delivery] = await inbox.received();
    expect(JSON.parse(delivery?.body ?? "")).toMatchObject({
      type: "venue.changed",
      data: { venue: "okx", change: "change_log", added, added_lines: 2, removed_lines: 0, previous_time: DAY + DAY_MS, found_time: found },
    });

    // The same page a day later is no news, and the notice ends after two weeks.
    expect(await run(found + DAY_MS)).toEqual({ read: ["okx"], changed: [], failed: {} });
    expect((await watch(found + 13 * DAY_MS)).notices).toHaveLength(1);
    expect((await watch(found + 14 * DAY_MS)).notices).toEqual([]);
    expect(await inbox.received()).toHaveLength(1);
  });

  test("a later change leaves the notice of an earlier one until its own fourteen days are over", async () => {
    const { run, watch } = await watching({ okx: [page(), page("port 8443 ends"), page("port 8443 ends", "read 2 times")] });
    for (const day of [0, 1, 2]) await run(DAY + day * DAY_MS);
    const texts = async (now: number) => (await watch(now)).notices.map(({ text }) => text);
    const [port, counter] = ["port 8443 ends", "read 2 times"].map((line) => `The change log of okx has 1 new lines: ${line}`);
    expect(await texts(DAY + 2 * DAY_MS)).toEqual([counter, port]);
    expect(await texts(DAY + 15 * DAY_MS)).toEqual([counter]);
  });

  test("a maintenance page with status 200 is a failure until it has stayed the same for a day", async () => {
    const sorry: Reply = { status: 200, headers: { "content-type": "text/plain" }, body: "We are working on it\n".repeat(20) };
    const { run, watch } = await watching({ okx: [page(), sorry, page("port 8443 ends"), sorry, sorry, sorry] });
    await run(DAY);
    expect((await run(DAY + DAY_MS)).failed).toMatchObject({ okx: expect.stringMatching(/^the page lost \d+ of its 21 lines/) });
    // The page comes back: only its news is news.
    const back = DAY + DAY_MS + HOUR_MS;
    expect((await run(back)).changed).toEqual(["okx"]);
    expect((await watch(back)).change_logs.find(({ venue }) => venue === "okx")).toMatchObject({ added: ["port 8443 ends"], error: null });
    expect((await run(back + DAY_MS)).failed).toHaveProperty("okx");
    expect((await run(back + DAY_MS + HOUR_MS)).failed).toHaveProperty("okx");
    expect((await watch(back + DAY_MS + HOUR_MS)).notices).toMatchObject([{ kind: "change_log", time: back }]);
    expect((await run(back + 2 * DAY_MS)).changed).toEqual(["okx"]);
  });

  test("a page that fails stops no other, is read again every hour, and is named after three days", async () => {
    const down: Reply = { status: 503, body: "down" };
    const { run, watch } = await watching({
      okx: [down, down, down, page("new")],
      bybit: [{ status: 200, headers: { "content-type": "text/html" }, body: "<html><script>app()</script></html>" }],
      binance: [page()],
    });
    const first = await run(DAY);
    expect(first.read).toEqual(["binance"]);
    expect(first.failed).toEqual({
      okx: "HTTP 503",
      bybit: "the page has only 0 characters of text without its scripts",
    });
    expect((await run(DAY + MINUTE_MS)).failed).toEqual({});
    expect((await run(DAY + HOUR_MS)).failed).toMatchObject({ okx: "HTTP 503" });
    expect((await watch(DAY + 2 * HOUR_MS)).notices).toEqual([]);
    expect((await run(DAY + 3 * DAY_MS)).failed).toMatchObject({ okx: "HTTP 503" });
    const { notices } = await watch(DAY + 3 * DAY_MS);
    const text = "The change log of okx could not be read for 3 days (HTTP 503): its changes go unnoticed";
    expect(notices.filter(({ venue }) => venue === "okx")).toMatchObject([{ kind: "change_log_failing", time: DAY, text }]);
    expect((await run(DAY + 4 * DAY_MS)).read).toContain("okx");
    expect((await watch(DAY + 4 * DAY_MS)).notices.filter(({ venue }) => venue === "okx")).toEqual([]);
  });

  test("what a page lost or gained over an outage is found against the last reading, and another address starts again", async () => {
    const { config, run, watch } = await watching({ okx: [page("old"), { status: 500 }, page("new")] });
    await run(DAY);
    await run(DAY + DAY_MS);
    expect((await run(DAY + DAY_MS + HOUR_MS)).changed).toEqual(["okx"]);
    const log = (await watch(DAY + 2 * DAY_MS)).change_logs.find(({ venue }) => venue === "okx");
    expect(log).toMatchObject({ added: ["new"], added_lines: 1, removed_lines: 1, failing_since: null });
    const { url } = await openInbox([page("elsewhere")]);
    const moved = { ...config, LIQUIDATION_CHANGE_LOGS: new Map([["okx", url]]) };
    expect(await changeLogs(workerEnv, moved, DAY + 2 * DAY_MS)).toEqual({ read: ["okx"], changed: [], failed: {} });
    expect((await readVenueWatch(env.DB, moved, DAY + 2 * DAY_MS)).change_logs).toMatchObject([{ url, changed_time: null, added: [] }]);
  });

  test("pages of venues that are not collected are not read, and of many pages a few each minute", async () => {
    const names = [...CHANGE_LOGS.keys()];
    const { config } = await watching(Object.fromEntries(names.map((name) => [name, [page()]])));
    const some = { ...config, LIQUIDATION_EXCHANGES: ["okx", "bybit", "gate"] as const };
    const first = await changeLogs(workerEnv, some, DAY);
    const second = await changeLogs(workerEnv, some, DAY + MINUTE_MS);
    expect(first.read).toHaveLength(4);
    expect([...first.read, ...second.read].toSorted()).toEqual(["bingx", "bybit", "gate", "hyperliquid", "mexc", "okx"]);
  });
});

test("a page is bounded in size and time", async () => {
  const long = await openInbox([{ status: 200, headers: { "content-type": "text/plain" }, body: "a line of text\n".repeat(600_000) }]);
  await expect(fetchPage(long.url, fetch)).rejects.toThrow("the response is longer than 8000000 bytes");
  const silent = await openInbox([{ status: 200, hold: true, body: "late" }]);
  await expect(fetchPage(silent.url, fetch, 200)).rejects.toThrow("no response within 0.2 s");
  await silent.release();
});
