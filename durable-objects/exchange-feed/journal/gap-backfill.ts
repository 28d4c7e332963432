import type { Backfill, Endpoints, Exchange, FeedMessage, RequestJson, Scope } from "../../../src/exchanges/exchange.ts";
import type { BackfillStatus } from "../../../src/feed-status.ts";
import { HttpStatusError } from "../../../src/http-status-error.ts";
import { messageOf } from "../../../src/message-of.ts";
import type { Log } from "../../../src/log.ts";
import type { Gap } from "../../../src/gap.ts";
import { MAX_LATENESS_MS } from "../../../src/lateness.ts";
import { Wait } from "../wait.ts";
import type { VenueSql } from "../venue-storage.ts";
import { type BackfillJob, BackfillJobs } from "./backfill-jobs.ts";
import { type PagesRead, readPages } from "./read-pages.ts";

/** A REST history may list an event some minutes late, so it is requested once more after this time. */
const SECOND_LOOK_MS = 600_000;
const FAILURES_ALLOWED = 5;
/** Far above the history of a day of any venue: only one whose pages never end has more. */
const MAX_JOB_PAGES = 20_000;
/** Time for which a job that was given up is listed, with a warning. */
const WARNED_MS = 86_400_000;
const MAX_RETRY_AFTER_MS = 3_600_000;

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
 * Requests missed liquidations from a venue with a REST history: after a gap, and now and then while it lasts. A run
 * reads a bounded number of pages and keeps the rest for the next one. Best effort: the gap is still reported.
 */
export class GapBackfill {
  readonly #deps: Dependencies;
  readonly #jobs: BackfillJobs;
  readonly #startedTime: number;
  readonly #pollWait = new Wait();
  #polledTime = 0;
  #running = false;

  constructor(deps: Dependencies) {
    this.#deps = deps;
    this.#jobs = new BackfillJobs(deps.sql);
    this.#startedTime = deps.now();
  }

  /** Whether nothing is left to read, except what was given up. */
  get isDone(): boolean {
    return this.#jobs.list().every(({ given_up }) => given_up !== null);
  }

