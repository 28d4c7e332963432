import type { Endpoints, Exchange, Instrument, MarketPoll, Scope } from "../../src/exchanges/exchange.ts";
import type { PollStatus } from "../../src/feed-status.ts";
import { HttpStatusError, isBlockedStatus, isLimitedStatus } from "../../src/http-status-error.ts";
import type { Log } from "../../src/log.ts";
import { MarketContext } from "../../src/market/market-context.ts";
import type { PolledKind } from "../../src/market/polled-kind.ts";
import { messageOf } from "../../src/message-of.ts";
import { within } from "../../src/within.ts";
import { Wait } from "./wait.ts";

const REQUEST_TIMEOUT_MS = 5_000;
/** An object may have six connections open that wait for headers, and sockets and stores need some. */
const MAX_CONCURRENT = 2;
/** Wait of a request after failures: its interval, doubled each time, up to this. */
const MAX_WAIT_MS = 300_000;
/** Pause of all requests after a refusal of our location, and after a rate limit that names no time. */
const BLOCKED_MS = 600_000;
const LIMITED_MS = 60_000;
const MAX_RETRY_AFTER_MS = 3_600_000;
/** A request that failed so often in a row is worth the operator's attention. */
const WARNED_FAILURES = 4;

interface Dependencies {
  readonly exchange: Exchange;
  readonly endpoints: Endpoints;
  readonly fetch: typeof fetch;
  readonly now: () => number;
  readonly log: Log;
}

/** A request and how it fares. */
interface Polled {
  poll: MarketPoll;
  readonly wait: Wait;
  isRunning: boolean;
  lastStart: number;
  failures: number;
  lastSuccess: number | null;
  lastError: string | null;
  lastErrorTime: number | null;
}

function newlyPolled(poll: MarketPoll): Polled {
  return { poll, wait: new Wait(), isRunning: false, lastStart: 0, failures: 0, lastSuccess: null, lastError: null, lastErrorTime: null };
}

/**
 * Repeats the REST requests of a venue for market data that its streams lack. A failure costs nothing but those values,
 * which become unknown with age; it is shown in the status and retried with growing waits.
 */
export class MarketPoller {
  readonly #deps: Dependencies;
  readonly #pause = new Wait();
  #polled: readonly Polled[] = [];
  #context: MarketContext;

  constructor(deps: Dependencies) {
    this.#deps = deps;
    this.#context = contextOf(deps.exchange, new Map());
  }

  /** The market as known from the responses. */
  get context(): MarketContext {
    return this.#context;
  }

