import type { ChatMessage, Labelled } from "../messages/message.ts";
import { linkAddress } from "./link-address.ts";

/**
 * What Telegram by itself makes a link, mention, hashtag, cashtag, command, telephone number or card number of, also in HTML:
 * it does not inside of code.
 */
const LINKABLE = /[@#/]|\$\p{L}|[\p{L}\p{N}]\.\p{L}|\d\.\d+\.\d|\+\d[\d() -]{5,}|\d(?:[ -]?\d){12,}/u;

/**
 * The text of `sendMessage` and `editMessageText` of the Bot API: at most 4096 characters after entities are parsed.
 * @see https://core.telegram.org/bots/api#sendmessage
 */
export function telegramBody(message: ChatMessage, chatId: string, publicUrl: string | null): object {
  const { headline, lines, quotes, facts, link } = message;
  const address = linkAddress(link, publicUrl);
  const parts = [
    [LINKABLE.test(headline) ? prose(headline) : `<b>${escapeHtml(headline)}</b>`, ...lines.map(prose)],
    quotes.map(labelled),
    facts.map(labelled),
    link === null || address === null ? [] : [`<a href="${escapeHtml(address)}">${escapeHtml(link.label)}</a>`],
  ];
  const text = parts
    .filter((part) => part.length > 0)
    .map((part) => part.join("\n"))
    .join("\n\n");
  return { chat_id: chatId, text, parse_mode: "HTML", link_preview_options: { is_disabled: true } };
}

function labelled({ label, value }: Labelled): string {
  return `<i>${escapeHtml(label)}:</i> ${prose(value)}`;
}

/** Text that stays text: as code where Telegram would make a link of a part of it. */
function prose(text: string): string {
  return LINKABLE.test(text) ? `<code>${escapeHtml(text)}</code>` : escapeHtml(text);
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
