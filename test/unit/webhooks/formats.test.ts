import { describe, expect, test } from "vitest";
import { EVENT_TYPES, type QueuedEvent } from "../../../src/webhooks/event.ts";
import { bodyOf, shownAddress } from "../../../src/webhooks/formats/format.ts";

const TIME = Date.parse("2026-11-22T07:00:00Z");

function signal(changes: Readonly<Record<string, unknown>> = {}): QueuedEvent {
  const data = {
    signal_id: "sig_1",
    created_time: TIME,
    window: "15m",
    action: "SELL",
    confidence: 71.6,
    reason: "Longs are being closed faster than at any time this week.",
    long_change_pct: 152.3,
    short_change_pct: -20,
    analyst: "deepseek",
    rule_action: "NOTHING",
    reason_code: null,
    ...changes,
  };
  return { id: "sig_1", type: "signal.issued", time: TIME, symbol: "BTC", data };
}
const TARGETS = {
  standard: { format: "standard", url: "https://example.org/" },
  telegram: { format: "telegram", chatId: "-100", botToken: null },
  discord: { format: "discord", url: "https://discord.com/api/webhooks/1/t0ken" },
  slack: { format: "slack", url: "https://hooks.slack.com/services/T/B/s3cret" },
} as const;
const render = (format: keyof typeof TARGETS, event: QueuedEvent) => JSON.parse(bodyOf(event, TARGETS[format]));

/** Text as an injected model might write it, with all that means something to a channel. */
const HOSTILE = '<b>&"@everyone <!channel> <@U1> [click](https://evil.example) *bold* `code` ||x|| <script>\n# big\n@here \u202Eback';
/** What grows most by escaping, in each channel. */
const LONGEST = ["&", "<", "*", '"', "x", "😀"].map((character) => character.repeat(20_000));

test("standard is the unchanged event", () => {
  const event = signal({ reason: HOSTILE });
  expect(render("standard", event)).toEqual({ type: "signal.issued", timestamp: "2026-11-22T07:00:00.000Z", data: event.data });
});

test("Telegram shows a signal in words", () => {
  const { text, ...rest } = render("telegram", signal());
  expect(text.split("\n")).toEqual([
    "<b>SELL BTC · confidence 72</b>",
    "<code>Longs are being closed faster than at any time this week.</code>",
    "Window: <code>15m</code>",
    "Longs: <code>+152.3 %</code>",
    "Shorts: <code>−20.0 %</code>",
    "Analyst: <code>deepseek</code>",
    "Rule model: <code>NOTHING</code>",
    "Issued: <code>2026-11-22T07:00:00.000Z</code>",
    "Signal: <code>sig_1</code>",
  ]);
  expect(rest).toEqual({ chat_id: "-100", parse_mode: "HTML", link_preview_options: { is_disabled: true } });
});

