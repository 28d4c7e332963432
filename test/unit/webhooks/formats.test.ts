import { describe, expect, test } from "vitest";
import type { QueuedEvent } from "../../../src/webhooks/event.ts";
import { bodyOf, shownAddress, threadOf } from "../../../src/webhooks/formats/format.ts";
import { CHATS, PUBLIC_URL, TARGETS, render } from "./read-message.ts";
import { ALL_TYPES, RECORDS, SIGNAL, TIME, sampleOf } from "./sample-events.ts";

const signal = (changes: Readonly<Record<string, unknown>>) => sampleOf("signal.issued", changes);

/** Text as an injected model might write it, with all that means something to a channel. */
const HOSTILE =
  '<b>&"@everyone <!channel> <@U1> [click](https://evil.example) evil.example t.me/x $BTC +1 212 555 0123 *bold* `code` ||x|| <script>\n# big\n@here \u202Eback';
/** What grows most by escaping, in each channel. */
const LONGEST = ["&", "<", "*", '"', "x", "😀"].map((character) => character.repeat(20_000));

test("standard is the unchanged event", () => {
  const event = signal({ reason: HOSTILE });
  expect(render("standard", event)).toEqual({ type: "signal.issued", timestamp: "2026-11-22T07:00:00.000Z", data: event.data });
});

test("Telegram's message is HTML without previews, for its chat", () => {
  const { text: _text, ...rest } = render("telegram", sampleOf("webhook.test"));
  expect(rest).toEqual({ chat_id: "-100", parse_mode: "HTML", link_preview_options: { is_disabled: true } });
});

test("without the address of the dashboard a message has no link", () => {
  for (const format of CHATS) {
    expect(JSON.stringify(bodyOf(sampleOf("cascade.started"), TARGETS[format], null)), format).not.toContain("Open the case file");
    expect(JSON.stringify(render(format, sampleOf("cascade.started"))), format).toContain(`${PUBLIC_URL}/cascades/ETH-short-`);
  }
});

const colour = (event: QueuedEvent) => render("discord", event).embeds[0].color;
const headline = (event: QueuedEvent) => render("discord", event).content;

const silence = (type: "feed.suspect" | "feed.cleared", symbol: string | null) => sampleOf(type, { since: 5, symbol });

test("a base asset that is silent on a venue is named, and one thread holds its silence and its end", () => {
  expect(headline(silence("feed.suspect", "BTC"))).toContain("BTC on okx is silent for longer than the other venues explain");
  expect(headline(silence("feed.cleared", "BTC"))).toContain("Liquidations of BTC on okx arrive again");
  const unlisted = sampleOf("feed.cleared", { symbol: "BTC", reason: "unlisted" });
  expect(headline(unlisted)).toContain("BTC on okx is no longer listed, after a silence of 21 min");
  expect(headline(silence("feed.suspect", null))).toContain("okx is silent for longer");
  const about = (type: "feed.suspect" | "feed.cleared", symbol: string | null) => threadOf(silence(type, symbol), TARGETS.discord)?.about;
  expect(about("feed.suspect", "BTC")).toBe(about("feed.cleared", "BTC"));
  expect(about("feed.suspect", "BTC")).not.toBe(about("feed.suspect", null));
});

describe("a position cannot be misread:", () => {
  test("where longs are liquidated the price falls: the sign, the arrow and the colour say so", () => {
    const event = sampleOf("cascade.started", { position_side: "long" });
    expect(headline(event)).toMatch(/▼ ETH longs liquidated.*price −0\.37 %/);
    expect(colour(event)).toBe(colour(signal({ action: "SELL" })));
  });

  test("where shorts are liquidated it rises", () => {
    const event = sampleOf("cascade.started");
    expect(headline(event)).toMatch(/▲ ETH shorts liquidated.*price \+0\.37 %/);
    expect(colour(event)).toBe(colour(signal({ action: "BUY" })));
  });

  test("a price that went against the forced flow keeps its own sign", () => {
    expect(headline(sampleOf("cascade.started", { move_bps: -20 }))).toContain("price −0.20 %");
    expect(headline(sampleOf("cascade.started", { move_bps: 0.2 }))).toContain("price 0.00 %");
  });

  test("buying, selling and NOTHING have three colours", () => {
    expect(new Set(["BUY", "SELL", "NOTHING"].map((action) => colour(signal({ action })))).size).toBe(3);
  });

  test("paper is the first word of a decision and of its grade, and absent once it is none", () => {
    for (const type of ["signal.issued", "signal.graded"] as const) {
      expect(headline(sampleOf(type))).toMatch(/^\*\*PAPER · /);
      expect(headline(sampleOf(type, { paper: false }))).not.toMatch(/paper/i);
    }
  });
});

