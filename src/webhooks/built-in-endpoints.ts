import type { Config } from "../config.ts";
import { EVENT_TYPES, type WantedType } from "./event.ts";
import type { Target } from "./formats/format.ts";

/** The endpoints that exist by configuration. */
export const BUILT_IN_IDS = ["telegram", "discord"] as const;
export type BuiltInId = (typeof BUILT_IN_IDS)[number];

/**
 * Not the five grades that follow each decision; not liquidations, whose size an admin sets; and not warnings of auto-deleveraging: in
 * a crash they come of every contract of a venue, ahead of the decisions and cascades that wait for the same chat.
 */
const LEFT_OUT: ReadonlySet<WantedType> = new Set(["signal.graded", "liquidation.large", "adl.warning"]);

/** What the chats receive until an admin changes their filters. */
export const BUILT_IN_EVENTS: readonly WantedType[] = EVENT_TYPES.filter((type) => !LEFT_OUT.has(type));

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
