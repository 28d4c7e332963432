import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import type * as Ws from "ws";

// Loaded by require, since the import resolves to the package's browser stub here.
const { WebSocketServer } = createRequire(import.meta.url)("ws") as typeof Ws;

type Fields = Readonly<Record<string, unknown>>;

/** The answer to a subscription in the words of a venue. */
type Answer = (request: Fields, isAccepted: (topic: string) => boolean) => string | Buffer;

/** By the path of the socket. */
const VENUES: Readonly<Record<string, Answer>> = {
  "/ws": (request, isAccepted) => {
    const subscription = request["subscription"] as Fields;
    if (isAccepted(String(subscription["type"]))) return JSON.stringify({ channel: "subscriptionResponse", data: request });
    return JSON.stringify({ channel: "error", data: `Invalid subscription ${JSON.stringify(subscription)}` });
  },
  "/swap-market": ({ id, dataType }, isAccepted) =>
    gzipSync(JSON.stringify(isAccepted(String(dataType)) ? { id, code: 0, msg: "" } : { id, code: 80015, msg: "dataType not support" })),
  "/edge": ({ method }, isAccepted) =>
    JSON.stringify(isAccepted(String(method)) ? { channel: `rs.${String(method)}`, data: "success" } : { channel: "rs.error", data: "no" }),
};

const CONTROLS: ReadonlySet<string> = new Set(["allMids", "BTC-USDT@lastPrice", "sub.ticker"]);

/**
 * The sockets of the venues that are not collected. The first part of the path says which candidate they accept, `none` for
 * none of them, `refused` to refuse the upgrade.
 */
export async function startProbedVenues(): Promise<{ readonly url: string; stop(): void }> {
  const server = createServer((_request, response) => response.writeHead(404).end());
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    const [, accepted = "", ...path] = decodeURIComponent(request.url ?? "").split("/");
    const answer = VENUES[`/${path.join("/")}`];
    if (answer === undefined || accepted === "refused") {
      socket.end("HTTP/1.1 451 Unavailable For Legal Reasons\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      if (path[0] === "swap-market") client.send(gzipSync("Ping"));
      client.on("message", (data) => {
        const text = String(data);
        if (text === "Pong") return;
        client.send(answer(JSON.parse(text) as Fields, (topic) => CONTROLS.has(topic) || topic === accepted));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      sockets.close();
      server.close();
      server.closeAllConnections();
    },
  };
}
