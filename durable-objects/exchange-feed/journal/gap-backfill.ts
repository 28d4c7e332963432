import type { Endpoints, Exchange, FeedMessage, RequestJson, Scope } from "../../../src/exchanges/exchange.ts";
import { HttpStatusError } from "../../../src/http-status-error.ts";
import { messageOf } from "../../../src/message-of.ts";
import type { Log } from "../../../src/log.ts";
import type { Gap } from "../../../src/gap.ts";
import { MAX_LATENESS_MS } from "../../../src/lateness.ts";
import { Wait } from "../wait.ts";
import type { VenueSql } from "../venue-storage.ts";

/** A REST history may list an event some minutes late, so it is requested once more after this time. */
const SECOND_LOOK_MS = 600_000;
const MAX_PAGES = 20;
const FAILURES_ALLOWED = 5;
/** Time for which a warning says that a history was not read to its end. */
const WARNED_MS = 86_400_000;
const MAX_RETRY_AFTER_MS = 3_600_000;

interface Job {
  readonly id: number;
  readonly from_time: number;
  readonly to_time: number;
  readonly due_time: number;
  readonly failures: number;
  readonly second: number;
}

/** A range of event times, ms. */
type Range = Pick<Job, "from_time" | "to_time">;

/** A range of which the venue's history has more pages than are read. */
interface CutRange extends Range {
  readonly time: number;
  /** Number of requests, mostly one for each contract, that have more pages. */
  readonly requests: number;
}

interface Dependencies {
  readonly sql: VenueSql;
  readonly exchange: Exchange;
  readonly endpoints: Endpoints;
  readonly request: RequestJson;
  readonly now: () => number;
  /** Time between two requests of the history while a gap lasts, ms. */
  readonly pollIntervalMs: number;
  /** @param text the JSON of the response from `url` */
  readonly take: (messages: readonly FeedMessage[], url: string, text: string) => void;
  readonly log: Log;
}

/**
 * Requests missed liquidations from a venue with a REST history: after a gap, and now and then while it lasts. Best
 * effort: the gap is still reported.
 */
export class GapBackfill {
  readonly #deps: Dependencies;
  readonly #startedTime: number;
  readonly #pollWait = new Wait();
  #polledTime = 0;
  #running = false;
  #cut: CutRange | null = null;

  constructor(deps: Dependencies) {
    this.#deps = deps;
    this.#startedTime = deps.now();
  }

