import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Received, Reply } from "./webhook-inbox.ts";

interface Inbox {
  readonly received: Received[];
  readonly script: Reply[];
  readonly held: ServerResponse[];
}

/**
 * A server webhooks are sent to. Each inbox is a path of its own, `POST /hook/<name>`, and answers 200 unless
 * `POST /script/<name>` gave it other replies, one a request. `GET /inbox/<name>` lists what came, and
 * `POST /release/<name>` answers the requests whose reply was to be held back.
 */
export async function startWebhookReceiver(): Promise<{ readonly url: string; stop(): void }> {
  const inboxes = new Map<string, Inbox>();
  const inboxOf = (name: string): Inbox => {
    const inbox = inboxes.get(name) ?? { received: [], script: [], held: [] };
    inboxes.set(name, inbox);
    return inbox;
  };
  const server = createServer((request, response) => void answer(request, response, inboxOf));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, inboxOf: (name: string) => Inbox): Promise<void> {
  let body = "";
  for await (const part of request) body += String(part);
  const [, action = "", name = ""] = (request.url ?? "").split(/[/?]/);
  const inbox = inboxOf(name);
  if (action === "script") {
    inbox.script.push(...(JSON.parse(body) as Reply[]));
    response.end();
  } else if (action === "inbox") {
    response.end(JSON.stringify(inbox.received));
  } else if (action === "release") {
    for (const held of inbox.held.splice(0)) held.end();
    response.end();
  } else {
    inbox.received.push({ path: request.url ?? "", headers: request.headers as Record<string, string>, body });
    const reply = inbox.script.shift() ?? { status: 200 };
    response.writeHead(reply.status, reply.headers);
    if (reply.hold === true) inbox.held.push(response);
    else response.end(reply.body ?? "ok");
  }
}
