import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import type { QueuedEvent } from "../../../src/webhooks/event.ts";
import type { Updates } from "../../../src/webhooks/formats/chat-request.ts";
import type { Target } from "../../../src/webhooks/formats/format.ts";
import type { ShownChatMessage } from "./chat-server.ts";
import { SECRET, openCourier, sampleEvent } from "./open-courier.ts";
import { openInbox } from "./webhook-inbox.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
type Channel = "telegram" | "discord" | "slack";
const CHANNELS = ["telegram", "discord", "slack"] as const;
const EDITING = ["telegram", "discord"] as const;

const PATHS = { discord: "api/webhooks/1/t0ken", slack: "services/T/B/s3cret" } as const;

async function chatOf(channel: Channel, updates: Updates = channel === "slack" ? "new" : "edit") {
  const name = crypto.randomUUID();
  const at = (action: string) => `${env.CHAT_SERVER_URL}/${action}/${name}`;
  const target: Target =
    channel === "telegram"
      ? { format: channel, chatId: "-100", botToken: "1:abcdefghij" }
      : { format: channel, url: `${at(channel)}/${PATHS[channel]}` };
  const courier = openCourier({ target, variables: { TELEGRAM_BASE_URL: at("telegram") } });
  await courier.inside(({ memory }) => {
    memory.updates = updates;
  });
  const state = async () => (await (await fetch(at("chat"))).json()) as { readonly messages: readonly ShownChatMessage[] };
  const tell = async (action: string, body: object) =>
    void (await (await fetch(at(action), { method: "POST", body: JSON.stringify(body) })).text());
  return {
    ...courier,
    /** What the chat shows, without the styles of the channel. */
    shown: async () =>
      (await state()).messages.map(({ text, ...rest }) => ({ ...rest, text: text.replaceAll(/[*\\]/g, "").split("\n")[0] ?? "" })),
    busy: (...seconds: readonly number[]) => tell("busy", { seconds }),
    deleteMessages: () => tell("delete", {}),
  };
}

/** The changes of one cascade, a minute apart. */
function cascadeEvent(kind: "started" | "escalated" | "ended", usd: number): QueuedEvent {
  const minutes = { started: 0, escalated: 1, ended: 2 }[kind];
  const data = { cascade_id: "BTC-long-1", symbol: "BTC", position_side: "long", usd, move_bps: 40, severity: minutes + 1, start_time: 0 };
  const time = 1_700_000_000_000 + minutes * MINUTE;
  return sampleEvent({ type: `cascade.${kind}`, time, data: { ...data, end_time: kind === "ended" ? 2 * MINUTE : null } });
}
const STARTED = cascadeEvent("started", 1_200_000);
const ESCALATED = cascadeEvent("escalated", 5_000_000);
const ENDED = cascadeEvent("ended", 6_000_000);
const words = (usd: string, what: string) => `▼ BTC longs liquidated: ${usd} · price −0.40 % · cascade ${what}`;

describe("a cascade in a chat that can edit", () => {
  test.each(EDITING)("is one message on %s, which is edited as it escalates and ends", async (channel) => {
    const { publish, later, shown, logged } = await chatOf(channel);
    await publish(STARTED);
    await later(0);
    expect(await shown()).toMatchObject([{ edits: 0, text: words("$1.20M", "started") }]);
    await publish(ESCALATED);
    await later(MINUTE);
    await publish(ENDED);
    await later(MINUTE);
    expect(await shown()).toMatchObject([{ edits: 2, text: words("$6.00M", "ended after 2 min") }]);
    expect((await logged()).map(({ state }) => state)).toEqual(["delivered", "delivered", "delivered"]);
  });

  test.each(EDITING)("is one message on %s even if all its changes wait at once", async (channel) => {
    const { publish, later, shown } = await chatOf(channel);
    for (const event of [STARTED, ESCALATED, ENDED]) await publish(event);
    await later(0);
    expect(await shown()).toMatchObject([{ edits: 2, text: words("$6.00M", "ended after 2 min") }]);
  });

  test.each(EDITING)("is sent again on %s where its message was deleted, and then edited there", async (channel) => {
    const { publish, later, shown, deleteMessages } = await chatOf(channel);
    await publish(STARTED);
    await later(0);
    await deleteMessages();
    await publish(ESCALATED);
    await later(MINUTE);
    await publish(ENDED);
    await later(MINUTE);
    expect(await shown()).toMatchObject([{ edits: 1, text: words("$6.00M", "ended after 2 min") }]);
  });

  test("does not go back: a change that comes late is not sent over a later one, and the log says why", async () => {
    const { publish, later, shown, logged, busy } = await chatOf("telegram");
    await busy(120);
    await publish(STARTED);
    await later(0);
    await later(MINUTE);
    await publish(ESCALATED);
    await later(2 * MINUTE);
    expect(await shown()).toMatchObject([{ text: words("$5.00M", "escalated to severity 2 of 5") }]);
    await publish({ ...STARTED, id: "published late" });
    await later(0);
    expect(await shown()).toHaveLength(1);
    expect((await logged()).map(({ reason }) => reason)).toContain("a later message about the same was delivered before it");
  });

  test("is edited by nothing new: an edit that was made before counts as delivered", async () => {
    const { publish, later, shown, inside, logged } = await chatOf("telegram");
    await publish(STARTED);
    await later(0);
    await publish({ ...STARTED, id: "the same words" });
    await later(0);
    expect(await shown()).toMatchObject([{ edits: 0 }]);
    expect(await inside((courier) => [courier.pending, courier.memory.failures])).toEqual([0, 0]);
    expect((await logged()).map(({ state }) => state)).toEqual(["delivered", "delivered"]);
  });

  test("is sent again by a replay as a message of its own, and the later one stays unchanged", async () => {
    const { publish, later, inside, shown } = await chatOf("telegram");
    const first = await publish(STARTED);
    await later(0);
    await publish(ESCALATED);
    await later(MINUTE);
    await inside((courier) => courier.replay(first));
    await later(0);
    expect((await shown()).map(({ text }) => text)).toEqual([words("$5.00M", "escalated to severity 2 of 5"), words("$1.20M", "started")]);
    await publish(ENDED);
    await later(MINUTE);
    expect(await shown()).toMatchObject([{ edits: 2, text: words("$6.00M", "ended after 2 min") }, { edits: 0 }]);
  });
});

