import { boundedFetch } from "../../src/bounded-fetch.ts";
import { sha256Hex } from "../../src/sha256.ts";
import { cutPage } from "../../src/venue-watch/cut-page.ts";
import { pageText } from "../../src/venue-watch/page-text.ts";
import { within } from "../../src/within.ts";

/** The longest page that is read, bytes. */
const MAX_PAGE_BYTES = 8_000_000;
/** What is compared of a page's text, characters: a row of D1 holds 2 MB, and news stand at the top. */
const MAX_TEXT = 400_000;
/** A page with less text is written by a script in a browser, or asks for proof of one. */
const MIN_TEXT = 200;
const TIMEOUT_MS = 10_000;

export interface ReadPage {
  readonly text: string;
  /** SHA-256 of the text. */
  readonly hash: string;
}

/**
 * Reads the text of a web page.
 * @throws what went wrong, in words for the operator
 */
export async function fetchPage(url: string, send: typeof fetch, timeoutMs: number = TIMEOUT_MS): Promise<ReadPage> {
  return within(timeoutMs, async (signal) => {
    const response = await boundedFetch(send, MAX_PAGE_BYTES)(url, {
      signal,
      headers: { Accept: "text/html, text/markdown, text/plain;q=0.9", "User-Agent": "liquidations-change-log-watch" },
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`HTTP ${response.status}`);
    }
    const text = cutPage(pageText(await response.text(), response.headers.get("content-type") ?? ""), MAX_TEXT);
    if (text.length < MIN_TEXT) throw new Error(`the page has only ${text.length} characters of text without its scripts`);
    return { text, hash: await sha256Hex(text) };
  });
}
