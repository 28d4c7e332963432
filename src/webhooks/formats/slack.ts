import type { ChatMessage } from "../messages/message.ts";
import { linkAddress } from "./link-address.ts";

const MAX_HEADER = 150;
const MAX_SECTION = 3_000;

/**
 * The body of a Slack incoming webhook: at most 50 blocks, a header of at most 150 characters, 3000 characters per section, 10
 * fields of at most 2000 characters.
 * @see https://docs.slack.dev/reference/block-kit/blocks/header-block
 * @see https://docs.slack.dev/reference/block-kit/blocks/section-block
 */
export function slackBody({ headline, lines, quotes, facts, link }: ChatMessage, publicUrl: string | null): object {
  const address = linkAddress(link, publicUrl);
  // A header that is cut is whole beneath.
  const header = cut(headline, MAX_HEADER);
  const beneath = header === headline ? lines : [headline, ...lines];
  return {
    // The text of the notification.
    text: escapeControl(headline),
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: "header", text: plain(header) },
      ...beneath.map((line) => ({ type: "section", text: plain(line) })),
      ...quotes.map(({ label, value }) => ({ type: "section", text: plain(cut(`${label}: ${value}`, MAX_SECTION)) })),
      ...(facts.length === 0 ? [] : [{ type: "section", fields: facts.map(({ label, value }) => plain(`${label}: ${value}`)) }]),
      ...(link === null || address === null
        ? []
        : [{ type: "section", text: { type: "mrkdwn", text: `<${escapeControl(address)}|${escapeControl(link.label)}>` } }]),
    ],
  };
}

/** A `plain_text` object, which has no styles, links or mentions. */
function plain(text: string): object {
  return { type: "plain_text", text: escapeControl(text), emoji: false };
}

/** @see https://docs.slack.dev/messaging/formatting-message-text#escaping */
function escapeControl(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** The text, shortened until it is short enough escaped. */
function cut(text: string, length: number): string {
  if (escapeControl(text).length <= length) return text;
  let kept = "";
  let size = 1;
  for (const character of text) {
    size += escapeControl(character).length;
    if (size > length) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}
