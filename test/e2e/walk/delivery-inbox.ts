import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Delivery {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: { readonly type: string };
}

/** A server that takes every delivery and keeps it. */
export async function startInbox(): Promise<{ readonly url: string; readonly deliveries: readonly Delivery[]; stop(): void }> {
  const deliveries: Delivery[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      let text = "";
      for await (const part of request) text += String(part);
      deliveries.push({ headers: request.headers, body: JSON.parse(text) as Delivery["body"] });
      response.writeHead(204).end();
    })();
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, deliveries, stop: () => server.close() };
}
