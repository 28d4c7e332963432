import { ApiError, ConnectionError, LiquidationsClient, type StreamItem, type StreamOptions } from "../../clients/typescript/src/index.ts";
import type { SignalRecord } from "../../src/signals/ledger.ts";
import { Advice } from "../command-line.ts";
import { askApi } from "../demo/api-client.ts";
import { signalBoxes } from "../signal-boxes.ts";
import { Tape } from "./tape.ts";

interface Watch {
  /** The Worker's address, without a trailing slash. */
  readonly url: string;
  readonly key: string | null;
  readonly options: StreamOptions;
  /** Whether items are printed as they came, one JSON a line. */
  readonly json?: boolean;
  readonly print: (text: string) => void;
}

/**
 * Prints a stream as it comes, with the boxes of each decision, until its signal is aborted.
 * @throws {Advice} where the server refuses the request, so that repeating it is of no use, or cannot be reached
 */
export async function watchStream({ url, key, options, json = false, print }: Watch): Promise<void> {
  const tape = new Tape();
  for await (const item of streamOf(url, key, options)) {
    if (json) {
      print(JSON.stringify(item));
      continue;
    }
    const printed = tape.print(item);
    if (printed === null) continue;
    print(printed.text);
    if (printed.signalId !== undefined) print(await decision(url, key, printed.signalId));
  }
}

async function* streamOf(url: string, key: string | null, options: StreamOptions): AsyncGenerator<StreamItem> {
  try {
    yield* new LiquidationsClient({ url, key: key ?? undefined }).stream(options);
  } catch (error) {
    if (error instanceof ConnectionError)
      throw new Advice(`${error.message}; is it running? npm start starts it, --url names another`, { cause: error });
    if (!(error instanceof ApiError)) throw error;
    throw new Advice(`The stream cannot be opened: the server answered ${error.status}: ${error.message}`, { cause: error });
  }
}

/** The windows behind a decision and the decision, as two boxes. */
async function decision(url: string, key: string | null, id: string): Promise<string> {
  const record = await askApi<SignalRecord>(url, `/v1/signals/${id}`, key).catch(() => null);
  return record === null ? `The signal ${id} could not be read; GET /v1/signals/${id} has it.` : signalBoxes(record);
}
