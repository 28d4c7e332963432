import type { Endpoints, Exchange, FeedMessage, RequestJson, Scope } from "../../../src/exchanges/exchange.ts";
import { HttpStatusError } from "../../../src/http-status-error.ts";
import { messageOf } from "../../../src/message-of.ts";
import type { Log } from "../../../src/log.ts";
import { MAX_LATENESS_MS } from "../../../src/lateness.ts";

/** A REST history may list an event some minutes late, so it is requested once more after this time. */
const SECOND_LOOK_MS = 600_000;
const MAX_PAGES = 20;
const FAILURES_ALLOWED = 5;
const MAX_RETRY_AFTER_MS = 3_600_000;

interface Job {
  readonly id: number;
  readonly from_time: number;
  readonly to_time: number;
  readonly due_time: number;
  readonly failures: number;
  readonly second: number;
}

interface Dependencies {
  readonly sql: SqlStorage;
  readonly exchange: Exchange;
  readonly endpoints: Endpoints;
  readonly request: RequestJson;
  readonly now: () => number;
  /** @param text the JSON of the response from `url` */
  readonly take: (messages: readonly FeedMessage[], url: string, text: string) => void;
  readonly log: Log;
}

/**
 * Requests missed liquidations from a venue with a REST history after a gap. Best effort: the gap is still reported.
 */
export class GapBackfill {
  readonly #deps: Dependencies;
  #running = false;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  plan(fromTime: number, toTime: number): void {
    const { backfill } = this.#deps.exchange;
    if (backfill === undefined) return;
    // An event published during the gap may have happened this long before it: OKX was seen 8 minutes late.
    const from = Math.max(fromTime - MAX_LATENESS_MS, toTime - backfill.reachMs);
    const insert = "INSERT INTO backfills (from_time, to_time, due_time, failures, second) VALUES (?, ?, ?, 0, ?)";
    this.#deps.sql.exec(insert, from, toTime, this.#deps.now(), 0);
    this.#deps.sql.exec(insert, from, toTime, this.#deps.now() + SECOND_LOOK_MS, 1);
  }

  /** Processes one due job, one request after another at the venue's pace. Never throws. */
  async run(scope: Scope): Promise<void> {
    const job = this.#deps.sql
      .exec<Record<keyof Job, number>>("SELECT * FROM backfills WHERE due_time <= ? ORDER BY due_time LIMIT 1", this.#deps.now())
      .toArray()[0];
    if (job === undefined || this.#running) return;
    this.#running = true;
    try {
      const found = await this.#work(job, scope);
      this.#deps.sql.exec("DELETE FROM backfills WHERE id = ?", job.id);
      this.#deps.log({ event: "backfill_done", from_time: job.from_time, to_time: job.to_time, found });
    } catch (error) {
      this.#fail(job, error);
    } finally {
      this.#running = false;
    }
  }

  async #work(job: Job, scope: Scope): Promise<number> {
    const { exchange, endpoints, request, take } = this.#deps;
    if (exchange.backfill === undefined) return 0;
    const { requests, read, next, requestIntervalMs } = exchange.backfill;
    let found = 0;
    let refusal: string | null = null;
    for (const first of requests(scope, endpoints, job.from_time, job.to_time)) {
      let url: string | null = first;
      for (let page = 0; url !== null && page < MAX_PAGES; page += 1) {
        const body = await request(url);
        const inside = read(body, scope).filter((message) => isWithin(message, job.from_time, job.to_time));
        found += inside.filter(({ kind }) => kind === "liquidation").length;
        take(inside, url, JSON.stringify(body));
        for (const message of inside) if (message.kind === "error") refusal = message.message;
        url = next(url, body, job.from_time);
        await new Promise((resolve) => setTimeout(resolve, requestIntervalMs));
      }
    }
    // A refusal comes with HTTP 200; the other requests were still useful.
    if (refusal !== null) throw new Error(refusal);
    return found;
  }

  #fail(job: Job, error: unknown): void {
    const failures = job.failures + 1;
    const { from_time, to_time } = job;
    this.#deps.log({ event: "backfill_failed", from_time, to_time, failures, error: messageOf(error) });
    const asked = error instanceof HttpStatusError ? Math.min(error.detail.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS) : 0;
    if (failures >= FAILURES_ALLOWED) this.#deps.sql.exec("DELETE FROM backfills WHERE id = ?", job.id);
    else
      this.#deps.sql.exec(
        "UPDATE backfills SET failures = ?, due_time = ? WHERE id = ?",
        failures,
        this.#deps.now() + Math.max(asked, 60_000 * 2 ** failures),
        job.id,
      );
  }
}

function isWithin(message: FeedMessage, from: number, to: number): boolean {
  const time = message.kind === "liquidation" ? message.liquidation.event_time : message.kind === "execution" ? message.time : from;
  return time >= from && time <= to;
}
