import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";

/** A server before a venue's sockets that changes the text of each frame, as if the venue had changed. */
export async function startTamperedVenue(url: string, change: (text: string) => string): Promise<{ readonly url: string; stop(): void }> {
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (client, request) => {
    const venue = new WebSocket(`${url.replace(/^http/, "ws")}${request.url ?? ""}`);
    const waiting: string[] = [];
    client.on("message", (data: Buffer) => {
      if (venue.readyState === WebSocket.OPEN) venue.send(String(data));
      else waiting.push(String(data));
    });
    venue.on("open", () => {
      for (const text of waiting.splice(0)) venue.send(text);
    });
    venue.on("message", (data: Buffer) => client.send(change(String(data))));
    venue.on("close", () => client.close());
    client.on("close", () => venue.close());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      server.close();
    },
  };
}
