import type { QueuedEvent } from "../event.ts";
import { discordBody } from "./discord.ts";
import { slackBody } from "./slack.ts";
import { standardBody } from "./standard.ts";
import { telegramBody } from "./telegram.ts";

export const FORMATS = ["standard", "telegram", "discord", "slack"] as const;
export type FormatName = (typeof FORMATS)[number];

/** The target of an endpoint's deliveries. For Telegram, Discord and Slack the URL itself is a secret. */
export type Target =
  | { readonly format: "standard" | "discord" | "slack"; readonly url: string }
  | { readonly format: "telegram"; readonly chatId: string; /** Null: the configured bot. */ readonly botToken: string | null };

/** The request body of a delivery. It depends only on event and target, so that every attempt sends the same. */
export function bodyOf(event: QueuedEvent, target: Target): string {
  switch (target.format) {
    case "standard":
      return JSON.stringify(standardBody(event));
    case "telegram":
      return JSON.stringify(telegramBody(event, target.chatId));
    case "discord":
      return JSON.stringify(discordBody(event));
    case "slack":
      return JSON.stringify(slackBody(event));
  }
}

/** The URL as the API shows it: only the host where the URL is a secret. */
export function shownAddress(target: Target): string {
  if (target.format === "telegram") return `telegram:${target.chatId}`;
  return target.format === "standard" || !URL.canParse(target.url) ? target.url : `${new URL(target.url).origin}/…`;
}