describe("text of a model is data", () => {
  test("Telegram: no tag, no link and no mention comes of it", () => {
    const { text } = render("telegram", signal({ reason: HOSTILE, action: HOSTILE, window: HOSTILE }));
    const tags = [...String(text).matchAll(/<[^>]*>/g)].map(([tag]) => tag);
    expect(new Set(tags)).toEqual(new Set(["<b>", "</b>", "<code>", "</code>"]));
    expect(text).toContain("&lt;script&gt; # big @here back");
    expect(text).toContain("&amp;&quot;@everyone");
  });

  test("Discord: all that means something is escaped, and nobody is notified", () => {
    const body = render("discord", signal({ reason: HOSTILE, window: HOSTILE }));
    const [embed] = body.embeds;
    for (const text of [embed.description, embed.fields[0].value] as string[]) {
      expect(text.replaceAll(/\\[^\dA-Za-z\s]/g, "")).not.toMatch(/[*_~`|<>@#[\]()\\]/);
      expect(text).not.toContain("https://");
    }
    expect(body.allowed_mentions).toEqual({ parse: [] });
  });

  test("Slack: no mention and no link comes of it", () => {
    const body = render("slack", signal({ reason: HOSTILE, window: HOSTILE }));
    expect(JSON.stringify(body)).not.toMatch(/[<>]/);
    expect(body.blocks[1].text).toMatchObject({ type: "plain_text", text: expect.stringContaining("&lt;!channel&gt;") });
    expect(body).toMatchObject({ mrkdwn: false, unfurl_links: false, unfurl_media: false });
  });
});

/** A message as Telegram counts it. */
const shown = (html: string) => html.replaceAll(/<[^>]*>/g, "").replaceAll(/&(amp|lt|gt|quot);/g, "&");

describe("whatever the text, the limits hold", () => {
  const events = LONGEST.flatMap((text) =>
    [...EVENT_TYPES, "webhook.test" as const].map((type): QueuedEvent => {
      const fields = [
        "action",
        "reason",
        "window",
        "analyst",
        "rule_action",
        "reason_code",
        "signal_id",
        "exchange",
        "error",
        "state",
        "export_id",
        "format",
      ];
      const more = ["severity", "first_exchange", "cascade_id", "position_side", "horizon", "endpoint_id"];
      const data = Object.fromEntries([...fields, ...more].map((field) => [field, text]));
      return {
        id: "x",
        type,
        time: TIME,
        symbol: text,
        data: { ...data, exchanges: [text, text], confidence: 50, events: 1e300, usd: 1e300 },
      };
    }),
  );

  test("of Telegram: 4096 characters", () => {
    for (const event of events) expect(shown(render("telegram", event).text).length).toBeLessThanOrEqual(4_096);
  });

  test("of Discord: content 2000, embed 6000, description 4096, 25 fields of 256 and 1024", () => {
    for (const event of events) {
      const { content, embeds } = render("discord", event);
      const { description = "", fields } = embeds[0] as { description?: string; fields: { name: string; value: string }[] };
      expect(content.length).toBeLessThanOrEqual(2_000);
      expect(description.length).toBeLessThanOrEqual(4_096);
      expect(fields.length).toBeLessThanOrEqual(25);
      for (const { name, value } of fields) {
        expect(name.length).toBeLessThanOrEqual(256);
        expect(value.length).toBeLessThanOrEqual(1_024);
      }
      expect(description.length + fields.reduce((sum, { name, value }) => sum + name.length + value.length, 0)).toBeLessThanOrEqual(6_000);
    }
  });

  test("of Slack: 3000 characters a section, 10 fields of 2000", () => {
    for (const event of events) {
      for (const { text, fields = [] } of render("slack", event).blocks as { text?: { text: string }; fields?: { text: string }[] }[]) {
        expect(text?.text.length ?? 1).toBeLessThanOrEqual(3_000);
        expect(text?.text.length ?? 1).toBeGreaterThan(0);
        expect(fields.length).toBeLessThanOrEqual(10);
        for (const field of fields) expect(field.text.length).toBeLessThanOrEqual(2_000);
      }
    }
  });

  test("and no character is cut in two", () => {
    for (const event of events) {
      for (const format of ["telegram", "discord", "slack"] as const) expect(bodyOf(event, TARGETS[format]).isWellFormed()).toBe(true);
    }
  });
});

test("a value of nothing but invisible characters is omitted, since channels refuse an empty one", () => {
  const body = render("discord", signal({ reason: "\u202E\u200B", window: "\u200B" }));
  expect(body.embeds[0].description).toBeUndefined();
  expect((body.embeds[0].fields as { name: string }[]).map(({ name }) => name)).not.toContain("Window");
});

test("every type has words of its own, whatever its record lacks", () => {
  const headlines = [...EVENT_TYPES, "webhook.test" as const].map((type) => {
    const event: QueuedEvent = {
      id: "x",
      type,
      time: TIME,
      symbol: "BTC",
      data: { position_side: "long", exchange: "okx", since: Number.MAX_VALUE },
    };
    return String(render("telegram", event).text).split("\n")[0];
  });
  expect(new Set(headlines).size).toBe(EVENT_TYPES.length + 1);
});

test("an address that is itself a secret is shown as its host only", () => {
  expect(Object.values(TARGETS).map(shownAddress)).toEqual([
    "https://example.org/",
    "telegram:-100",
    "https://discord.com/…",
    "https://hooks.slack.com/…",
  ]);
});
