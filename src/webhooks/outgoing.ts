import type { Config } from "../config.ts";
import type { Outgoing } from "./attempt.ts";
import { builtInTarget, isBuiltIn } from "./built-in-endpoints.ts";
import type { QueuedEvent } from "./event.ts";
import { type Update, discordRequest, telegramRequest } from "./formats/chat-request.ts";
import { type Target, bodyOf } from "./formats/format.ts";
import { signatures } from "./signature.ts";

const HEADERS = { "content-type": "application/json", "user-agent": "liquidations-webhooks/1" };

export interface Sender {
  readonly endpointId: string;
  /** Null for a built-in endpoint, whose target comes from the configuration. */
  readonly target: Target | null;
  /** Signing secrets, newest first. */
  readonly secrets: readonly string[];
}

/** The target of a sender; null where the configuration no longer names one. */
export function targetOfSender({ endpointId, target }: Omit<Sender, "secrets">, config: Config): Target | null {
  return target ?? (isBuiltIn(endpointId) ? builtInTarget(endpointId, config) : null);
}

/**
 * The request of an attempt; null where the configuration no longer names a target.
 * @param now time of the attempt, ms
 * @param update what the request does to an earlier message of the chat
 */
export async function outgoingOf(
  sender: Sender,
  webhookId: string,
  event: QueuedEvent,
  config: Config,
  now: number,
  update: Update,
): Promise<Outgoing | null> {
  const target = targetOfSender(sender, config);
  if (target === null) return null;
  const body = bodyOf(event, target, config.PUBLIC_URL);
  if (target.format === "telegram") {
    const token = target.botToken ?? config.TELEGRAM_BOT_TOKEN;
    if (token === null) return null;
    const request = telegramRequest(`${config.TELEGRAM_BASE_URL}/bot${token}`, body, update);
    return { ...request, configured: true, headers: HEADERS, secrets: [token] };
  }
  const shared = { configured: sender.target === null, headers: HEADERS };
  if (target.format === "discord") return { ...discordRequest(target.url, body, update), ...shared, secrets: secretParts(target.url) };
  const text = JSON.stringify(body);
  const post = { method: "POST", url: target.url, body: text, messageId: null, ...shared } as const;
  if (target.format === "slack") return { ...post, secrets: secretParts(target.url) };
  const seconds = Math.floor(now / 1_000);
  const headers = {
    ...HEADERS,
    "webhook-id": webhookId,
    "webhook-timestamp": String(seconds),
    "webhook-signature": await signatures(sender.secrets, webhookId, seconds, text),
  };
  return { ...post, headers, secrets: sender.secrets };
}

/** The URL of an incoming webhook is its password, both as a whole and after the last slash. */
function secretParts(url: string): readonly string[] {
  return [url, url.slice(url.lastIndexOf("/") + 1)];
}
