import type { QueuedEvent } from "../event.ts";
import { textOf } from "../event-text.ts";

/**
 * The body of a Slack incoming webhook: at most 3000 characters per section, 10 fields of at most 2000 characters.
 * @see https://docs.slack.dev/reference/block-kit/blocks/section-block
 */
export function slackBody(event: QueuedEvent): object {
  const { headline, reason, fields } = textOf(event);
  return {
    // The text of the notification.
    text: escapeControl(headline),
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: "section", text: plain(headline) },
      ...(reason === null ? [] : [{ type: "section", text: plain(reason) }]),
      ...(fields.length === 0 ? [] : [{ type: "section", fields: fields.map(({ label, value }) => plain(`${label}: ${value}`)) }]),
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
