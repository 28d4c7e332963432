import { env } from "cloudflare:workers";

/** What an inbox of the receiver answers to one request. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Leaves the request without an answer until it is released. */
  readonly hold?: boolean;
}

export interface Received {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const RECEIVER_URL = (env as unknown as { readonly WEBHOOK_RECEIVER_URL: string }).WEBHOOK_RECEIVER_URL;

/** An inbox of its own at the receiver, answering with these replies and then with 200. */
export async function openInbox(replies: readonly Reply[] = []) {
  const name = crypto.randomUUID();
  await ask(`/script/${name}`, { method: "POST", body: JSON.stringify(replies) });
  return {
    url: `${RECEIVER_URL}/hook/${name}`,
    received: async () => (await (await fetch(`${RECEIVER_URL}/inbox/${name}`)).json()) as readonly Received[],
    release: () => ask(`/release/${name}`, { method: "POST" }),
  };
}

async function ask(path: string, init: RequestInit): Promise<void> {
  await (await fetch(`${RECEIVER_URL}${path}`, init)).text();
}