  /** The jobs that are not done and those that were given up, and the number of all of them. */
  status(): { readonly backfills: readonly BackfillStatus[]; readonly backfills_total: number } {
    return { backfills: this.#jobs.list(), backfills_total: this.#jobs.count };
  }

  /** For the operator: the histories that were not read to their end, one sentence each. */
  warnings(): readonly string[] {
    return this.#jobs.list().flatMap(({ from_time, to_time, purpose, given_up }) => {
      if (given_up === null) return [];
      const [from, to] = [from_time, to_time].map((time) => new Date(time).toISOString());
      const history = `The history of ${this.#deps.exchange.title} from ${from} to ${to} was not read`;
      return purpose === "second_look"
        ? `${history} a second time, because ${given_up}: what the venue lists late may be missing.`
        : `${history} to its end, because ${given_up}: filled_events of its gap is not all that it missed.`;
    });
  }

  plan(fromTime: number, toTime: number): void {
    const { exchange, now } = this.#deps;
    if (exchange.backfill === undefined) return;
    // An event published during the gap may have happened this long before it: OKX was seen 8 minutes late.
    const from = Math.max(fromTime - MAX_LATENESS_MS, toTime - exchange.backfill.reachMs);
    const range = { from_time: from, to_time: toTime };
    this.#jobs.add("gap", range, now());
    this.#jobs.add("second_look", range, now() + SECOND_LOOK_MS);
  }

  /**
   * One run of the job that has been due longest, one request after another at the venue's pace. Never throws.
   * @param openGap null while the venue is connected
   */
  async run(scope: Scope, openGap: Gap | null): Promise<void> {
    const { exchange, log, now } = this.#deps;
    if (this.#running || exchange.backfill === undefined) return;
    this.#running = true;
    try {
      if (openGap !== null) this.#poll(openGap, exchange.backfill);
      const job = this.#jobs.next(now());
      if (job !== null) await this.#process(job, exchange.backfill, scope);
    } catch (error) {
      log({ event: "step_failed", step: "backfill", error: messageOf(error) });
    } finally {
      this.#running = false;
    }
  }

  /** The sockets of a venue may fail while its REST API does not, so a gap that lasts is filled as far as possible. */
  #poll(gap: Gap, { reachMs }: Backfill): void {
    const { now, pollIntervalMs } = this.#deps;
    const time = now();
    // What was before the first start is not missing.
    const begun = gap.reason === "not_started" ? this.#startedTime : gap.from_time;
    if (time - begun < pollIntervalMs || !this.#pollWait.isOver(time) || this.#jobs.isPolling) return;
    this.#pollWait.start(time, pollIntervalMs);
    const from = Math.max(Math.max(begun, this.#polledTime) - MAX_LATENESS_MS, time - reachMs);
    this.#jobs.add("open_gap", { from_time: from, to_time: time }, time);
  }

  async #process(job: BackfillJob, backfill: Backfill, scope: Scope): Promise<void> {
    const { endpoints, now, request, take } = this.#deps;
    const { to_time } = job;
    const from_time = Math.max(job.from_time, now() - backfill.reachMs);
    if (from_time > to_time) {
      this.#giveUp(job, `it is further back than the ${backfill.reachMs / 3_600_000} hours that are read`);
      return;
    }
    const kept = job.rest?.every((url) => isOf(url, endpoints)) === true ? job.rest : null;
    const urls = kept ?? backfill.requests(scope, endpoints, from_time, to_time);
    const read = await readPages({ backfill, scope, request, take }, urls, { from_time, to_time });
    this.#note({ ...job, rest: read.rest, pages: job.pages + read.pages, found: job.found + read.found }, read);
  }

  /** @param job as the run left it */
  #note(job: BackfillJob, { error, pages, rest }: PagesRead): void {
    const { log, now } = this.#deps;
    if (error !== null) this.#fail({ ...job, failures: pages > 0 ? 1 : job.failures + 1 }, error);
    else if (rest.length === 0) this.#done(job);
    else if (job.pages >= MAX_JOB_PAGES) this.#giveUp(job, `it has more than ${MAX_JOB_PAGES} pages`);
    else {
      this.#jobs.keep({ ...job, failures: 0 }, now(), null);
      log({ event: "backfill_continues", ...logged(job), requests_left: rest.length });
    }
  }

  #done(job: BackfillJob): void {
    this.#jobs.done(job);
    if (job.purpose === "open_gap") this.#polledTime = job.to_time;
    this.#deps.log({ event: "backfill_done", ...logged(job) });
  }

  #fail(job: BackfillJob, error: unknown): void {
    const { log, now, pollIntervalMs } = this.#deps;
    const { failures, purpose } = job;
    log({ event: "backfill_failed", ...logged(job), failures, error: messageOf(error) });
    const waitMs = purpose === "open_gap" ? pollIntervalMs : 60_000 * 2 ** failures;
    this.#jobs.keep(job, now() + Math.max(retryAfterMs(error), waitMs), messageOf(error));
    if (failures >= FAILURES_ALLOWED) this.#giveUp(job, `${failures} runs in a row failed, the last with: ${messageOf(error)}`);
  }

  /** The next poll of an open gap begins where the last one that was done ended, so none is missing for good. */
  #giveUp(job: BackfillJob, reason: string): void {
    const { log, now } = this.#deps;
    if (job.purpose === "open_gap") this.#jobs.remove(job);
    else this.#jobs.giveUp(job, now() + WARNED_MS, reason);
    log({ event: "backfill_given_up", ...logged(job), reason });
  }
}

/** The fields of a job in every log line. */
function logged({ purpose, from_time, to_time, pages, found }: BackfillJob) {
  return { purpose, from_time, to_time, pages, found };
}

/** A kept address is of no use once the configuration names another server. */
function isOf(url: string, endpoints: Endpoints): boolean {
  return new URL(url).origin === new URL(endpoints.rest).origin;
}

function retryAfterMs(error: unknown): number {
  return error instanceof HttpStatusError ? Math.min(error.detail.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS) : 0;
}
