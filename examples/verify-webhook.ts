/**
 * Receives webhooks, verifies their signatures (Standard Webhooks 1.0) and prints each event once.
 *
 *   WEBHOOK_SECRET=whsec_… npx node examples/verify-webhook.ts --port 8080
 *
 * The secret is in the answer of POST /v1/webhooks. No package is needed.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { parseArgs } from "node:util";

/** A delivery further off than this is refused: it may have been recorded and sent again. */
const TOLERANCE_S = 300;

export interface SignedHeaders {
  readonly id: string;
  /** Seconds since 1970, as text. */
  readonly timestamp: string;
  /** One or more `v1,<base64>`, separated by spaces: two for 24 h after a rotation. */
  readonly signature: string;
}

/** Why a delivery is not to be trusted; null where it is. `now` is in seconds since 1970. */
export function refusalOf({ id, timestamp, signature }: SignedHeaders, body: string, secret: string, now: number): string | null {
  if (!/^\d+$/.test(timestamp) || Math.abs(now - Number(timestamp)) > TOLERANCE_S) return "the timestamp is too far off";
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const expected = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest();
  const isSigned = signature.split(" ").some((part) => {
    const [version, value = ""] = part.split(",", 2);
    const given = Buffer.from(value, "base64");
    return version === "v1" && given.length === expected.length && timingSafeEqual(given, expected);
  });
  return isSigned ? null : "no signature fits";
}

/** Answers 204 to what is signed and 401 to all else. Delivery is at least once, so ids that were seen are passed over. */
function receive(secret: string, port: number): void {
  const seen = new Set<string>();
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString("utf8");
    const header = (name: string) => String(request.headers[name] ?? "");
    const headers = { id: header("webhook-id"), timestamp: header("webhook-timestamp"), signature: header("webhook-signature") };
    const refusal = refusalOf(headers, body, secret, Date.now() / 1000);
    response.writeHead(refusal === null ? 204 : 401).end();
    if (refusal !== null) console.error(`refused: ${refusal}`);
    else if (!seen.has(headers.id)) {
      seen.add(headers.id);
      console.log(body);
    }
  });
  server.listen(port, "127.0.0.1", () => {
    const address = server.address();
    console.log(`Waiting for webhooks on http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : port}`);
  });
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { port: { type: "string", default: "8080" } } });
  const secret = process.env["WEBHOOK_SECRET"];
  if (secret === undefined || !secret.startsWith("whsec_")) {
    console.error("WEBHOOK_SECRET must be the endpoint's secret, which begins with whsec_");
    process.exit(2);
  }
  receive(secret, Number(values.port));
}
