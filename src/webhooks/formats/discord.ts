import type { ChatMessage, Tone } from "../messages/message.ts";
import { linkAddress } from "./link-address.ts";

/** The colour at the side of the message. Words and arrows say the same, for those who do not see it. */
const COLOURS: Readonly<Record<Tone, number>> = {
  up: 0x1f_9d_55,
  down: 0xd9_2d_20,
  quiet: 0x8a_94_a6,
  trouble: 0xe0_9b_1f,
  well: 0x3b_82_d0,
};

/**
 * The body of a Discord webhook message: content of at most 2000 characters, which is what a phone notifies with, and one embed
 * of at most 6000.
 * @param time when the event was known, ms
 * @see https://discord.com/developers/docs/resources/webhook#execute-webhook
 * @see https://discord.com/developers/docs/resources/message#embed-object-embed-limits
 */
export function discordBody({ tone, headline, lines, quotes, facts, link }: ChatMessage, time: number, publicUrl: string | null): object {
  const address = linkAddress(link, publicUrl);
  const description = [
    lines.map(escapeMarkdown).join("\n"),
    ...quotes.map(({ label, value }) => `**${escapeMarkdown(label)}:** ${escapeMarkdown(value)}`),
  ].filter((part) => part !== "");
  return {
    content: `**${escapeMarkdown(headline)}**`,
    embeds: [
      {
        color: COLOURS[tone],
        timestamp: new Date(time).toISOString(),
        ...(link === null || address === null ? {} : { title: link.label, url: address }),
        ...(description.length === 0 ? {} : { description: description.join("\n\n") }),
        fields: facts.map(({ label, value }) => ({ name: escapeMarkdown(label), value: escapeMarkdown(value), inline: true })),
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
