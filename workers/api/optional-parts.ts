import type { Config, ConfigName } from "../../src/config.ts";

/** Parts that work only where their secrets are set. */
const PARTS: Readonly<Record<string, readonly ConfigName[]>> = {
  supabase: ["SUPABASE_URL", "SUPABASE_SECRET_KEY"],
  deepseek: ["DEEPSEEK_KEY"],
  telegram: ["TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID"],
  discord: ["DISCORD_WEBHOOK_URL"],
  admin: ["ADMIN_TOKEN"],
};

export interface PartOff {
  readonly part: string;
  readonly reason: string;
}

/** The optional parts that are off, and what each one misses. */
export function partsOff(config: Config): readonly PartOff[] {
  return Object.entries(PARTS).flatMap(([part, names]) => {
    const missing = names.filter((name) => config[name] === null || config[name] === undefined);
    if (missing.length === 0) return [];
    return [{ part, reason: `${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} not set` }];
  });
}
