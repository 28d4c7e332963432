import * as z from "zod";
import type { Config } from "../../../src/config.ts";
import { guardResolved, type ResolveName } from "../../../src/webhooks/address-guard.ts";
import { EVENT_TYPES } from "../../../src/webhooks/event.ts";
import { FORMATS, type Target } from "../../../src/webhooks/formats/format.ts";
import { parameters } from "../http/parameters.ts";
import { badParameters } from "../http/problem.ts";

const text = (message: string) => z.string({ error: message });

const eventList = z
  .array(z.enum(EVENT_TYPES, { error: `must be a list of ${EVENT_TYPES.join(", ")}` }), { error: "must be a list of event types" })
  .max(EVENT_TYPES.length, "names an event type twice")
  .meta({ description: "Event types to deliver; an empty list means all." });
const symbolList = z
  .array(parameters.symbol, { error: "must be a list of base assets" })
  .max(100, "must have at most 100 base assets")
  .meta({ description: "Base assets to deliver events of; an empty list means all. An asset that is not collected is an error." });
const description = text("must be a string").max(200, "must have at most 200 characters");

/** The request body of `POST /v1/webhooks`. */
export const newWebhook = z
  .strictObject({
    url: text("must be an https:// URL").optional(),
    format: z.enum(FORMATS, { error: `must be one of ${FORMATS.join(", ")}` }).default("standard"),
    events: eventList.default([]),
    symbols: symbolList.default([]),
    description: description.optional(),
    chat_id: text("must be a string")
      .regex(/^(-?\d{1,20}|@\w{4,32})$/, "must be the number or @name of a chat")
      .optional(),
    bot_token: text("must be a string")
      .regex(/^\d{1,20}:[\w-]{10,100}$/, "must be a bot token from BotFather")
      .optional(),
  })
  .superRefine(({ format, url, chat_id, bot_token }, context) => {
    const refuse = (parameter: string, message: string) => context.addIssue({ code: "custom", path: [parameter], message });
    const telegram = format === "telegram";
    if (telegram && url !== undefined) refuse("url", "is not a parameter of the format telegram");
    if (telegram && chat_id === undefined) refuse("chat_id", "is required");
    if (!telegram && url === undefined) refuse("url", "is required");
    if (!telegram && chat_id !== undefined) refuse("chat_id", "is a parameter of the format telegram only");
    if (!telegram && bot_token !== undefined) refuse("bot_token", "is a parameter of the format telegram only");
  });
export type NewWebhook = z.output<typeof newWebhook>;

/** The request body of `PATCH /v1/webhooks/{id}`. */
export const webhookChanges = z
  .strictObject({ events: eventList.optional(), symbols: symbolList.optional(), description: description.nullable().optional() })
  .refine((changes) => Object.keys(changes).length > 0, "must have events, symbols or description");

/** The target of an endpoint's deliveries. */
export function targetOf({ format, url, chat_id, bot_token }: NewWebhook): Target {
  return format === "telegram" ? { format, chatId: chat_id ?? "", botToken: bot_token ?? null } : { format, url: url ?? "" };
}

/**
 * Checks whether deliveries may be sent to a target.
 * @param isAdmin whether its owner may use the configured Telegram bot
 * @throws {ProblemError} 400 where the URL does not lead to a public address, or where Telegram lacks a bot
 */
export async function requireTarget(target: Target, isAdmin: boolean, config: Config, resolve: ResolveName): Promise<void> {
  if (target.format === "telegram") {
    if (target.botToken !== null || (isAdmin && config.TELEGRAM_BOT_TOKEN !== null)) return;
    const why = isAdmin ? "because TELEGRAM_BOT_TOKEN is not set" : "except for admins";
    throw badParameters([{ parameter: "bot_token", detail: `is required, ${why}` }]);
  }
  // If the name server does not respond now, the check before each attempt decides.
  const quiet: ResolveName = (name) => resolve(name).catch(() => [PUBLIC_STAND_IN]);
  const guarded = await guardResolved(target.url, config.LOCAL_DEVELOPMENT, quiet);
  if (guarded.kind === "refused") throw badParameters([{ parameter: "url", detail: guarded.reason }]);
}

const PUBLIC_STAND_IN = "1.1.1.1";
