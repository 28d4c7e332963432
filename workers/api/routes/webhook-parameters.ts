import * as z from "zod";
import type { Config } from "../../../src/config.ts";
import { guardResolved, type ResolveName } from "../../../src/webhooks/address-guard.ts";
import { ACTIONS } from "../../../src/signals/verdict.ts";
import { type EventFilter, EVENT_TYPES, defaultActions } from "../../../src/webhooks/event.ts";
import { EDITABLE_FORMATS, UPDATES, type Updates, defaultUpdates } from "../../../src/webhooks/formats/chat-request.ts";
import { FORMATS, type FormatName, type Target } from "../../../src/webhooks/formats/format.ts";
import { HIGHEST_MIN_USD, LOWEST_MIN_FLOW_USD, LOWEST_MIN_USD, MAX_ASSETS, OTHER_ASSETS } from "../../../src/webhooks/min-usd.ts";
import { type ParameterError, badParameters } from "../http/problem.ts";
import { parameters } from "../http/parameters.ts";
import { hasChanges } from "../http/read-body.ts";

const text = (message: string) => z.string({ error: message });

const eventList = z
  .array(z.enum(EVENT_TYPES, { error: `must be a list of ${EVENT_TYPES.join(", ")}` }), { error: "must be a list of event types" })
  .max(EVENT_TYPES.length, "names an event type twice")
  .meta({ description: "Event types to deliver; an empty list means all. liquidation.large needs min_usd, and is not delivered without." });
const symbolList = z
  .array(parameters.symbol, { error: "must be a list of base assets" })
  .max(100, "must have at most 100 base assets")
  .meta({ description: "Base assets to deliver events of; an empty list means all. An asset that is not collected is an error." });
const actionList = z
  .array(z.enum(ACTIONS, { error: `must be a list of ${ACTIONS.join(", ")}` }), { error: `must be a list of ${ACTIONS.join(", ")}` })
  .max(ACTIONS.length, "names an action twice")
  .meta({
    description:
      "Decisions to deliver, and grades of them, by action; an empty list means all. Default: all in the format standard, BUY and SELL in the others, which get NOTHING only where it is named.",
    examples: [["BUY", "SELL"]],
  });
const CONFIDENCE_RULE = "must be a number from 0 to 100, or null for any";
const minConfidence = z
  .number({ error: CONFIDENCE_RULE })
  .min(0, CONFIDENCE_RULE)
  .max(100, CONFIDENCE_RULE)
  .nullable()
  .meta({
    description: "Least confidence of decisions to deliver, and of grades of them, percent; null means any. NOTHING has none and passes.",
    examples: [60],
  });
const updates = z.enum(UPDATES, { error: `must be one of ${UPDATES.join(", ")}` }).meta({
  description:
    "Handling of later messages about the same cascade or outage. edit: they replace the first one, without a sound. new: each is a message of its own, on Telegram in reply to the first. Default: edit for telegram and discord, new for the others, which cannot edit.",
});
const minUsdRule = (lowest: number) =>
  `must be USD from ${lowest} to ${HIGHEST_MIN_USD}, or an object of such numbers by base asset, at most ${MAX_ASSETS}, with "${OTHER_ASSETS}" for all others: {"BTC": 1000000, "${OTHER_ASSETS}": 250000}`;
const MIN_USD_RULE = minUsdRule(LOWEST_MIN_USD);
/** A size in USD, or sizes by base asset, from the lowest on. */
function usdByAsset(lowest: number) {
  const rule = minUsdRule(lowest);
  const usd = z.number({ error: rule }).min(lowest, rule).max(HIGHEST_MIN_USD, rule);
  const byAsset = z.record(z.union([z.literal(OTHER_ASSETS), parameters.symbol], { error: rule }), usd, { error: rule });
  const bounded = byAsset.refine((sizes) => Object.keys(sizes).length >= 1 && Object.keys(sizes).length <= MAX_ASSETS, rule);
  return z.union([usd, bounded], { error: rule });
}

const minUsd = usdByAsset(LOWEST_MIN_USD).meta({
  description: `Smallest liquidations to deliver as liquidation.large, USD by usd_value: one number from ${LOWEST_MIN_USD} on, or an object by base asset, in which ${OTHER_ASSETS} stands for those that are not named; without it only the named ones are delivered. It takes effect within a minute.`,
  examples: [{ BTC: 1_000_000, [OTHER_ASSETS]: 250_000 }],
});
const minFlowUsd = usdByAsset(LOWEST_MIN_FLOW_USD).meta({
  description: `Least USD of a cascade so far, and of the liquidated side in the window of a decision: one number, or an object by base asset, in which ${OTHER_ASSETS} stands for those that are not named; without it only the named ones are delivered. A cascade is delivered from the change on at which it has that much.`,
  examples: [5_000_000],
});
const description = text("must be a string").max(200, "must have at most 200 characters");

