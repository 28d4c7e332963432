import type { ParseAs } from "openapi-fetch";
import { messageOf } from "../../../src/message-of.ts";
import { ConnectionError } from "./problem-errors.ts";
import { within } from "./wait.ts";

/**
 * Reads the body of an answer that succeeded.
 * @param parseAs as in openapi-fetch; `stream` leaves the body to the caller
 * @returns undefined where the answer has no content
 * @throws {ConnectionError} where the body breaks off, or is not JSON and should be, as that of a page which stands before the API
 */
export async function readAnswer(response: Response, parseAs: ParseAs): Promise<unknown> {
  if (response.status === 204) return undefined;
  if (parseAs === "stream") return response.body;
  if (parseAs === "json") return valueOf(await whole(() => response.text()));
  return whole<unknown>(() => response[parseAs]());
}

/** The same answer, whose body fails where nothing comes for so long. Time in which nobody reads it does not count. */
export function withSilenceLimit(response: Response, silenceMs: number): Response {
  if (response.body === null) return response;
  const reader = response.body.getReader();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const read = await within(reader.read(), silenceMs);
        if (read === null) {
          // It is not waited for: what hangs may not answer this either.
          reader.cancel().catch(() => undefined);
          throw new ConnectionError(`The answer broke off: nothing came for ${silenceMs / 1_000} s.`);
        }
        if (read.done) controller.close();
        else controller.enqueue(read.value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return new Response(body, response);
}

async function whole<Body>(read: () => Promise<Body>): Promise<Body> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ConnectionError) throw error;
    throw new ConnectionError(`The answer broke off: ${messageOf(error)}`, { cause: error });
  }
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConnectionError(`The answer is not JSON: ${text === "" ? "it is empty" : text.slice(0, 200)}`, { cause });
  }
}
