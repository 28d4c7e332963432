import type { Config } from "../config.ts";
import { EVENT_TYPES, type WantedType } from "./event.ts";
import type { Target } from "./formats/format.ts";

/** The endpoints that exist by configuration. */
export const BUILT_IN_IDS = ["telegram", "discord"] as const;
export type BuiltInId = (typeof BUILT_IN_IDS)[number];

/** Chats receive the signals, but not the five grades that follow each of them. */
export const BUILT_IN_EVENTS: readonly WantedType[] = EVENT_TYPES.filter((type) => type !== "signal.graded");

export function isBuiltIn(endpointId: string): endpointId is BuiltInId {
  return BUILT_IN_IDS.some((id) => id === endpointId);
}

/** The target of a built-in endpoint; null where its secrets are not set. */
export function builtInTarget(id: BuiltInId, config: Config): Target | null {
  switch (id) {
    case "telegram":
      return config.TELEGRAM_BOT_TOKEN === null || config.TELEGRAM_CHAT_ID === null
        ? null
        : { format: "telegram", chatId: config.TELEGRAM_CHAT_ID, botToken: null };
    case "discord":
      return config.DISCORD_WEBHOOK_URL === null ? null : { format: "discord", url: config.DISCORD_WEBHOOK_URL };
  }
}