describe("text of a model is data", () => {
  const hostile = signal({ reason: HOSTILE, invalidation: HOSTILE, action: HOSTILE, window: HOSTILE, model: HOSTILE, symbol: HOSTILE });

  test("Telegram: no tag, no link and no mention comes of it", () => {
    const { text } = render("telegram", hostile, null);
    const tags = [...text.matchAll(/<[^>]*>/g)].map(([tag]) => tag);
    expect(new Set(tags)).toEqual(new Set(["<i>", "</i>", "<code>", "</code>"]));
    expect(text).toContain("&lt;script&gt; # big @here back");
    expect(text).toContain("&amp;&quot;@everyone");
    const outside = text.replaceAll(/<code>[^<]*<\/code>/g, "");
    for (const linkable of ["@", "evil", "t.me", "$BTC", "212", "#"]) expect(outside).not.toContain(linkable);
  });

  test("Discord: all that means something is escaped, and nobody is notified", () => {
    const { embeds, allowed_mentions } = render("discord", hostile, null);
    const [{ description = "", fields }] = embeds;
    for (const text of [description.replaceAll(/\*\*(Why|Refuted if):\*\*/g, ""), ...fields.map(({ value }) => value)]) {
      expect(text.replaceAll(/\\[^\dA-Za-z\s]/g, "")).not.toMatch(/[*_~`|<>@#[\]()\\]/);
      expect(text).not.toContain("https://");
    }
    expect(allowed_mentions).toEqual({ parse: [] });
  });

  test("Slack: no mention and no link comes of it", () => {
    const body = render("slack", hostile, null);
    expect(JSON.stringify(body)).not.toMatch(/[<>]/);
    expect(body.blocks.flatMap(({ text, fields = [] }) => [text, ...fields]).filter((part) => part?.type === "mrkdwn")).toEqual([]);
    expect(JSON.stringify(body)).toContain("&lt;!channel&gt;");
    expect(body).toMatchObject({ mrkdwn: false, unfurl_links: false, unfurl_media: false });
  });

  test("e-mail: no header and no line of its own comes of it", () => {
    const { subject, text } = render("email", signal({ symbol: "BTC\r\nBcc: a@b.example", reason: "One\r\n.\r\nTwo" }));
    expect(subject).not.toMatch(/[\r\n]/);
    expect(text).toContain("Why: One . Two\n");
  });
});

/** A message as Telegram counts it. */
const shown = (html: string) => html.replaceAll(/<[^>]*>/g, "").replaceAll(/&(amp|lt|gt|quot);/g, "&");

describe("whatever the text, the limits hold", () => {
  const events = LONGEST.flatMap((text) =>
    ALL_TYPES.map((type) => {
      const record = { ...RECORDS[type], position_side: text, window: text, trigger: text } as Readonly<Record<string, unknown>>;
      const texts = Object.entries(record).map(([name, value]) => [
        name,
        typeof value === "number" ? 1e300 : value === null || typeof value === "string" ? text : value,
      ]);
      const changes = Object.fromEntries(texts) as Readonly<Record<string, unknown>>;
      return {
        ...sampleOf(type, {
          ...changes,
          exchanges: [text, text],
          missing_exchanges: [text],
          context: { ...SIGNAL.context, side_usd: 1e300 },
        }),
        time: TIME,
      };
    }),
  );

  test("of Telegram: 4096 characters", () => {
    for (const event of events) expect(shown(render("telegram", event).text).length).toBeLessThanOrEqual(4_096);
  });

  test("of Discord: content 2000, embed 6000, title 256, description 4096, 25 fields of 256 and 1024", () => {
    for (const event of events) {
      const { content, embeds } = render("discord", event);
      const [{ title = "", description = "", fields }] = embeds;
      expect(content.length).toBeLessThanOrEqual(2_000);
      expect(title.length).toBeLessThanOrEqual(256);
      expect(description.length).toBeLessThanOrEqual(4_096);
      expect(fields.length).toBeLessThanOrEqual(25);
      for (const { name, value } of fields) {
        expect(name.length).toBeLessThanOrEqual(256);
        expect(value.length).toBeLessThanOrEqual(1_024);
      }
      const size = fields.reduce((sum, { name, value }) => sum + name.length + value.length, title.length + description.length);
      expect(size).toBeLessThanOrEqual(6_000);
    }
  });

  test("of Slack: 50 blocks, a header of 150 characters, 3000 a section, 10 fields of 2000", () => {
    for (const event of events) {
      const { blocks } = render("slack", event);
      expect(blocks.length).toBeLessThanOrEqual(50);
      for (const { type, text, fields = [] } of blocks) {
        expect(text?.text.length ?? 1).toBeLessThanOrEqual(type === "header" ? 150 : 3_000);
        expect(text?.text.length ?? 1).toBeGreaterThan(0);
        expect(fields.length).toBeLessThanOrEqual(10);
        for (const field of fields) expect(field.text.length).toBeLessThanOrEqual(2_000);
      }
    }
  });

  test("of e-mail: a subject of 150 characters, and lines of 76 unless a word is longer", () => {
    for (const event of events) {
      const { subject, text } = render("email", event);
      expect([...subject].length).toBeLessThanOrEqual(150);
      for (const line of text.split("\n").filter((whole) => whole.includes(" "))) {
        expect(line.length, line).toBeLessThanOrEqual(Math.max(76, ...line.split(" ").map((word) => word.length)));
      }
    }
  });

  test("and no character is cut in two", () => {
    for (const event of events) {
      for (const format of CHATS) expect(JSON.stringify(bodyOf(event, TARGETS[format], PUBLIC_URL)).isWellFormed()).toBe(true);
    }
  });
});

test("a header of Slack that is cut is whole beneath", () => {
  const symbol = "A&B".repeat(40);
  const { blocks } = render("slack", signal({ symbol }));
  expect(blocks[0]?.text?.text).toMatch(/^PAPER · BUY (A&amp;B)+A?…$/);
  expect(blocks[1]?.text?.text).toContain("A&amp;B".repeat(40));
});

test("a value of nothing but invisible characters is omitted, since channels refuse an empty one", () => {
  const text = JSON.stringify(render("discord", signal({ reason: "\u202E\u200B", rule_action: "\u200B" })));
  expect(text).not.toContain("Why");
  expect(text).not.toContain("Rule model");
});

test("every type has words of its own, whatever its record lacks", () => {
  const headlines = ALL_TYPES.map((type) => {
    const data = { position_side: "long", exchange: "okx", since: Number.MAX_VALUE, severity: 3 };
    const event: QueuedEvent = { id: "x", type, time: TIME, symbol: "BTC", data };
    return render("telegram", event).text.split("\n")[0];
  });
  expect(new Set(headlines).size).toBe(ALL_TYPES.length);
  for (const line of headlines) expect(line).not.toMatch(/undefined|null|NaN/);
});

const threads = (types: readonly (typeof ALL_TYPES)[number][], target: keyof typeof TARGETS) =>
  new Set(types.map((type) => threadOf(sampleOf(type), TARGETS[target])?.about ?? null));

test("messages about one cascade or outage belong to one thread, where the channel can edit", () => {
  expect(threads(["cascade.started", "cascade.escalated", "cascade.ended"], "telegram")).toEqual(
    new Set(["cascade:ETH-short-20261122T070000Z"]),
  );
  expect(threadOf(sampleOf("feed.degraded", { since: 5 }), TARGETS.discord)).toEqual(
    threadOf(sampleOf("feed.recovered", { since: 5 }), TARGETS.discord),
  );
  expect(threads(["signal.graded", "liquidation.large", "webhook.test"], "telegram")).toEqual(new Set([null]));
  expect(threads(["adl.warning"], "telegram"), "a warning never edits an earlier one, which would make no sound").toEqual(new Set([null]));
  for (const target of ["standard", "slack", "email"] as const) expect(threads(["cascade.started"], target)).toEqual(new Set([null]));
});

test("an address that is itself a secret is shown as its host only", () => {
  expect(Object.values(TARGETS).map(shownAddress)).toEqual([
    "https://example.org/",
    "telegram:-100",
    "https://discord.com/…",
    "https://hooks.slack.com/…",
    "https://mail.example.org/send",
  ]);
});

const roles = (type: (typeof ALL_TYPES)[number], data: Readonly<Record<string, unknown>> = {}) =>
  threadOf(sampleOf(type, data), TARGETS.telegram);

test("an escalation of a rule or of a spike is a reply on Telegram, never an edit, which would make no sound", () => {
  const fired = roles("rule.fired");
  expect(fired?.role).toBe("first");
  expect(roles("rule.escalated")).toEqual({ about: fired?.about, role: "reply" });
  const spike = roles("signal.issued", { trigger: "spike" });
  expect(spike?.role).toBe("first");
  for (const trigger of ["escalation", "turn"]) {
    expect(roles("signal.issued", { trigger })).toEqual({ about: spike?.about, role: "reply" });
  }
  expect(roles("cascade.escalated")?.role).toBe("update");
  for (const target of ["discord", "slack", "email", "standard"] as const) {
    expect(threadOf(sampleOf("rule.escalated"), TARGETS[target])).toBeNull();
  }
});
