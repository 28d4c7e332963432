import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What the server was asked. */
export interface Asked {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Answers one request; the last of several goes on for those after. */
export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export interface ModelServer {
  readonly url: string;
  readonly asked: readonly Asked[];
  answers(...answers: readonly Answer[]): void;
  stop(): Promise<void>;
}

/** An OpenAI-compatible server on loopback with answers that the test sets. */
export async function startModelServer(): Promise<ModelServer> {
  const asked: Asked[] = [];
  let queue: Answer[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      let text = "";
      for await (const part of request) text += String(part);
      asked.push({ path: request.url ?? "", authorization: request.headers.authorization, body: JSON.parse(text) });
      const answer = queue.length > 1 ? queue.shift() : queue[0];
      answer?.(response, request);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answers(...answers) {
      queue = [...answers];
      asked.length = 0;
    },
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** A chat completion with this content. */
export function completion(content: string | null, finishReason = "stop"): Answer {
  return json(200, {
    id: "1",
    object: "chat.completion",
    created: 1,
    model: "deepseek-flash",
    choices: [{ index: 0, finish_reason: finishReason, message: { role: "assistant", content } }],
    usage: { prompt_tokens: 1_000, completion_tokens: 50, total_tokens: 1_050 },
  });
}

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return (response) => response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(body));
}

/** Says that an answer comes, begins it and goes no further. */
export const stalled: Answer = (response) => void response.writeHead(200, { "Content-Type": "application/json" }).write('{"id":');
/** Sends a completion that goes on for ever, until the other side hangs up; what it sent is counted. */
export function endless(sent: { bytes: number }): Answer {
  return (response) => {
    response.writeHead(200, { "Content-Type": "application/json" });
    const part = "x".repeat(16_384);
    const send = () => {
      while (!response.destroyed && response.write(part)) sent.bytes += part.length;
    };
    response.on("drain", send).on("error", () => undefined);
    response.write('{"choices":[{"finish_reason":"stop","message":{"content":"');
    send();
  };
}
/** Never says anything. */
export const silent: Answer = () => undefined;
export const hangUp: Answer = (response) => void response.destroy();