  /** For the operator; null where each history was read to its end. */
  get warning(): string | null {
    const { exchange, now } = this.#deps;
    if (this.#cut === null || now() - this.#cut.time >= WARNED_MS) return null;
    const [from, to] = [this.#cut.from_time, this.#cut.to_time].map((time) => new Date(time).toISOString());
    return `The history of ${exchange.title} from ${from} to ${to} has more than the ${MAX_PAGES} pages that are read of a request (${this.#cut.requests} cut off): filled_events of its gap is not all that it missed.`;
  }

  plan(fromTime: number, toTime: number): void {
    const { backfill } = this.#deps.exchange;
    if (backfill === undefined) return;
    // An event published during the gap may have happened this long before it: OKX was seen 8 minutes late.
    const from = Math.max(fromTime - MAX_LATENESS_MS, toTime - backfill.reachMs);
    const insert = "INSERT INTO {backfills} (from_time, to_time, due_time, failures, second) VALUES (?, ?, ?, 0, ?)";
    this.#deps.sql.exec(insert, from, toTime, this.#deps.now(), 0);
    this.#deps.sql.exec(insert, from, toTime, this.#deps.now() + SECOND_LOOK_MS, 1);
  }

  /**
   * Processes one due job, or polls for the open gap, one request after another at the venue's pace. Never throws.
   * @param openGap null while the venue is connected
   */
  async run(scope: Scope, openGap: Gap | null): Promise<void> {
    if (this.#running) return;
    const job = this.#deps.sql
      .exec<Record<keyof Job, number>>("SELECT * FROM {backfills} WHERE due_time <= ? ORDER BY due_time LIMIT 1", this.#deps.now())
      .toArray()[0];
    this.#running = true;
    try {
      if (job !== undefined) await this.#process(job, scope);
      else if (openGap !== null) await this.#poll(openGap, scope);
    } finally {
      this.#running = false;
    }
  }

  /** The sockets of a venue may fail while its REST API does not, so a gap that lasts is filled as far as possible. */
  async #poll(gap: Gap, scope: Scope): Promise<void> {
    const { exchange, now, pollIntervalMs, log } = this.#deps;
    const time = now();
    // What was before the first start is not missing.
    const begun = gap.reason === "not_started" ? this.#startedTime : gap.from_time;
    if (exchange.backfill === undefined || time - begun < pollIntervalMs || !this.#pollWait.isOver(time)) return;
    this.#pollWait.start(time, pollIntervalMs);
    const from = Math.max(Math.max(begun, this.#polledTime) - MAX_LATENESS_MS, time - exchange.backfill.reachMs);
    try {
      const found = await this.#work({ from_time: from, to_time: time }, scope);
      this.#polledTime = time;
      log({ event: "backup_poll_done", from_time: from, to_time: time, found });
    } catch (error) {
      this.#pollWait.start(now(), Math.max(pollIntervalMs, retryAfterMs(error)));
      log({ event: "backup_poll_failed", error: messageOf(error) });
    }
  }

  async #process(job: Job, scope: Scope): Promise<void> {
    try {
      const found = await this.#work(job, scope);
      this.#deps.sql.exec("DELETE FROM {backfills} WHERE id = ?", job.id);
      this.#deps.log({ event: "backfill_done", from_time: job.from_time, to_time: job.to_time, found });
    } catch (error) {
      this.#fail(job, error);
    }
  }

  async #work(range: Range, scope: Scope): Promise<number> {
    const { exchange, endpoints, request, take } = this.#deps;
    if (exchange.backfill === undefined) return 0;
    const { requests, read, next, requestIntervalMs } = exchange.backfill;
    let found = 0;
    let refusal: string | null = null;
    const cut: string[] = [];
    for (const first of requests(scope, endpoints, range.from_time, range.to_time)) {
      let url: string | null = first;
      for (let page = 0; url !== null && page < MAX_PAGES; page += 1) {
        const body = await request(url);
        const inside = read(body, scope).filter((message) => isWithin(message, range.from_time, range.to_time));
        found += inside.filter(({ kind }) => kind === "liquidation").length;
        take(inside, url, JSON.stringify(body));
        for (const message of inside) if (message.kind === "error") refusal = message.message;
        url = next(url, body, range.from_time);
        await new Promise((resolve) => setTimeout(resolve, requestIntervalMs));
      }
      if (url !== null) cut.push(url);
    }
    if (cut.length > 0) this.#noteCut(range, cut);
    // A refusal comes with HTTP 200; the other requests were still useful.
    if (refusal !== null) throw new Error(refusal);
    return found;
  }

  /** @param next the first page of each request that was not read */
  #noteCut({ from_time, to_time }: Range, next: readonly string[]): void {
    this.#cut = { from_time, to_time, time: this.#deps.now(), requests: next.length };
    this.#deps.log({ event: "backfill_cut", from_time, to_time, pages: MAX_PAGES, requests: next.length, next: next[0] });
  }

  #fail(job: Job, error: unknown): void {
    const failures = job.failures + 1;
    const { from_time, to_time } = job;
    this.#deps.log({ event: "backfill_failed", from_time, to_time, failures, error: messageOf(error) });
    if (failures >= FAILURES_ALLOWED) this.#deps.sql.exec("DELETE FROM {backfills} WHERE id = ?", job.id);
    else
      this.#deps.sql.exec(
        "UPDATE {backfills} SET failures = ?, due_time = ? WHERE id = ?",
        failures,
        this.#deps.now() + Math.max(retryAfterMs(error), 60_000 * 2 ** failures),
        job.id,
      );
  }
}

function retryAfterMs(error: unknown): number {
  return error instanceof HttpStatusError ? Math.min(error.detail.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS) : 0;
}

function isWithin(message: FeedMessage, from: number, to: number): boolean {
  const time = message.kind === "liquidation" ? message.liquidation.event_time : message.kind === "execution" ? message.time : from;
  return time >= from && time <= to;
}
