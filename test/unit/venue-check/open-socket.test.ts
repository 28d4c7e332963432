import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { socketFetch } from "../../../scripts/venue-check/open-socket.ts";

test("a refusal that never ends is read up to 4,000 bytes, and its connection is closed", async () => {
  const server = createServer();
  const closed = new Promise<void>((resolve) => {
    server.on("upgrade", (_request, socket) => {
      socket.write("HTTP/1.1 403 Forbidden\r\nServer: gateway\r\nTransfer-Encoding: chunked\r\n\r\n");
      const write = () => void socket.write(`64\r\n${"x".repeat(100)}\r\n`, (error) => (error ? undefined : setImmediate(write)));
      socket.on("error", () => undefined);
      socket.on("close", resolve);
      write();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const response = await socketFetch(() => undefined)(url, { headers: { Upgrade: "websocket" } });
  expect(response.status).toBe(403);
  expect(response.headers.get("server")).toBe("gateway");
  expect(await response.text()).toBe("x".repeat(4_000));
  await closed;
  server.close();
});
