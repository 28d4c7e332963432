import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import { SelfRestart } from "../../../durable-objects/self-restart.ts";
import { parseConfig } from "../../../src/config.ts";
import { feedObjectName } from "../../../src/feed-objects.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";
import { feedOf } from "../../../workers/feeds.ts";
import { until } from "../until.ts";

const config = parseConfig({ ...env });

test("an object that runs into a fault of the platform for good is ended, comes back with its storage, and says so", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const watch = () => feedOf(env, config, "okx").watch(feedObjectName("okx", config), "okx");
  const { gaps_total: before } = await watch();
  let ahead = 0;
  const broken = feedOf(env, config, "okx");
  await runInDurableObject(broken, (_object, state) => {
    const restart = new SelfRestart({
      object: "ExchangeFeed",
      abort: (reason) => state.abort(reason),
      storage: state.storage,
      now: () => Date.now() + ahead,
    });
    ahead = 3 * MINUTE_MS;
    for (let n = 0; n < 5; n += 1) restart.failed("Too many subrequests by single Worker invocation.");
  }).catch(() => null);
  await until("the object is ended", () =>
    broken.knownEvents("okx").then(
      () => false,
      (error: unknown) => String(error).includes("starts afresh after 5 faults in a row"),
    ),
  );
  const back = await watch();
  expect(back.gaps_total).toBeGreaterThanOrEqual(before);
  expect(back.warnings).toContainEqual(expect.stringMatching(/restarted itself at .* \(1 in all\), because of: Too many subrequests/));
});
