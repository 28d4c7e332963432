import { once } from "node:events";
import { type AddressInfo, type Socket, connect, createServer } from "node:net";

/** A proxy on this machine whose connections can be cut without a word, as a network does it. */
export interface CutProxy {
  /** Its address, which stays the same whatever is behind it. */
  readonly url: string;
  cut(): void;
  /** New connections go to another server on this machine; null refuses them. */
  pointAt(url: string | null): void;
  stop(): void;
}

export async function startCutProxy(target: string | null): Promise<CutProxy> {
  let port = portOf(target);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
  };
  const server = createServer((client) => {
    keep(client);
    if (port === null) return client.destroy();
    const worker = connect(port, "127.0.0.1");
    keep(worker);
    // A server that was killed takes its clients with it.
    worker.on("close", () => client.destroy());
    client.on("close", () => worker.destroy());
    client.pipe(worker).pipe(client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    pointAt: (url) => (port = portOf(url)),
    stop() {
      cut();
      server.close();
    },
  };
}

function portOf(url: string | null): number | null {
  return url === null ? null : Number(new URL(url).port);
}
