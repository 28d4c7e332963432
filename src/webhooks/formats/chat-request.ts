import type { Outgoing } from "../attempt.ts";

/**
 * What a request does to the chat: a `new` message, whose id is wanted where later ones edit it or reply to it; an `edit` of an
 * earlier message; or a `reply` to one.
 */
export type Update =
  | { readonly kind: "new"; readonly isThread: boolean }
  | { readonly kind: "edit" | "reply"; /** Id of the earlier message. */ readonly messageId: string };

/** The formats whose messages can be edited. An incoming webhook of Slack does not say which message it made. */
export const EDITABLE_FORMATS: readonly string[] = ["telegram", "discord"];

/** The format whose messages can reply to one. An incoming webhook of Discord cannot. */
export const REPLYING_FORMAT = "telegram";

/** `edit`: later messages about the same thing replace the first one, silently. `new`: each is a message of its own. */
export const UPDATES = ["edit", "new"] as const;
export type Updates = (typeof UPDATES)[number];

export function defaultUpdates(format: string): Updates {
  return EDITABLE_FORMATS.includes(format) ? "edit" : "new";
}

type ChatRequest = Pick<Outgoing, "method" | "url" | "body" | "messageId">;

/**
 * @param bot address of the bot
 * @see https://core.telegram.org/bots/api#editmessagetext
 */
export function telegramRequest(bot: string, body: object, update: Update): ChatRequest {
  const isEdit = update.kind === "edit";
  const to = update.kind === "new" ? null : Number(update.messageId);
  const reply = { reply_parameters: { message_id: to, allow_sending_without_reply: true } };
  const extra = isEdit ? { message_id: to } : update.kind === "reply" ? reply : {};
  const url = `${bot}/${isEdit ? "editMessageText" : "sendMessage"}`;
  return { method: "POST", url, body: JSON.stringify({ ...body, ...extra }), messageId: wantsId(update) ? telegramMessageId : null };
}

/**
 * An incoming webhook of Discord edits its own messages, and cannot reply to one.
 * @param address the URL of the webhook, maybe with the thread to post to
 * @see https://discord.com/developers/docs/resources/webhook#edit-webhook-message
 */
export function discordRequest(address: string, body: object, update: Update): ChatRequest {
  const text = JSON.stringify(body);
  const url = new URL(address);
  if (update.kind === "edit") {
    url.pathname = `${url.pathname.replace(/\/$/, "")}/messages/${update.messageId}`;
    url.searchParams.delete("wait");
    return { method: "PATCH", url: url.href, body: text, messageId: null };
  }
  if (!wantsId(update)) return { method: "POST", url: address, body: text, messageId: null };
  url.searchParams.set("wait", "true");
  return { method: "POST", url: url.href, body: text, messageId: discordMessageId };
}

/** Whether an edit was refused because the message already says so. */
export function isUnchanged(response: string | null): boolean {
  return response !== null && /message is not modified/i.test(response);
}

function wantsId(update: Update): boolean {
  return update.kind === "new" && update.isThread;
}

function telegramMessageId(body: string): string | null {
  const id = field(field(parsed(body), "result"), "message_id");
  return typeof id === "number" && Number.isSafeInteger(id) ? String(id) : null;
}

function discordMessageId(body: string): string | null {
  const id = field(parsed(body), "id");
  return typeof id === "string" && /^\d{1,20}$/.test(id) ? id : null;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // Without valid JSON the response names no message.
    return null;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && name in value ? (value as Record<string, unknown>)[name] : null;
}