/** The request body of `POST /v1/webhooks`. */
export const newWebhook = z
  .strictObject({
    url: text("must be an https:// URL").optional(),
    format: z.enum(FORMATS, { error: `must be one of ${FORMATS.join(", ")}` }).default("standard"),
    events: eventList.default([]),
    symbols: symbolList.default([]),
    actions: actionList.optional(),
    min_confidence: minConfidence.optional(),
    min_usd: minUsd.optional(),
    min_flow_usd: minFlowUsd.optional(),
    updates: updates.optional(),
    description: description.optional(),
    chat_id: text("must be a string")
      .regex(/^(-?\d{1,20}|@\w{4,32})$/, "must be the number or @name of a chat")
      .optional(),
    bot_token: text("must be a string")
      .regex(/^\d{1,20}:[\w-]{10,100}$/, "must be a bot token from BotFather")
      .optional(),
  })
  .superRefine((asked, context) => {
    const { format, url, chat_id, bot_token } = asked;
    const refuse = (parameter: string, message: string) => context.addIssue({ code: "custom", path: [parameter], message });
    const telegram = format === "telegram";
    if (telegram && url !== undefined) refuse("url", "is not a parameter of the format telegram");
    if (telegram && chat_id === undefined) refuse("chat_id", "is required");
    if (!telegram && url === undefined) refuse("url", "is required");
    if (!telegram && chat_id !== undefined) refuse("chat_id", "is a parameter of the format telegram only");
    if (!telegram && bot_token !== undefined) refuse("bot_token", "is a parameter of the format telegram only");
    for (const { parameter, detail } of filterErrors(filterOf(asked))) refuse(parameter, detail);
  });
export type NewWebhook = z.output<typeof newWebhook>;

/** The request body of `PATCH /v1/webhooks/{id}`. */
export const webhookChanges = z
  .strictObject({
    events: eventList.optional(),
    symbols: symbolList.optional(),
    actions: actionList.optional(),
    min_confidence: minConfidence.optional(),
    min_usd: minUsd.nullable().optional(),
    min_flow_usd: minFlowUsd.nullable().optional(),
    updates: updates.optional(),
    description: description.nullable().optional(),
  })
  .refine((changes) => Object.keys(changes).length > 0, hasChanges("must have at least one of a filter, updates and description"));
type WebhookChanges = z.output<typeof webhookChanges>;

/** The base assets that a request names. */
export type AskedAssets = { readonly [Name in "symbols" | "min_usd" | "min_flow_usd"]?: EventFilter[Name] | undefined };

/** What an endpoint delivers and how, with the defaults of its format. */
type Delivered = EventFilter & { readonly format: FormatName; readonly updates: Updates };

export function filterOf({
  format,
  events,
  symbols,
  actions,
  min_confidence,
  min_usd,
  min_flow_usd,
  updates: asked,
}: NewWebhook): Delivered {
  return {
    format,
    events,
    symbols,
    actions: actions ?? defaultActions(format),
    min_confidence: min_confidence ?? null,
    min_usd: min_usd ?? null,
    min_flow_usd: min_flow_usd ?? null,
    updates: asked ?? defaultUpdates(format),
  };
}

/** The same after a change; what the change does not name stays. */
export function withChanges(delivered: Delivered, changes: WebhookChanges): Delivered {
  const named = Object.entries(changes).filter(([, value]) => value !== undefined);
  return { ...delivered, ...(Object.fromEntries(named) as Partial<Delivered>) };
}

/** What is wrong with a filter as a whole. */
export function filterErrors(delivered: Delivered): readonly ParameterError[] {
  const { format, symbols, min_flow_usd } = delivered;
  const canEdit = delivered.updates === "new" || EDITABLE_FORMATS.includes(format);
  const unwanted = unwantedAssets(min_flow_usd, symbols);
  return [
    ...minUsdErrors(delivered),
    ...(canEdit
      ? []
      : [{ parameter: "updates", detail: `cannot be edit in the format ${format}: only ${EDITABLE_FORMATS.join(" and ")} edit` }]),
    ...(unwanted.length === 0 ? [] : [{ parameter: "min_flow_usd", detail: `names ${unwanted.join(", ")}, which symbols does not have` }]),
  ];
}

/** What is wrong with `min_usd` beside the events and base assets of an endpoint. */
function minUsdErrors({ events, symbols, min_usd }: EventFilter): readonly ParameterError[] {
  const isNamed = events.includes("liquidation.large");
  if (min_usd === null) return isNamed ? minUsdError(`is required for liquidation.large: it ${MIN_USD_RULE}`) : [];
  if (!isNamed && events.length > 0) return minUsdError("is for liquidation.large, which events does not have");
  const unwanted = unwantedAssets(min_usd, symbols);
  return unwanted.length === 0 ? [] : minUsdError(`names ${unwanted.join(", ")}, which symbols does not have`);
}

function minUsdError(detail: string): readonly ParameterError[] {
  return [{ parameter: "min_usd", detail }];
}

/** The base assets that a size names beside those that the endpoint wants. */
function unwantedAssets(min: EventFilter["min_usd"], symbols: readonly string[]): readonly string[] {
  return symbols.length === 0 ? [] : namedAssets(min).filter((name) => !symbols.includes(name));
}

/** The base assets that a size names. */
export function namedAssets(min: EventFilter["min_usd"]): readonly string[] {
  return min === null || typeof min === "number" ? [] : Object.keys(min).filter((name) => name !== OTHER_ASSETS);
}

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
