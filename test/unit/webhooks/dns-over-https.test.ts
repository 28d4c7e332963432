import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dnsOverHttps } from "../../../src/webhooks/dns-over-https.ts";

/** A name server that speaks DNS in JSON, as Cloudflare's does. */
const RECORDS: Readonly<Record<string, object>> = {
  "two.example.org/1": {
    Status: 0,
    Answer: [
      { name: "two.example.org", type: 5, TTL: 1, data: "alias.example.org." },
      { name: "alias.example.org", type: 1, TTL: 1, data: "93.184.216.34" },
    ],
  },
  "two.example.org/28": { Status: 0, Answer: [{ name: "alias.example.org", type: 28, TTL: 1, data: "2606:2800::1" }] },
  "none.example.org/1": { Status: 3 },
  "none.example.org/28": { Status: 3 },
  "broken.example.org/1": { Status: 2 },
  "broken.example.org/28": { Status: 0 },
};
let server: Server;
let url = "";

beforeAll(async () => {
  server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? "", "http://name.server");
    const record = RECORDS[`${searchParams.get("name")}/${searchParams.get("type")}`];
    if (record === undefined || request.headers.accept !== "application/dns-json") response.writeHead(500);
    response.end(JSON.stringify(record));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/dns-query`;
});
afterAll(() => {
  server.close();
});

test("gives a name's IPv4 and IPv6 addresses, without the aliases before them", async () => {
  expect(await dnsOverHttps(fetch, url)("two.example.org")).toEqual(["93.184.216.34", "2606:2800::1"]);
});

test("gives nothing for a name that does not exist", async () => {
  expect(await dnsOverHttps(fetch, url)("none.example.org")).toEqual([]);
});

test("throws where the answer is not known, so that nobody takes it for none", async () => {
  await expect(dnsOverHttps(fetch, url)("broken.example.org")).rejects.toThrow("code 2");
  await expect(dnsOverHttps(fetch, url)("unknown.example.org")).rejects.toThrow("HTTP 500");
});
