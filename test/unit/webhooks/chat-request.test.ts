import { expect, test } from "vitest";
import { discordRequest, telegramRequest } from "../../../src/webhooks/formats/chat-request.ts";

const BOT = "https://api.telegram.org/bot1:x";
const HOOK = "https://discord.com/api/webhooks/1/t0ken";
const FIRST = { kind: "new", isThread: true } as const;
const ALONE = { kind: "new", isThread: false } as const;
const EDIT = { kind: "edit", messageId: "42" } as const;
const REPLY = { kind: "reply", messageId: "42" } as const;

test("Telegram: a message is sent, edited, or answered, even if the first one was deleted", () => {
  const requests = [ALONE, EDIT, REPLY].map((update) => telegramRequest(BOT, { text: "x" }, update));
  expect(requests.map(({ method, url, body }) => [method, url, JSON.parse(body)])).toEqual([
    ["POST", `${BOT}/sendMessage`, { text: "x" }],
    ["POST", `${BOT}/editMessageText`, { text: "x", message_id: 42 }],
    ["POST", `${BOT}/sendMessage`, { text: "x", reply_parameters: { message_id: 42, allow_sending_without_reply: true } }],
  ]);
});

test("Discord: a message that may be edited is waited for, and edited by its id; a webhook cannot reply", () => {
  const requests = [ALONE, FIRST, EDIT, REPLY].map((update) => discordRequest(HOOK, { content: "x" }, update));
  expect(requests.map(({ method, url }) => [method, url])).toEqual([
    ["POST", HOOK],
    ["POST", `${HOOK}?wait=true`],
    ["PATCH", `${HOOK}/messages/42`],
    ["POST", HOOK],
  ]);
  expect(discordRequest(`${HOOK}/?thread_id=7`, {}, EDIT).url).toBe(`${HOOK}/messages/42?thread_id=7`);
  expect(discordRequest(`${HOOK}?thread_id=7`, {}, FIRST).url).toBe(`${HOOK}?thread_id=7&wait=true`);
});

test("the id of a message is read only where it is wanted, and only where it is one", () => {
  const telegram = telegramRequest(BOT, {}, FIRST).messageId;
  expect(telegram?.('{"ok":true,"result":{"message_id":42}}')).toBe("42");
  for (const body of ["ok", "", "null", '{"ok":true}', '{"result":{"message_id":"42/../7"}}', '{"result":{"message_id":1.5}}'])
    expect(telegram?.(body), body).toBeNull();
  const discord = discordRequest(HOOK, {}, FIRST).messageId;
  expect(discord?.('{"content":"x","id":"1311000000000000000"}')).toBe("1311000000000000000");
  for (const body of ["", "[]", '{"id":42}', '{"id":"../1"}']) expect(discord?.(body), body).toBeNull();
  for (const update of [ALONE, EDIT, REPLY]) {
    expect(telegramRequest(BOT, {}, update).messageId).toBeNull();
    expect(discordRequest(HOOK, {}, update).messageId).toBeNull();
  }
});
