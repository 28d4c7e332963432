import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { LiquidationsClient } from "../../clients/typescript/src/index.ts";

const PYTHON_CLIENT = resolve(import.meta.dirname, "../../clients/python");

/** Debian's own python3 goes first: it has Debian's pandas, where that is installed. */
export const PYTHON = ["/usr/bin/python3", "python3"].find((path) => path === "python3" || existsSync(path)) ?? "python3";

/** What is counted of an item of a stream. */
interface Item {
  readonly type: string;
  /** Of a gap, the request that fills it. */
  readonly request?: string | null;
  readonly event_id?: string | null;
}

/** What one client got. */
export class Received {
  readonly client: string;
  readonly #items: Item[] = [];
  readonly #ids = new Map<string, number>();
  #newSinceHello = 0;

  constructor(client: string) {
    this.client = client;
  }

  take(item: Item): void {
    const { type, event_id: id } = item;
    if (type === "hello") this.#newSinceHello = 0;
    if (typeof id !== "string") return void this.#items.push(item);
    this.#ids.set(id, (this.#ids.get(id) ?? 0) + 1);
    this.#newSinceHello += 1;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** Distinct liquidations. */
  get liquidations(): number {
    return this.#ids.size;
  }

  get receivedAgain(): number {
    return [...this.#ids.values()].reduce((sum, times) => sum + times - 1, 0);
  }

  get hasLiquidationSinceHello(): boolean {
    return this.#newSinceHello > 0;
  }

  /** The number of items of a type other than `liquidation`. */
  count(type: string): number {
    return this.#items.filter((item) => item.type === type).length;
  }

  /** The requests that fill the gaps which the server named, oldest first. */
  get gapRequests(): readonly string[] {
    return this.#items.flatMap(({ type, request }) => (type === "gap" && typeof request === "string" ? [request] : []));
  }
}

/** Clients that follow the liquidations of a stream. */
export interface Consumer {
  readonly clients: readonly Received[];
  /** What went wrong in a client, as far as it has ended; empty while all is well. */
  readonly error: string;
  stop(): Promise<void>;
}

export function followInTypescript(url: string): Consumer {
  const received = new Received("TypeScript");
  const end = new AbortController();
  let error = "";
  const follow = async () => {
    for await (const item of new LiquidationsClient({ url }).stream({ channels: ["liquidation"], signal: end.signal })) {
      received.take(item.type === "liquidation" ? { type: item.type, event_id: item.data.event_id } : item);
    }
  };
  const following = follow().catch((reason: unknown) => void (error = String(reason)));
  return {
    clients: [received],
    get error() {
      return error;
    },
    async stop() {
      end.abort();
      await following;
    },
  };
}

/** Follows it in a process of Python, once by the synchronous client and once by the asynchronous one. */
export function followInPython(url: string): Consumer {
  const clients = { sync: new Received("Python"), async: new Received("Python, asynchronous") };
  const child: ChildProcessWithoutNullStreams = spawn(PYTHON, ["-m", "tests.kill_consumer", url], { cwd: PYTHON_CLIENT });
  let error = "";
  child.stderr.on("data", (part: Buffer) => (error += part.toString()));
  child.on("error", (reason) => (error += String(reason)));
  createInterface({ input: child.stdout }).on("line", (text) => {
    const { client, ...item } = JSON.parse(text) as Item & { readonly client: keyof typeof clients };
    clients[client].take(item);
  });
  return {
    clients: [clients.sync, clients.async],
    get error() {
      return error;
    },
    stop() {
      child.stdin.end();
      return Promise.resolve();
    },
  };
}
