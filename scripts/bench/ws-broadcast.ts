import { WebSocketServer } from "ws";

/*
 * The peer of the stream's benchmark, a process of its own: a server of `ws` that sends each line it is sent to all its
 * clients. It reports its port, and its processor time on request.
 */

const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
server.on("listening", () => process.send?.({ port: (server.address() as { readonly port: number }).port }));
process.on("message", (text: string) => {
  if (text === "cpu") {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuSeconds: (user + system) / 1e6 });
    return;
  }
  for (const client of server.clients) client.send(text);
});
