import { type AdlRise, adlSeverity, isAdlWarning } from "../../src/adl/adl-state.ts";
import { MAX_WAIT_MS } from "../../src/backoff.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import { messageOf } from "../../src/message-of.ts";
import { writeLog } from "../../src/log.ts";
import type { EventOf, PublishOutcome, WebhookEvent } from "../../src/webhooks/event.ts";
import { adlWarning } from "../../src/webhooks/make-event.ts";
import { MINUTE_MS } from "../../src/windows/calendar.ts";

const KEY = "adl_warnings";
/** A warning that could not be published for this long is given up. */
const PUBLISH_WITHIN_MS = 60 * MINUTE_MS;
const FIRST_WAIT_MS = 10_000;
/** A contract that goes in and out of a state is announced again only after this time. */
const QUIET_MS = 10 * MINUTE_MS;
/** Warnings of as many contracts wait at most, and no more than one of each state. */
const MAX_WAITING = 1_000;

interface Dependencies {
  readonly memory: {
    read(key: string): unknown;
    write(key: string, value: unknown): void;
  };
  readonly publish: (event: WebhookEvent) => Promise<PublishOutcome>;
  /** May throw: the warning is then tried again. */
  readonly addDeadLetter: (event: WebhookEvent, reason: string) => Promise<void>;
  readonly now: () => number;
}

interface Waiting {
  readonly event: EventOf<"adl.warning">;
  readonly tries: number;
  readonly nextTime: number;
}

interface Announced {
  readonly exchange: ExchangeName;
  readonly instrument: string;
  readonly severity: number;
  /** ms */
  readonly time: number;
}

interface Kept {
  readonly waiting: readonly Waiting[];
  readonly announced: readonly Announced[];
}

/** Publishes that a venue warns of auto-deleveraging, or deleverages; what waits survives a restart. */
export class AdlWarnings {
  readonly #deps: Dependencies;
  #waiting: readonly Waiting[];
  #announced: readonly Announced[];
  #running = false;

  constructor(deps: Dependencies) {
    const kept = (deps.memory.read(KEY) as Kept | undefined) ?? { waiting: [], announced: [] };
    this.#deps = deps;
    this.#waiting = kept.waiting;
    this.#announced = kept.announced;
  }

  /** Notes what is a warning of these; a feed may report the same rise again. */
  note(exchange: ExchangeName, rises: readonly AdlRise[]): void {
    const now = this.#deps.now();
    const before = this.#waiting;
    for (const rise of rises) if (isAdlWarning(rise.state)) this.#noteOne(exchange, rise, now);
    if (this.#waiting === before) return;
    this.#keep();
    setTimeout(() => void this.run(), 0);
  }

  /** Never throws and never runs twice at once. What fails waits for a later run. */
  async run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      for (let due = this.#due(); due.length > 0; due = this.#due()) {
        await Promise.all(due.map((one) => this.#publish(one)));
        this.#keep();
      }
    } catch (error) {
      writeLog("error", { event: "adl_warnings_failed", error: messageOf(error) });
    } finally {
      this.#running = false;
    }
  }

  /** A wait longer than any means that the clock went back: it is over. */
  #due(): readonly Waiting[] {
    const now = this.#deps.now();
    return this.#waiting.filter(({ nextTime }) => nextTime <= now || nextTime > now + MAX_WAIT_MS);
  }

  #noteOne(exchange: ExchangeName, rise: AdlRise, now: number): void {
    const { instrument } = rise;
    const severity = adlSeverity(rise.state);
    const isSame = (one: Announced) => one.exchange === exchange && one.instrument === instrument;
    this.#announced = this.#announced.filter(({ time }) => Math.abs(now - time) < QUIET_MS);
    if (this.#announced.some((one) => isSame(one) && one.severity >= severity)) return;
    if (this.#waiting.length >= MAX_WAITING) return;
    this.#announced = [...this.#announced.filter((one) => !isSame(one)), { exchange, instrument, severity, time: now }];
    this.#waiting = [...this.#waiting, { event: adlWarning(exchange, rise, now), tries: 0, nextTime: now }];
  }

  async #publish(one: Waiting): Promise<void> {
    const { event, tries } = one;
    const outcome = await this.#deps.publish(event);
    const now = this.#deps.now();
    if (outcome.kind === "failed" && !outcome.final && now - event.time < PUBLISH_WITHIN_MS) {
      const again = { event, tries: tries + 1, nextTime: now + Math.min(FIRST_WAIT_MS * 2 ** tries, MAX_WAIT_MS) };
      this.#waiting = this.#waiting.map((waiting) => (waiting === one ? again : waiting));
      return;
    }
    if (outcome.kind === "failed") await this.#deps.addDeadLetter(event, outcome.reason);
    this.#waiting = this.#waiting.filter((waiting) => waiting !== one);
  }

  #keep(): void {
    this.#deps.memory.write(KEY, { waiting: this.#waiting, announced: this.#announced } satisfies Kept);
  }
}
