import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface ApiCall {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

export interface CloudflareApi {
  readonly url: string;
  readonly calls: readonly ApiCall[];
  stop(): void;
}

/** Stands in for Cloudflare's API where wrangler meets it: takes everything, and answers as if it had been done. */
export async function startCloudflareApi(): Promise<CloudflareApi> {
  const calls: ApiCall[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      let text = "";
      for await (const part of request) text += String(part);
      const body: unknown = text === "" ? null : JSON.parse(text);
      calls.push({ method: request.method ?? "", path: request.url ?? "", body });
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify({ success: true, errors: [], messages: [], result: resultOf(request.url ?? "", body) }));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/client/v4`, calls, stop: () => server.close() };
}

/** What was sent comes back as what was made. */
function resultOf(path: string, body: unknown): object {
  const made = { id: "0123456789abcdef0123456789abcdef", created_at: "2026-11-22T00:00:00Z", modified_at: "2026-11-22T00:00:00Z" };
  if (path.endsWith("/validate_sql")) return { tables: {} };
  if (path.includes("/r2-catalog/")) return { ...made, name: "account_bucket" };
  return { ...made, ...(typeof body === "object" ? body : {}) };
}
