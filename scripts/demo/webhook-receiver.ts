import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { askApi } from "./api-client.ts";

/** An event as it was delivered, its signature verified. */
export interface ReceivedEvent {
  readonly type: string;
  /** ms */
  readonly receivedTime: number;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface WebhookReceiver {
  readonly url: string;
  /** The secret that the Worker gave when the endpoint was made; until then everything is refused. */
  trust(secret: string): void;
  readonly events: readonly ReceivedEvent[];
  /** Deliveries whose signature did not verify. */
  readonly refused: number;
  stop(): void;
}

/** A receiver of webhooks that takes only what is signed: verification by the official library of the standard. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const events: ReceivedEvent[] = [];
  const seen = new Set<string>();
  let refused = 0;
  let webhook: Webhook | null = null;
  const take = (body: string, headers: Record<string, string>): boolean => {
    try {
      if (webhook === null) return false;
      const { type, data } = webhook.verify(body, headers) as { type: string; data: Record<string, unknown> };
      const id = headers["webhook-id"] ?? "";
      if (seen.has(id)) return true;
      seen.add(id);
      events.push({ type, data, receivedTime: Date.now() });
      return true;
    } catch {
      return false;
    }
  };
  const server = createServer((request, response) => {
    void (async () => {
      let body = "";
      for await (const part of request) body += String(part);
      const taken = take(body, request.headers as Record<string, string>);
      if (!taken) refused += 1;
      response.writeHead(taken ? 204 : 401).end();
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    trust(secret) {
      webhook = new Webhook(secret);
    },
    events,
    get refused() {
      return refused;
    },
    stop: () => server.close(),
  };
}

const DESCRIPTION = "the receiver of npm run demo";

interface Endpoint {
  readonly id: string;
  readonly description: string | null;
}

/** Makes the receiver an endpoint of the Worker, in the place of one that an earlier run with the same state has left. */
export async function subscribe(workerUrl: string, adminToken: string, receiver: WebhookReceiver): Promise<void> {
  const left = await askApi<readonly Endpoint[]>(workerUrl, "/v1/webhooks", adminToken);
  for (const { id, description } of left) {
    if (description === DESCRIPTION) await askApi(workerUrl, `/v1/webhooks/${id}`, adminToken, { method: "DELETE" });
  }
  const body = JSON.stringify({ url: receiver.url, description: DESCRIPTION });
  const { secret } = await askApi<{ secret: string }>(workerUrl, "/v1/webhooks", adminToken, { method: "POST", body });
  receiver.trust(secret);
}
