import * as z from "zod";
import { EXCHANGES, POSITION_SIDES } from "../liquidation-fields.ts";
import { CHANNELS, DEFAULT_CHANNELS, type StreamFilter } from "./filter.ts";
import { MAX_SYMBOLS } from "./limits.ts";

const oneOrMore = <Item extends z.ZodType<string>>(item: Item, most: number, what: string) =>
  z
    .union([item.transform((one) => [one]), z.array(item).min(1).max(most)], { error: `must be ${what}, or a list of 1 to ${most}` })
    .transform((names) => [...new Set(names)]);

const channel = z.enum(CHANNELS);
const exchange = z.enum(EXCHANGES);
const symbol = z
  .string()
  .regex(/^[\p{L}\p{N}]{1,20}$/u)
  .transform((text) => text.toUpperCase());

const id = z.union([z.string().min(1).max(64), z.int()], { error: "must be a text of 1 to 64 characters, or a whole number" });

const subscribe = z.strictObject({
  op: z.literal("subscribe"),
  id,
  channels: oneOrMore(channel, CHANNELS.length, `one of ${CHANNELS.join(", ")}`).optional(),
  symbol: oneOrMore(symbol, MAX_SYMBOLS, "a base asset such as BTC").optional(),
  exchange: oneOrMore(exchange, EXCHANGES.length, `one of ${EXCHANGES.join(", ")}`).optional(),
  side: z.enum(POSITION_SIDES, { error: `must be one of ${POSITION_SIDES.join(", ")}` }).optional(),
  min_usd: z.number({ error: "must be an amount of USD such as 100000" }).min(0).max(1e15).optional(),
  include: z.literal("inferred", { error: "must be inferred" }).optional(),
});
const unsubscribe = z.strictObject({ op: z.literal("unsubscribe"), id });
const ack = z.strictObject({ op: z.literal("ack"), id: id.optional(), n: z.int({ error: "must be the n of a beat" }) });
const ping = z.strictObject({ op: z.literal("ping"), id: id.optional() });

/**
 * A message from the client of a WebSocket. `id` names a subscription, for `unsubscribe`; every answer repeats it.
 */
export const clientMessage = z.discriminatedUnion("op", [subscribe, unsubscribe, ack, ping], {
  error: "op must be one of subscribe, unsubscribe, ack, ping",
});
export type ClientMessage = z.output<typeof clientMessage>;

export type ReadMessage =
  | { readonly kind: "message"; readonly message: ClientMessage }
  | { readonly kind: "refused"; readonly id: string | number | null; readonly detail: string };

/** Reads a message; what cannot be read is refused with what was wrong and what is allowed. */
export function readMessage(text: string): ReadMessage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "refused", id: null, detail: "the message is not JSON" };
  }
  const { data, error } = clientMessage.safeParse(value, { reportInput: true });
  if (data !== undefined) return { kind: "message", message: data };
  const given = typeof value === "object" && value !== null && "id" in value ? id.safeParse(value.id).data : undefined;
  return { kind: "refused", id: given ?? null, detail: error.issues.map(describe).join("; ") };
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys") return `${issue.keys.join(", ")}: is not a field of this message`;
  const missing = issue.code === "invalid_type" && issue.input === undefined && issue.path.length > 0;
  const path = issue.path.join(".");
  return path === "" || issue.message.startsWith(path) ? issue.message : `${path}: ${missing ? "is required" : issue.message}`;
}

/** The filter of a subscription. */
export function filterOf(asked: Extract<ClientMessage, { readonly op: "subscribe" }>): StreamFilter {
  return {
    channels: asked.channels ?? DEFAULT_CHANNELS,
    symbols: asked.symbol ?? null,
    exchanges: asked.exchange ?? null,
    side: asked.side ?? null,
    min_usd: asked.min_usd ?? null,
    inferred: asked.include === "inferred",
  };
}
