import type { Backfill, FeedMessage, RequestJson, Scope } from "../../../src/exchanges/exchange.ts";

/** Maximum number of requests of a run. */
export const MAX_PAGES = 20;

/** A range of event times, ms. */
export interface TimeRange {
  readonly from_time: number;
  readonly to_time: number;
}

export interface HistoryReader {
  readonly backfill: Backfill;
  readonly scope: Scope;
  readonly request: RequestJson;
  /** @param text the JSON of the response from `url` */
  readonly take: (messages: readonly FeedMessage[], url: string, text: string) => void;
}

export interface PagesRead {
  /** Number of pages that were read without an error. */
  readonly pages: number;
  /** Number of liquidations in them within the range, known ones included. */
  readonly found: number;
  /** The addresses of the pages to read next, those that failed last. */
  readonly rest: readonly string[];
  /** Null where no request failed. */
  readonly error: unknown;
}

/**
 * Reads the pages at these addresses and those after them, up to `MAX_PAGES`, at the venue's pace. Each request is read
 * for one page in turn, so that no contract waits for the whole history of another.
 */
export async function readPages(reader: HistoryReader, urls: readonly string[], range: TimeRange): Promise<PagesRead> {
  const waiting = [...urls];
  const failed: string[] = [];
  let [pages, found] = [0, 0];
  let error: unknown = null;
  for (let sent = 0; sent < MAX_PAGES; sent += 1) {
    const url = waiting.shift();
    if (url === undefined) break;
    try {
      const page = await readPage(reader, url, range);
      pages += 1;
      found += page.found;
      if (page.next !== null) waiting.push(page.next);
    } catch (thrown) {
      error = thrown;
      failed.push(url);
      // Of what is refused with HTTP 200, the other requests are still useful.
      if (!(thrown instanceof RefusedError)) break;
    }
    await new Promise((resolve) => setTimeout(resolve, reader.backfill.requestIntervalMs));
  }
  return { pages, found, rest: [...waiting, ...failed], error };
}

class RefusedError extends Error {
  override readonly name = "RefusedError";
}

async function readPage(
  { backfill, request, scope, take }: HistoryReader,
  url: string,
  range: TimeRange,
): Promise<{ readonly found: number; readonly next: string | null }> {
  const body = await request(url);
  const inside = backfill.read(body, scope).filter((message) => isWithin(message, range));
  take(inside, url, JSON.stringify(body));
  const refusal = inside.find(({ kind }) => kind === "error");
  if (refusal?.kind === "error") throw new RefusedError(refusal.message);
  return { found: inside.filter(({ kind }) => kind === "liquidation").length, next: backfill.next(url, body, range.from_time) };
}

function isWithin(message: FeedMessage, { from_time, to_time }: TimeRange): boolean {
  const time = message.kind === "liquidation" ? message.liquidation.event_time : message.kind === "execution" ? message.time : from_time;
  return time >= from_time && time <= to_time;
}
