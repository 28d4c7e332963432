import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, Attack } from "./attack.ts";

const TIMEOUT_MS = 60_000;
const MAX_TRIES = 4;

/**
 * Sends an attack with its path unchanged: `fetch` would normalize it. One that is refused for too many requests is
 * sent again when that is over.
 *
 * @param address of a caller without a key, for a Worker on this machine, where callers may say who they are
 * @throws where no answer came
 */
export async function send(url: string, attack: Attack, address: string | null): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await sendOnce(url, attack, address);
    if (answer.status !== 429 || tries === MAX_TRIES) return answer;
    await sleep(1_000 * Number(answer.headers.get("Retry-After") ?? 10));
  }
}

function sendOnce(url: string, { method = "GET", path, headers, body }: Attack, address: string | null): Promise<Answer> {
  const started = performance.now();
  const { protocol, hostname, port } = new URL(url);
  const from = address === null ? {} : { "CF-Connecting-IP": address };
  const length = body === undefined ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
  const options = { hostname, port, method, path, headers: { ...from, ...headers, ...length }, timeout: TIMEOUT_MS };
  return new Promise((resolve, reject) => {
    const sent = (protocol === "https:" ? httpsRequest : httpRequest)(options, (response) => {
      let text = "";
      const answered = new Headers();
      for (const [name, values] of Object.entries(response.headersDistinct)) for (const value of values ?? []) answered.append(name, value);
      const finish = () => resolve({ status: response.statusCode ?? 0, headers: answered, text, tookMs: performance.now() - started });
      const isStream = answered.get("Content-Type")?.startsWith("text/event-stream") === true;
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
        if (!isStream) return;
        // A stream does not end: its beginning is the answer.
        finish();
        sent.destroy();
      });
      response.on("error", reject);
      response.on("end", finish);
    });
    sent.on("error", reject);
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS / 1_000} s`)));
    sent.end(body);
  });
}
