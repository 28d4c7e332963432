import { hubOf } from "../../durable-objects/market-hub/hub-of.ts";
import type { Config } from "../../src/config.ts";
import { writeLog } from "../../src/log.ts";
import { messageOf } from "../../src/message-of.ts";
import { within } from "../../src/within.ts";
import type { Env } from "../env.ts";

const PATIENCE_MS = 2_000;

/** Has the hub read the rules again. It never throws: the hub reads them every minute anyway. */
export async function announceRules(env: Env, config: Config): Promise<void> {
  try {
    await within(PATIENCE_MS, () => hubOf(env, config).rulesChanged(), "the hub did not respond");
  } catch (error) {
    writeLog("error", { event: "rules_not_announced", error: messageOf(error) });
  }
}
