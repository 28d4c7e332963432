import type { QueuedEvent } from "../event.ts";
import { textOf } from "../event-text.ts";

const ALERT_COLOUR = 0xd9_2d_20;

/**
 * The body of a Discord webhook message: content of at most 2000 characters, one embed of at most 6000.
 * @see https://discord.com/developers/docs/resources/webhook#execute-webhook
 * @see https://discord.com/developers/docs/resources/message#embed-object-embed-limits
 */
export function discordBody(event: QueuedEvent): object {
  const { headline, reason, fields } = textOf(event);
  return {
    content: `**${escapeMarkdown(headline)}**`,
    embeds: [
      {
        color: ALERT_COLOUR,
        timestamp: new Date(event.time).toISOString(),
        ...(reason === null ? {} : { description: escapeMarkdown(reason) }),
        fields: fields.map(({ label, value }) => ({ name: label, value: escapeMarkdown(value), inline: true })),
      },
    ],
    // Nobody is mentioned, whatever the text contains.
    allowed_mentions: { parse: [] },
  };
}

/** Puts a backslash before every character with a meaning: styles, lists, links, mentions, emoji, spoilers. */
function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\*_~`|>#[\]()<@:-]/g, String.raw`\$&`);
}
