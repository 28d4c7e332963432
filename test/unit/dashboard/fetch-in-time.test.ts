import { once } from "node:events";
import { type Server, createServer } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fetchInTime } from "../../../dashboard/src/api/fetch-in-time.ts";

const LIMIT_MS = 100;
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === "/silent") return;
    response.writeHead(200).write("first, ");
    setTimeout(() => response.end("last"), 3 * LIMIT_MS);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  url = typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : "";
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test("a body may take longer than an answer may take to begin", async () => {
  const response = await fetchInTime(new Request(`${url}/file`), LIMIT_MS);
  expect(await response.text()).toBe("first, last");
});

test("an answer that does not begin is a timeout", async () => {
  await expect(fetchInTime(new Request(`${url}/silent`), LIMIT_MS)).rejects.toMatchObject({ name: "TimeoutError" });
});
