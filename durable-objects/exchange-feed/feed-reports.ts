import type { AdlTracker } from "../../src/adl/adl-tracker.ts";
import type { FeedState, FeedStatus } from "../../src/feed-status.ts";
import type { ListedSymbol } from "../../src/listed-symbol.ts";
import { messageOf } from "../../src/message-of.ts";
import type { Log } from "../../src/log.ts";
import type { FeedReport, FeedReportAnswer } from "../../src/stream/feed-report.ts";

interface Dependencies {
  /** Null where the venue publishes nothing of its auto-deleveraging. */
  readonly adl: AdlTracker | null;
  readonly now: () => number;
  readonly send: (report: FeedReport) => Promise<FeedReportAnswer>;
  /** The part of the status that costs nothing. */
  readonly facts: () => Pick<FeedReport, "exchange" | "state" | "since" | "coverage" | "inferred" | "open_gap">;
  readonly status: () => FeedStatus;
  readonly listed: () => readonly ListedSymbol[] | null;
  /** When the venue was last connected, ms; null before its first connection. */
  readonly coveredTime: () => number | null;
  /** Time of receipt of the oldest liquidation that the hub does not have, ms; null where it has all. */
  readonly oldestOffered: () => number | null;
  readonly log: Log;
}

/**
 * States of auto-deleveraging change by the second while a market falls, and each status goes to every client of the stream. Where no
 * contract of the venue is worse than the last status said, the next one waits this long.
 */
const ADL_STATUS_EVERY_MS = 10_000;

/** Tells the hub how the feed is: every interval, and within a second of a change of its state. */
export class FeedReports {
  readonly #deps: Dependencies;
  #isSending = false;
  #wantsListed = true;
  /** What the hub knows: the state, and when one of auto-deleveraging last changed. */
  #known: { readonly state: FeedState; readonly since: number; readonly adlChanged: number | null } | null = null;
  /** What the last status that the hub took said, and when it was made, ms. */
  #lastStatus: { readonly adlChanged: number | null; readonly severity: number; readonly time: number } | null = null;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** Reports a state that the hub does not know yet. */
  tick(): void {
    if (this.#isNews() || this.#isStatusDue()) void this.send();
  }

  /** Never rejects: what the hub did not take is reported again. */
  async send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      const { adl, now } = this.#deps;
      const time = now();
      const report = this.#report(time);
      const severity = adl?.severity ?? 0;
      const { wantsListed } = await this.#deps.send(report);
      this.#wantsListed = wantsListed;
      const adlChanged = report.adl?.changed_time ?? null;
      this.#known = { state: report.state, since: report.since, adlChanged };
      if (report.status !== null) this.#lastStatus = { adlChanged, severity, time };
      adl?.taken(report.adl_rises);
    } catch (error) {
      this.#deps.log({ event: "hub_failed", error: messageOf(error) });
    } finally {
      this.#isSending = false;
    }
  }

  #isNews(): boolean {
    return this.#isNewState() || this.#adlChanged() !== (this.#known?.adlChanged ?? null);
  }

  #isNewState(): boolean {
    const { state, since } = this.#deps.facts();
    return state !== this.#known?.state || since !== this.#known.since;
  }

  #isStatusDue(): boolean {
    if (this.#isNewState() || this.#lastStatus === null) return true;
    const { adlChanged, severity, time } = this.#lastStatus;
    if (this.#adlChanged() === adlChanged) return false;
    const { adl, now } = this.#deps;
    return (adl?.severity ?? 0) > severity || Math.abs(now() - time) >= ADL_STATUS_EVERY_MS;
  }

  #adlChanged(): number | null {
    return this.#deps.adl?.changedTime ?? null;
  }

  #report(now: number): FeedReport {
    const { adl, coveredTime, facts, listed, oldestOffered, status } = this.#deps;
    const [covered, offered] = [coveredTime(), oldestOffered()];
    return {
      ...facts(),
      through: covered === null || offered === null ? covered : Math.min(covered, offered),
      adl: adl?.status(now) ?? null,
      adl_rises: adl?.rises ?? [],
      status: this.#isStatusDue() ? status() : null,
      listed: this.#wantsListed ? listed() : null,
    };
  }
}
