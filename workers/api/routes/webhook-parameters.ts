import * as z from "zod";
import type { Config } from "../../../src/config.ts";
import { guardResolved, type ResolveName } from "../../../src/webhooks/address-guard.ts";
import { EVENT_TYPES } from "../../../src/webhooks/event.ts";
import { FORMATS, type Target } from "../../../src/webhooks/formats/format.ts";
import { parameters } from "../http/parameters.ts";
import { badParameters } from "../http/problem.ts";

const text = (message: string) => z.string({ error: message });

/** What `POST /v1/webhooks` takes. */
export const newWebhook = z
  .strictObject({
    url: text("an https:// address").optional(),
    format: z.enum(FORMATS, { error: `one of ${FORMATS.join(", ")}` }).default("standard"),
    events: z
      .array(z.enum(EVENT_TYPES, { error: `a list of ${EVENT_TYPES.join(", ")}` }), { error: "a list of event types" })
      .max(EVENT_TYPES.length, "names an event type twice")
      .default([]),
    symbols: z.array(parameters.symbol, { error: "a list of base assets" }).max(100, "at most 100 base assets").default([]),
    description: text("a text").max(200, "at most 200 characters").optional(),
    chat_id: text("a text")
      .regex(/^(-?\d{1,20}|@\w{4,32})$/, "a chat's number or @name")
      .optional(),
    bot_token: text("a text")
      .regex(/^\d{1,20}:[\w-]{10,100}$/, "a bot's token as BotFather gives it")
      .optional(),
  })
  .superRefine(({ format, url, chat_id, bot_token }, context) => {
    const refuse = (parameter: string, message: string) => context.addIssue({ code: "custom", path: [parameter], message });
    const telegram = format === "telegram";
    if (telegram && url !== undefined) refuse("url", "not a parameter of the format telegram");
    if (telegram && chat_id === undefined) refuse("chat_id", "required");
    if (!telegram && url === undefined) refuse("url", "required");
    if (!telegram && chat_id !== undefined) refuse("chat_id", "only a parameter of the format telegram");
    if (!telegram && bot_token !== undefined) refuse("bot_token", "only a parameter of the format telegram");
  });
export type NewWebhook = z.output<typeof newWebhook>;

/** Where the new endpoint's deliveries go, refused where the address is not one for the public. */
export async function targetOf(asked: NewWebhook, config: Config, resolve: ResolveName): Promise<Target> {
  if (asked.format === "telegram") {
    if (asked.bot_token === undefined && config.TELEGRAM_BOT_TOKEN === null) {
      throw badParameters([{ parameter: "bot_token", detail: "required, as TELEGRAM_BOT_TOKEN is not set" }]);
    }
    return { format: "telegram", chatId: asked.chat_id ?? "", botToken: asked.bot_token ?? null };
  }
  const url = asked.url ?? "";
  // Where the name server does not answer now, the guard before each attempt decides.
  const quiet: ResolveName = (name) => resolve(name).catch(() => [PUBLIC_STAND_IN]);
  const guarded = await guardResolved(url, config.LOCAL_DEVELOPMENT, quiet);
  if (guarded.kind === "refused") throw badParameters([{ parameter: "url", detail: guarded.reason }]);
  return { format: asked.format, url };
}

const PUBLIC_STAND_IN = "1.1.1.1";