  /** Takes over a new table of contracts. Requests that it does not change go on as they were. */
  rescope(scope: Scope): void {
    const before = new Map(this.#polled.map((one) => [one.poll.url, one]));
    this.#context = contextOf(this.#deps.exchange, scope.instruments);
    const polls = this.#deps.exchange.polls?.(scope, this.#deps.endpoints) ?? [];
    this.#polled = polls.map((poll) => {
      const known = before.get(poll.url);
      if (known === undefined) return newlyPolled(poll);
      // The same object: a request under way reports to it.
      known.poll = poll;
      return known;
    });
  }

  /** Starts the requests that are due, those first that have waited longest. Called about once per second; never throws. */
  run(now: number): void {
    if (!this.#pause.isOver(now)) return;
    let free = MAX_CONCURRENT - this.#polled.filter(({ isRunning }) => isRunning).length;
    const due = this.#polled.filter(({ isRunning, wait }) => !isRunning && wait.isOver(now));
    for (const one of due.toSorted((a, b) => a.lastStart - b.lastStart)) {
      if (free === 0) return;
      free -= 1;
      void this.#request(one);
    }
  }

  status(): readonly PollStatus[] {
    const kinds = Map.groupBy(this.#polled, ({ poll }) => poll.what);
    return [...kinds].map(([what, all]) => {
      const failed = all.filter(({ failures }) => failures > 0);
      const newest = all.toSorted((a, b) => (b.lastErrorTime ?? 0) - (a.lastErrorTime ?? 0))[0];
      const successes = all.map(({ lastSuccess }) => lastSuccess).filter((time) => time !== null);
      return {
        what,
        contracts: new Set(all.flatMap(({ poll }) => poll.contracts)).size,
        interval_ms: all[0]?.poll.intervalMs ?? 0,
        failing_requests: failed.length,
        last_success_time: successes.length === 0 ? null : Math.max(...successes),
        last_error: newest?.lastError ?? null,
        last_error_time: newest?.lastErrorTime ?? null,
      };
    });
  }

  warnings(): readonly string[] {
    const failing = this.#polled.filter(({ failures }) => failures >= WARNED_FAILURES);
    return [...Map.groupBy(failing, ({ poll }) => poll.what)].map(([what, all]) => {
      const contracts = all.flatMap(({ poll }) => poll.contracts);
      const shown = contracts.slice(0, SHOWN).join(", ") + (contracts.length > SHOWN ? ` and ${contracts.length - SHOWN} more` : "");
      return `${this.#deps.exchange.title} does not respond to polls of ${NAMES[what]} of ${shown}: ${all[0]?.lastError ?? "unknown"}. What depends on them is null.`;
    });
  }

  async #request(one: Polled): Promise<void> {
    const { poll } = one;
    const startTime = this.#deps.now();
    one.isRunning = true;
    one.lastStart = startTime;
    one.wait.start(startTime, poll.intervalMs);
    try {
      const text = await within(REQUEST_TIMEOUT_MS, (signal) => this.#text(poll.url, signal));
      this.#take(poll, text);
      one.failures = 0;
      one.lastSuccess = this.#deps.now();
    } catch (error) {
      this.#failed(one, error);
    } finally {
      one.isRunning = false;
    }
  }

  async #text(url: string, signal: AbortSignal): Promise<string> {
    const response = await this.#deps.fetch(url, { signal });
    const text = await response.text();
    if (!response.ok) throw HttpStatusError.of(response, url, text, this.#deps.now());
    return text;
  }

  /** @throws where the response is none that can be read */
  #take(poll: MarketPoll, text: string): void {
    const receivedTime = this.#deps.now();
    for (const message of poll.read(text, receivedTime)) {
      if (message.kind === "reject") throw new Error(`${message.reason}: ${message.text.slice(0, MAX_TEXT)}`);
      this.#context.apply(message, receivedTime);
    }
  }

  #failed(one: Polled, error: unknown): void {
    const now = this.#deps.now();
    one.failures += 1;
    one.lastError = messageOf(error);
    one.lastErrorTime = now;
    one.wait.start(now, Math.max(one.poll.intervalMs, Math.min(one.poll.intervalMs * 2 ** (one.failures - 1), MAX_WAIT_MS)));
    const pauseMs = pauseAfter(error);
    if (pauseMs > this.#pause.remainingMs(now)) this.#pause.start(now, pauseMs);
    this.#deps.log({ event: "poll_failed", what: one.poll.what, contracts: one.poll.contracts.join(","), error: one.lastError });
  }
}

const SHOWN = 5;
const MAX_TEXT = 200;

const NAMES: Readonly<Record<PolledKind, string>> = {
  open_interest: "the open interest",
  book: "the deep book",
  turnover: "the turnover",
  funding_interval: "the funding interval",
};

function contextOf(exchange: Exchange, instruments: ReadonlyMap<string, Instrument>): MarketContext {
  return new MarketContext(exchange.readBook, instruments);
}

/** A refusal of our location or address concerns every request to the venue, and asking on could make it last. */
function pauseAfter(error: unknown): number {
  if (!(error instanceof HttpStatusError)) return 0;
  if (isBlockedStatus(error.status)) return BLOCKED_MS;
  if (!isLimitedStatus(error.status)) return 0;
  return Math.max(LIMITED_MS, Math.min(error.detail.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS));
}
