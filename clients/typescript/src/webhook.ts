import { hmacKey } from "../../../src/webhooks/signature.ts";
import type { WebhookEvent } from "./api.d.ts";
import { LiquidationsError } from "./problem-errors.ts";

/** A delivery that must not be trusted: answer it with 401. */
export class WebhookVerificationError extends LiquidationsError {}

export interface SignedDelivery {
  /** The endpoint's secret, `whsec_…`; several while one replaces another. */
  readonly secret: string | readonly string[];
  /** The request's headers: `Headers`, or an object as Node has it. */
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The request's body as it came, not parsed and written again. */
  readonly body: string | Uint8Array;
  /** How far the delivery's time may be off, ms (default 300,000): an older one may have been recorded and sent again. */
  readonly toleranceMs?: number;
  /** The time of now, ms. */
  readonly now?: number;
}

export interface VerifiedDelivery {
  /** The same for every attempt: delivery is at least once, so pass over ids that you have seen. */
  readonly id: string;
  /** When it was sent, ms. */
  readonly time: number;
  readonly event: WebhookEvent;
}

const TOLERANCE_MS = 300_000;

/**
 * Verifies a delivery of a webhook (Standard Webhooks 1.0) and returns its event.
 * @throws {WebhookVerificationError} saying why it must not be trusted
 * @throws {RangeError} where a secret is none
 */
export async function verifyWebhook(delivery: SignedDelivery): Promise<VerifiedDelivery> {
  const { secret, headers, body, toleranceMs = TOLERANCE_MS, now = Date.now() } = delivery;
  const [id, timestamp, signature] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => headerOf(headers, name));
  if (id === undefined || timestamp === undefined || signature === undefined) {
    throw new WebhookVerificationError("The headers webhook-id, webhook-timestamp and webhook-signature are not all there.");
  }
  const time = Number(timestamp) * 1_000;
  if (!/^\d+$/.test(timestamp) || Math.abs(now - time) > toleranceMs) {
    throw new WebhookVerificationError(`The timestamp ${JSON.stringify(timestamp)} is more than ${toleranceMs / 1_000} s off.`);
  }
  const text = typeof body === "string" ? body : new TextDecoder().decode(body);
  const content = new TextEncoder().encode(`${id}.${timestamp}.${text}`);
  const keys = await Promise.all((typeof secret === "string" ? [secret] : secret).map(keyOf));
  const given = signature.split(" ").flatMap(bytesOfSignature);
  // The platform's own comparison takes the same time whatever differs.
  const fits = await Promise.all(keys.flatMap((key) => given.map((bytes) => crypto.subtle.verify("HMAC", key, bytes, content))));
  if (!fits.includes(true)) throw new WebhookVerificationError("No signature fits the secret.");
  return { id, time, event: JSON.parse(text) as WebhookEvent };
}

function headerOf(headers: SignedDelivery["headers"], name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  const value = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return typeof value === "object" ? value[0] : value;
}

async function keyOf(secret: string): Promise<CryptoKey> {
  if (!secret.startsWith("whsec_")) throw new RangeError("a secret is not one; allowed: the endpoint's secret, which begins with whsec_");
  return hmacKey(secret, "verify");
}

/** The bytes of `v1,<base64>`; nothing where it is another version or no base64. */
function bytesOfSignature(text: string): readonly Uint8Array<ArrayBuffer>[] {
  const [version, value = ""] = text.split(",", 2);
  try {
    return version === "v1" ? [Uint8Array.from(atob(value), (character) => character.charCodeAt(0))] : [];
  } catch {
    return [];
  }
}
