import type { WebhookEvent } from "../event.ts";
import { discordBody } from "./discord.ts";
import { slackBody } from "./slack.ts";
import { standardBody } from "./standard.ts";
import { telegramBody } from "./telegram.ts";

export const FORMATS = ["standard", "telegram", "discord", "slack"] as const;
export type FormatName = (typeof FORMATS)[number];

/** Where an endpoint's deliveries go. For Telegram, Discord and Slack the address is itself a secret. */
export type Target =
  | { readonly format: "standard" | "discord" | "slack"; readonly url: string }
  | { readonly format: "telegram"; readonly chatId: string; /** Null: the configured bot. */ readonly botToken: string | null };

/** What is sent of an event. The same event gives the same text, so that every attempt says the same. */
export function bodyOf(event: WebhookEvent, target: Target): string {
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

/** The address as the API shows it: of an address that is itself a secret, only the host. */
export function shownAddress(target: Target): string {
  if (target.format === "telegram") return `telegram:${target.chatId}`;
  return target.format === "standard" || !URL.canParse(target.url) ? target.url : `${new URL(target.url).origin}/…`;
}
