import type { FormatName, Target } from "../../../src/webhooks/formats/format.ts";
import { bodyOf } from "../../../src/webhooks/formats/format.ts";
import type { QueuedEvent } from "../../../src/webhooks/event.ts";

export const TARGETS = {
  standard: { format: "standard", url: "https://example.org/" },
  telegram: { format: "telegram", chatId: "-100", botToken: null },
  discord: { format: "discord", url: "https://discord.com/api/webhooks/1/t0ken" },
  slack: { format: "slack", url: "https://hooks.slack.com/services/T/B/s3cret" },
  email: { format: "email", url: "https://mail.example.org/send" },
} as const satisfies Record<FormatName, Target>;

export const CHATS = ["telegram", "discord", "slack", "email"] as const;
export const PUBLIC_URL = "https://liquidations.example.com";

export interface TelegramBody {
  readonly chat_id: string;
  readonly text: string;
}

export interface DiscordBody {
  readonly content: string;
  readonly embeds: readonly [
    {
      readonly color: number;
      readonly title?: string;
      readonly url?: string;
      readonly description?: string;
      readonly fields: readonly { readonly name: string; readonly value: string }[];
    },
  ];
  readonly allowed_mentions: { readonly parse: readonly string[] };
}

export interface SlackText {
  readonly type: string;
  readonly text: string;
}

export interface SlackBody {
  readonly text: string;
  readonly blocks: readonly { readonly type: string; readonly text?: SlackText; readonly fields?: readonly SlackText[] }[];
}

export interface EmailBody {
  readonly type: string;
  readonly subject: string;
  readonly text: string;
}

interface Bodies {
  readonly standard: { readonly type: string; readonly timestamp: string; readonly data: object };
  readonly telegram: TelegramBody;
  readonly discord: DiscordBody;
  readonly slack: SlackBody;
  readonly email: EmailBody;
}

/** The body that a channel is sent. */
export function render<Format extends FormatName>(
  format: Format,
  event: QueuedEvent,
  publicUrl: string | null = PUBLIC_URL,
): Bodies[Format] {
  return JSON.parse(JSON.stringify(bodyOf(event, TARGETS[format], publicUrl))) as Bodies[Format];
}

/** A message as the source that its channel is sent, in lines. */
export function sourceOf(format: (typeof CHATS)[number], event: QueuedEvent): string {
  switch (format) {
    case "telegram":
      return render("telegram", event).text;
    case "discord": {
      const { content, embeds } = render("discord", event);
      const [{ color, title, url, description = "", fields }] = embeds;
      const link = title === undefined ? [] : [`[${title}](${url ?? ""})`];
      const side = `colour #${color.toString(16).padStart(6, "0")}`;
      return [content, `| ${side}`, ...link, description, ...fields.map(({ name, value }) => `${name} | ${value}`)].join("\n");
    }
    case "slack": {
      const { text, blocks } = render("slack", event);
      const shown = blocks.flatMap((block) =>
        [block.text, ...(block.fields ?? [])].map((part) => part && `${block.type} ${part.type}: ${part.text}`),
      );
      return [`notification: ${text}`, ...shown.filter((line) => line !== undefined)].join("\n");
    }
    case "email": {
      const { subject, text } = render("email", event);
      return `Subject: ${subject}\n\n${text}`;
    }
  }
}
