import type { Config } from "../config.ts";
import type { Outgoing } from "./attempt.ts";
import { builtInTarget, isBuiltIn } from "./built-in-endpoints.ts";
import type { QueuedEvent } from "./event.ts";
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

/**
 * The request of an attempt; null where the configuration no longer names a target.
 * @param now time of the attempt, ms
 */
export async function outgoingOf(
  sender: Sender,
  webhookId: string,
  event: QueuedEvent,
  config: Config,
  now: number,
): Promise<Outgoing | null> {
  const { endpointId, secrets } = sender;
  const target = sender.target ?? (isBuiltIn(endpointId) ? builtInTarget(endpointId, config) : null);
  if (target === null) return null;
  const body = bodyOf(event, target);
  if (target.format === "telegram") {
    const token = target.botToken ?? config.TELEGRAM_BOT_TOKEN;
    if (token === null) return null;
    return { url: `${config.TELEGRAM_BASE_URL}/bot${token}/sendMessage`, configured: true, headers: HEADERS, body, secrets: [token] };
  }
  const configured = sender.target === null;
  if (target.format !== "standard") return { url: target.url, configured, headers: HEADERS, body, secrets: secretParts(target.url) };
  const seconds = Math.floor(now / 1_000);
  const headers = {
    ...HEADERS,
    "webhook-id": webhookId,
    "webhook-timestamp": String(seconds),
    "webhook-signature": await signatures(secrets, webhookId, seconds, body),
  };
  return { url: target.url, configured, headers, body, secrets };
}

/** The URL of an incoming webhook is its password, both as a whole and after the last slash. */
function secretParts(url: string): readonly string[] {
  return [url, url.slice(url.lastIndexOf("/") + 1)];
}
