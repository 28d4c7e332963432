import type { QueuedEvent } from "../event.ts";
import { textOf } from "../event-text.ts";

/**
 * The body of `sendMessage` of the Bot API: at most 4096 characters after entities are parsed.
 * @see https://core.telegram.org/bots/api#sendmessage
 */
export function telegramBody(event: QueuedEvent, chatId: string): object {
  const { headline, reason, fields } = textOf(event);
  const lines = [
    `<b>${escapeHtml(headline)}</b>`,
    // As code, because Telegram turns plain text that looks like a link or mention into one.
    ...(reason === null ? [] : [`<code>${escapeHtml(reason)}</code>`]),
    ...fields.map(({ label, value }) => `${escapeHtml(label)}: <code>${escapeHtml(value)}</code>`),
  ];
  return { chat_id: chatId, text: lines.join("\n"), parse_mode: "HTML", link_preview_options: { is_disabled: true } };
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
