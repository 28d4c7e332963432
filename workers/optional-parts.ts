import type { Config, ConfigName } from "../src/config.ts";
import type { Env } from "./env.ts";

/** Parts that need secrets. */
const PARTS: Readonly<Record<string, readonly ConfigName[]>> = {
  supabase: ["SUPABASE_URL", "SUPABASE_SECRET_KEY"],
  deepseek: ["DEEPSEEK_KEY"],
  coinalyze: ["COINALYZE_KEY"],
  telegram: ["TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID"],
  discord: ["DISCORD_WEBHOOK_URL"],
  admin: ["ADMIN_TOKEN"],
};

/** Parts that need a binding in wrangler.toml. */
const BOUND_PARTS: Readonly<Record<string, keyof Env>> = { pipeline: "LIQUIDATION_STREAM" };

export interface PartOff {
  readonly part: string;
  readonly reason: string;
}

/** The optional parts that are off, and what each one lacks. */
export function partsOff(env: Env, config: Config): readonly PartOff[] {
  const unset = Object.entries(PARTS).flatMap(([part, names]) => {
    const missing = names.filter((name) => config[name] === null || config[name] === undefined);
    if (missing.length === 0) return [];
    return [{ part, reason: `${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} not set` }];
  });
  const unbound = Object.entries(BOUND_PARTS)
    .filter(([, binding]) => env[binding] === undefined)
    .map(([part, binding]) => ({ part, reason: `the binding ${binding} is missing` }));
  return [...unset, ...unbound];
}