test("with updates as new messages, Telegram threads them under the first, and Discord sends each", async () => {
  const telegram = await chatOf("telegram", "new");
  const discord = await chatOf("discord", "new");
  for (const chat of [telegram, discord]) {
    for (const event of [STARTED, ESCALATED, ENDED]) await chat.publish(event);
    await chat.later(0);
  }
  expect((await telegram.shown()).map(({ replyTo, edits }) => [replyTo, edits])).toEqual([
    [null, 0],
    ["42", 0],
    ["42", 0],
  ]);
  expect((await discord.shown()).map(({ text }) => text)).toHaveLength(3);
});

test("an escalation of a rule replies on Telegram also where others edit, to the last firing of its base asset, within 4 hours", async () => {
  const { publish, later, shown } = await chatOf("telegram");
  const rule = { rule_id: "r1", owner: "o", name: "big", rule: "usd_value > 1", values: {}, silent_exchanges: [], not_sent: 0 };
  let time = STARTED.time;
  const happen = async (type: "rule.fired" | "rule.escalated", afterMs: number, symbol = "BTC") => {
    time += afterMs;
    await publish({ id: `${type} ${time}`, type, time, symbol, data: { ...rule, symbol, time } });
    await later(0);
  };
  await happen("rule.fired", 0);
  await happen("rule.escalated", MINUTE);
  await happen("rule.fired", MINUTE);
  await happen("rule.escalated", MINUTE);
  await happen("rule.escalated", 241 * MINUTE);
  await happen("rule.fired", 0);
  await happen("rule.fired", 1_000, "ETH");
  await happen("rule.escalated", MINUTE);
  await happen("rule.escalated", 1_000, "ETH");
  expect((await shown()).map(({ replyTo, edits }) => [replyTo, edits])).toEqual([
    [null, 0],
    ["42", 0],
    [null, 0],
    ["44", 0],
    [null, 0],
    // Each base asset stands for itself.
    [null, 0],
    [null, 0],
    ["47", 0],
    ["48", 0],
  ]);
});

test("Slack, whose webhooks name no message, is sent each change", async () => {
  const { publish, later, shown } = await chatOf("slack");
  for (const event of [STARTED, ESCALATED, ENDED]) await publish(event);
  await later(0);
  expect((await shown()).map(({ text }) => text)).toEqual([
    words("$1.20M", "started"),
    words("$5.00M", "escalated to severity 2 of 5"),
    words("$6.00M", "ended after 2 min"),
  ]);
});

test("two cascades are two messages", async () => {
  const { publish, later, shown } = await chatOf("discord");
  await publish(STARTED);
  await publish({ ...STARTED, id: "another", data: { ...STARTED.data, cascade_id: "BTC-long-2" } });
  await later(0);
  expect(await shown()).toHaveLength(2);
});

describe("a busy channel says so in its own way:", () => {
  test.each(CHANNELS)("%s is left alone for as long as it asks, and no answer of it is a failed attempt", async (channel) => {
    const { publish, next, busy, shown, inside, logged } = await chatOf(channel);
    await busy(35, 90);
    await publish(sampleEvent());
    expect([await next(), await next(), await next()]).toEqual([0, 35 * SECOND, 90 * SECOND]);
    expect(await shown()).toHaveLength(1);
    expect(await inside((courier) => courier.memory.failures)).toBe(0);
    expect(await logged()).toMatchObject([{ state: "delivered", tries: 1, attempts: [{ status: 429 }, { status: 429 }, { error: null }] }]);
  });

  test("an edit that has to wait is still an edit", async () => {
    const { publish, later, next, busy, shown } = await chatOf("discord");
    await publish(STARTED);
    await later(0);
    await busy(20);
    await publish(ESCALATED);
    expect([await next(), await next()]).toEqual([0, 20 * SECOND]);
    expect(await shown()).toMatchObject([{ edits: 1, text: words("$5.00M", "escalated to severity 2 of 5") }]);
  });
});

test("an e-mail gateway gets subject and text, signed like any webhook", async () => {
  const inbox = await openInbox();
  const { publish, later } = openCourier({ target: { format: "email", url: inbox.url } });
  await publish(STARTED);
  await later(0);
  const [{ headers, body } = { headers: {}, body: "" }] = await inbox.received();
  const mail = new Webhook(SECRET).verify(body, { ...headers });
  expect(mail).toMatchObject({
    type: "cascade.started",
    subject: words("$1.20M", "started"),
    text: expect.stringContaining("Forced selling"),
  });
});
