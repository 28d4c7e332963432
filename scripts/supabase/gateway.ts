import { once } from "node:events";
import { createServer, request } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** The fault that the gateway simulates, until it is changed. */
export type Fault =
  /** Returns this instead of passing the request on. */
  | { readonly kind: "answer"; readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> }
  /** Passes the request on, and returns 500 once the database has committed it. */
  | { readonly kind: "lose-answer" }
  /** Passes the request on after this many milliseconds. */
  | { readonly kind: "delay"; readonly ms: number };

export interface GatewayKeys {
  /** An `sb_secret_…` key, for the service role. */
  readonly secretKey: string;
  /** An `sb_publishable_…` key, for `anon`. */
  readonly publishableKey: string;
  readonly serviceRoleToken: string;
  readonly anonToken: string;
}

export interface Gateway {
  readonly url: string;
  /** Number of requests that reached the gateway. */
  requests(): number;
  fail(fault: Fault | null): void;
  close(): Promise<void>;
  reopen(): Promise<void>;
}

const PREFIX = "/rest/v1";

function answer(response: ServerResponse, status: number, body: string, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(body);
}

/**
 * The authorization for PostgREST, as decided by Supabase's gateway; null where it rejects the key. A new-style key
 * counts only in `apikey`: it is not a JWT, so as a bearer token it reaches PostgREST and is rejected there.
 * https://supabase.com/docs/guides/api/api-keys
 */
function authorize(headers: IncomingHttpHeaders, keys: GatewayKeys): string | null {
  const apiKey = headers["apikey"];
  const role = new Map([
    [keys.secretKey, keys.serviceRoleToken],
    [keys.publishableKey, keys.anonToken],
    [keys.serviceRoleToken, keys.serviceRoleToken],
    [keys.anonToken, keys.anonToken],
  ]).get(String(apiKey));
  if (role === undefined) return null;
  return headers.authorization ?? `Bearer ${role}`;
}

async function forward(incoming: IncomingMessage, authorization: string, port: number): Promise<IncomingMessage> {
  const { host: _host, apikey: _apiKey, ...headers } = incoming.headers;
  const path = (incoming.url ?? "").slice(PREFIX.length) || "/";
  const options = { host: "127.0.0.1", port, path, method: incoming.method ?? "GET", headers: { ...headers, authorization } };
  const outgoing = request(options);
  const answered = once(outgoing, "response");
  await Promise.all([pipeline(incoming, outgoing), answered]);
  const [response] = await answered;
  return response;
}

/** Serves PostgREST under `/rest/v1` and checks the keys, like a Supabase project. */
export async function openGateway(port: number, postgrestPort: number, keys: GatewayKeys): Promise<Gateway> {
  let fault: Fault | null = null;
  let requests = 0;

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    requests += 1;
    const active = fault;
    if (active?.kind === "answer") return answer(response, active.status, active.body, active.headers);
    if (!incoming.url?.startsWith(PREFIX)) return answer(response, 404, '{"message":"no Route matched with those values"}');
    const authorization = authorize(incoming.headers, keys);
    if (authorization === null) return answer(response, 401, '{"message":"Invalid API key"}');
    if (active?.kind === "delay") await sleep(active.ms);
    const upstream = await forward(incoming, authorization, postgrestPort);
    if (active?.kind === "lose-answer") {
      upstream.resume();
      return answer(response, 500, '{"message":"An invalid response was received from the upstream server"}');
    }
    response.writeHead(upstream.statusCode ?? 502, upstream.headers);
    await pipeline(upstream, response);
  }

  async function listen(): Promise<Server> {
    const server = createServer((incoming, response) => {
      handle(incoming, response).catch(() => {
        if (response.headersSent) response.destroy();
        else answer(response, 503, '{"message":"name resolution failed"}');
      });
    }).listen(port, "127.0.0.1");
    await once(server, "listening");
    return server;
  }

  let server: Server | null = await listen();
  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => requests,
    fail(next) {
      fault = next;
    },
    async close() {
      if (server === null) return;
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      server = null;
      await closed;
    },
    async reopen() {
      server ??= await listen();
    },
  };
}
