import type { QueuedEvent } from "../event.ts";
import { chatMessage } from "../messages/chat-message.ts";
import type { ThreadRole } from "../messages/message.ts";
import { EDITABLE_FORMATS, REPLYING_FORMAT } from "./chat-request.ts";
import { discordBody } from "./discord.ts";
import { emailBody } from "./email.ts";
import { slackBody } from "./slack.ts";
import { standardBody } from "./standard.ts";
import { telegramBody } from "./telegram.ts";

export const FORMATS = ["standard", "telegram", "discord", "slack", "email"] as const;
export type FormatName = (typeof FORMATS)[number];

/** The formats with a signature: their receivers are servers of the endpoint's owner. */
export const SIGNED_FORMATS: readonly FormatName[] = ["standard", "email"];

/** The target of an endpoint's deliveries. For Telegram, Discord and Slack the URL itself is a secret. */
export type Target =
  | { readonly format: "standard" | "email" | "discord" | "slack"; readonly url: string }
  | { readonly format: "telegram"; readonly chatId: string; /** Null: the configured bot. */ readonly botToken: string | null };

/**
 * The request body of a delivery. It depends on its arguments only, so that every attempt sends the same.
 * @param publicUrl the address of the dashboard, for links; null where it is not known
 */
export function bodyOf(event: QueuedEvent, target: Target, publicUrl: string | null): object {
  switch (target.format) {
    case "standard":
      return standardBody(event);
    case "email":
      return emailBody(event, chatMessage(event), publicUrl);
    case "telegram":
      return telegramBody(chatMessage(event), target.chatId, publicUrl);
    case "discord":
      return discordBody(chatMessage(event), event.time, publicUrl);
    case "slack":
      return slackBody(chatMessage(event), publicUrl);
  }
}

/** The URL as the API shows it: only the host where the URL is a secret. */
export function shownAddress(target: Target): string {
  if (target.format === "telegram") return `telegram:${target.chatId}`;
  return SIGNED_FORMATS.includes(target.format) || !URL.canParse(target.url) ? target.url : `${new URL(target.url).origin}/…`;
}

/** The thread of an event's message, and what it is in it. */
export interface Thread {
  readonly about: string;
  readonly role: ThreadRole;
}

/** Null where a message stands for itself, or the format can neither edit nor, of what is to be a reply, reply. */
export function threadOf(event: QueuedEvent, { format }: Target): Thread | null {
  if (!EDITABLE_FORMATS.includes(format)) return null;
  const { thread: about, role } = chatMessage(event);
  return about === null || (role !== "update" && format !== REPLYING_FORMAT) ? null : { about, role };
}
