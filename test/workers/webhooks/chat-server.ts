import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A message as the chat shows it. */
export interface ShownChatMessage {
  readonly id: string;
  /** Text that is shown, and that a phone notifies with. */
  text: string;
  edits: number;
  readonly replyTo: string | null;
}

interface Chat {
  readonly messages: ShownChatMessage[];
  /** Seconds of the `Retry-After` of the next requests, one for each request. */
  readonly busy: number[];
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

type Body = Readonly<Record<string, unknown>>;
type Channel = (chat: Chat, method: string, url: URL, body: Body) => Answer;

/**
 * Telegram, Discord and Slack as far as their documentation says what they do with a message: their limits, the ids they return, what
 * they refuse to edit, and how each says that it is busy. A chat is a name in the path: `/telegram/<name>/bot…`, `/discord/<name>/…`,
 * `/slack/<name>/…`. `GET /chat/<name>` shows it, `POST /busy/<name>` gives the waits of the next requests, and
 * `POST /delete/<name>` deletes its messages.
 */
export async function startChatServer(): Promise<{ readonly url: string; stop(): void }> {
  const chats = new Map<string, Chat>();
  const server = createServer((request, response) => void answer(request, response, chats));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, chats: Map<string, Chat>): Promise<void> {
  let text = "";
  for await (const part of request) text += String(part);
  const url = new URL(request.url ?? "/", "http://chat.test");
  const [, action = "", name = ""] = url.pathname.split("/");
  const chat = chats.get(name) ?? { messages: [], busy: [] };
  chats.set(name, chat);
  const body = (text === "" ? {} : JSON.parse(text)) as Body;
  const { status, headers, body: said } = act(action, chat, request.method ?? "", url, body);
  response.writeHead(status, { "content-type": typeof said === "string" ? "text/plain" : "application/json", ...headers });
  response.end(typeof said === "string" ? said : JSON.stringify(said));
}

function act(action: string, chat: Chat, method: string, url: URL, body: Body): Answer {
  if (action === "chat") return { status: 200, body: { messages: chat.messages } };
  if (action === "busy") chat.busy.push(...(body["seconds"] as number[]));
  if (action === "delete") chat.messages.length = 0;
  const channel = CHANNELS[action];
  if (channel === undefined) return { status: 200, body: "ok" };
  const wait = chat.busy.shift();
  return wait === undefined ? channel(chat, method, url, body) : busyAnswer(action, wait);
}

/** How each channel says that it is busy: Telegram in its body alone, Slack in a header alone, Discord in both. */
function busyAnswer(channel: string, seconds: number): Answer {
  const status = 429;
  if (channel === "slack") return { status, headers: { "Retry-After": String(seconds) }, body: "rate_limited" };
  if (channel === "discord") {
    const body = { message: "You are being rate limited.", retry_after: seconds, global: false };
    return { status, headers: { "Retry-After": String(seconds), "X-RateLimit-Scope": "shared" }, body };
  }
  const description = `Too Many Requests: retry after ${seconds}`;
  return { status, body: { ok: false, error_code: 429, description, parameters: { retry_after: seconds } } };
}

const CHANNELS: Readonly<Record<string, Channel>> = { telegram, discord, slack };

function refuse(description: string): Answer {
  return { status: 400, body: { ok: false, error_code: 400, description: `Bad Request: ${description}` } };
}

function telegram(chat: Chat, _method: string, url: URL, body: Body): Answer {
  const text = parsedHtml(String(body["text"]));
  if (text === null) return refuse("can't parse entities");
  if (text.length > 4_096) return refuse("message is too long");
  const id = String(body["message_id"]);
  if (url.pathname.endsWith("/editMessageText")) {
    const message = chat.messages.find((shown) => shown.id === id);
    if (message === undefined) return refuse("message to edit not found");
    if (message.text === text)
      return refuse("message is not modified: specified new message content and reply markup are exactly the same");
    message.text = text;
    message.edits += 1;
    return { status: 200, body: { ok: true, result: { message_id: Number(id) } } };
  }
  const { message_id } = (body["reply_parameters"] ?? {}) as { readonly message_id?: number };
  const exists = chat.messages.some((shown) => shown.id === String(message_id));
  const made = add(chat, text, exists ? String(message_id) : null);
  return { status: 200, body: { ok: true, result: { message_id: Number(made), chat: { id: -100 }, text } } };
}

/** The text without its tags; null where they do not match. */
function parsedHtml(html: string): string | null {
  const open: string[] = [];
  for (const [, slash, tag = ""] of html.matchAll(/<(\/?)([a-z]+)(?: href="[^"<>]*")?>/g)) {
    if (!["a", "b", "i", "code"].includes(tag)) return null;
    if (slash === "") open.push(tag);
    else if (open.pop() !== tag) return null;
  }
  const text = html.replaceAll(/<\/?[a-z]+(?: href="[^"<>]*")?>/g, "");
  if (open.length > 0 || /[<>]/.test(text)) return null;
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
}

function discord(chat: Chat, method: string, url: URL, body: Body): Answer {
  const content = String(body["content"]);
  if (content === "" || content.length > 2_000) return { status: 400, body: { code: 50_035, message: "Invalid Form Body" } };
  if (method === "PATCH") {
    const message = chat.messages.find(({ id }) => url.pathname.endsWith(`/messages/${id}`));
    if (message === undefined) return { status: 404, body: { message: "Unknown Message", code: 10_008 } };
    message.text = content;
    message.edits += 1;
    return { status: 200, body: { id: message.id, content } };
  }
  const id = add(chat, content, null);
  // The id stands behind the embeds: a long message pushes it beyond the first kilobytes.
  const made = { type: 0, content, embeds: body["embeds"], filler: "x".repeat(4_096), id, channel_id: "7" };
  return url.searchParams.get("wait") === "true" ? { status: 200, body: made } : { status: 204, body: "" };
}

function slack(chat: Chat, method: string, _url: URL, body: Body): Answer {
  const blocks = body["blocks"] as readonly { readonly type: string; readonly text?: { readonly text: string } }[];
  const isValid =
    method === "POST" &&
    blocks.length <= 50 &&
    blocks.every(({ type, text }) => (text?.text.length ?? 1) <= (type === "header" ? 150 : 3_000));
  if (!isValid) return { status: 400, body: "invalid_blocks" };
  add(chat, String(body["text"]), null);
  return { status: 200, body: "ok" };
}

function add({ messages }: Chat, text: string, replyTo: string | null): string {
  const id = String(messages.length + 42);
  messages.push({ id, text, edits: 0, replyTo });
  return id;
}
