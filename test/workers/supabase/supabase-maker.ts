import { type IncomingMessage, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type EmbeddedSupabase, startSupabase } from "../../../scripts/supabase/embedded.ts";
import type { SupabaseOrder, SupabaseStack } from "./supabase-stack.ts";

// A process of its own, as tests in workerd cannot start any. Starts a Supabase project for each `POST /start`, none
// before; `POST /order/<n>` tells the nth what to do. Prints its address, and ends with SIGTERM.

const stacks: EmbeddedSupabase[] = [];

async function handle(request: IncomingMessage): Promise<unknown> {
  let body = "";
  for await (const part of request) body += String(part);
  const [, action, index] = (request.url ?? "").split("/");
  if (action === "start") {
    const stack = await startSupabase({ dataDir: null });
    const { url, secretKey } = stack;
    return { index: stacks.push(stack) - 1, url, secretKey } satisfies SupabaseStack;
  }
  const stack = stacks[Number(index)];
  if (stack === undefined) throw new RangeError(`no stack ${index}`);
  return obey(stack, JSON.parse(body) as SupabaseOrder);
}

async function obey(stack: EmbeddedSupabase, order: SupabaseOrder): Promise<unknown> {
  switch (order.kind) {
    case "query": {
      const rows = await stack.query(order.sql);
      if (order.changesSchema === true) await stack.reloadSchema();
      return rows;
    }
    case "fail":
      return stack.fail(order.fault);
    case "pause":
      return stack.pause();
    case "resume":
      return stack.resume();
    case "requests":
      return stack.requests();
  }
}

const server = createServer((request, response) => {
  handle(request).then(
    (answer) => response.end(JSON.stringify(answer ?? null)),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
process.once("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
  void Promise.all(stacks.map((stack) => stack.stop())).finally(() => process.exit());
});
