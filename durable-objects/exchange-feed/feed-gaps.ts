import type { Exchange } from "../../src/exchanges/exchange.ts";
import type { FeedState } from "../../src/feed-status.ts";
import type { Gap, GapReason } from "../../src/gap.ts";
import type { Log } from "../../src/log.ts";
import { MINUTE_MS } from "../../src/windows/calendar.ts";
import type { FeedCounters } from "./feed-counters.ts";
import type { HubGaps } from "./hub-gaps.ts";
import type { Intake } from "./intake.ts";
import type { GapBackfill } from "./journal/gap-backfill.ts";
import type { GapLog } from "./journal/gap-log.ts";
import type { DroppedRows } from "./journal/journal-room.ts";
import type { JournalWriter, StorageFault } from "./journal/journal-writer.ts";

/** A frame is read within this time of being sent, unless the venue is late. */
const UNREAD_MS = 1_000;

interface Dependencies {
  readonly exchange: Exchange;
  readonly log: Log;
  readonly now: () => number;
  readonly gaps: GapLog;
  readonly hub: HubGaps;
  readonly backfill: GapBackfill;
  readonly writer: JournalWriter;
  readonly intake: Intake;
  readonly counters: FeedCounters;
  readonly socketState: () => FeedState;
}

/**
 * What a feed did not collect: gaps of connections and of the storage are recorded, passed to the hub, and filled from
 * the venue's history where it has one. A gap that cannot be stored is kept as one of the storage.
 */
export class FeedGaps {
  readonly #deps: Dependencies;
  /** Whether the open gap is one of a silence that nothing explains. Kept apart, as each liquidation asks. */
  #isSuspect: boolean;

  constructor(deps: Dependencies) {
    this.#deps = deps;
    this.#isSuspect = deps.gaps.open?.reason === "suspect";
  }

  /** Null while the storage accepts writes. */
  get fault(): StorageFault | null {
    return this.#deps.writer.fault;
  }

  /** The open gap, also one that the storage has no room for. */
  get open(): Gap | null {
    const { exchange, gaps } = this.#deps;
    const { open } = gaps;
    if (open !== null || this.fault === null) return open;
    return { exchange: exchange.name, from_time: this.fault.gapFrom, to_time: null, reason: "storage_failed" };
  }

  /** Every liquidation of the venue arrives again, as of this time (ms). */
  covered(receivedTime: number): void {
    this.#write(receivedTime, () => this.#end(receivedTime));
  }

  /** The venue's liquidations no longer arrive. */
  lost(lastCoveredTime: number, reason: GapReason): void {
    this.#write(lastCoveredTime, () => {
      const { counters, gaps, log } = this.#deps;
      counters.raise("reconnects");
      gaps.start(lastCoveredTime, reason);
      this.#isSuspect &&= gaps.open?.reason === "suspect";
      this.#passOpen();
      log({ event: "gap_open", ...gaps.open });
    });
  }

  /**
   * The venue is connected, but its silence since this time (ms) is not explained by the others. Only a liquidation ends the gap:
   * an open socket with a control stream is what the venue had all along.
   */
  suspect(since: number): void {
    const { gaps, log, now } = this.#deps;
    if (this.open !== null) return;
    this.#write(since, () => {
      const known = gaps.touching(since, now()).map(({ to_time }) => to_time ?? since);
      gaps.start(Math.max(since, ...known), "suspect");
      this.#isSuspect = true;
      this.#passOpen();
      log({ event: "gap_open", ...gaps.open });
    });
  }

  /** The stream delivered a liquidation at this time (ms). */
  delivered(receivedTime: number): void {
    if (!this.#isSuspect) return;
    this.#isSuspect = false;
    this.#write(receivedTime, () => this.#end(receivedTime));
  }

  /** Liquidations between these times (ms) did not arrive, as was found afterwards. */
  missed(from: number, to: number): void {
    this.#write(from, () => {
      const { backfill, gaps, hub, log } = this.#deps;
      for (const gap of gaps.add(from, to, "disconnected")) {
        log({ event: "gap_found", ...gap });
        hub.push(gap);
        backfill.plan(gap.from_time, gap.to_time);
      }
    });
  }

  /** The contracts whose liquidations do not arrive at this time (ms), with the time since which each is missing. */
  uncovered(contracts: ReadonlyMap<string, number>, time: number): void {
    for (const gap of this.#deps.gaps.contracts.update(contracts, time)) this.#deps.log({ event: "contract_gap", ...gap });
  }

  /** Rows that gave way to newer ones, and that no store has. */
  dropped({ rows, firstEventTime, lastEventTime }: DroppedRows): void {
    const { counters, gaps, hub } = this.#deps;
    counters.raise("lost", rows);
    for (const gap of gaps.add(firstEventTime, lastEventTime + 1, "storage_failed")) hub.push(gap);
  }

  /** Something from this time (ms) could not be stored. Never throws. */
  storageFailed(fromTime: number, error: unknown): void {
    const isNew = this.fault === null;
    this.#deps.writer.lost(fromTime, error);
    const { open } = this;
    if (isNew && open !== null) this.#deps.hub.push(open);
  }

  /** The storage accepts writes again; where the venue was connected all the time, its gap is over. */
  recovered(): void {
    const { now, socketState } = this.#deps;
    if (socketState() === "live") this.#end(now());
  }

  /** A clock that went back must leave no gap in the future. */
  noteClock(now: number): void {
    for (const gap of this.#deps.gaps.noteClock(now)) this.#deps.hub.push(gap);
  }

  /**
   * After a restart of the object, the time since it was last connected to the venue is a gap. Frames that were sent but
   * not yet read are lost, so it begins at the venue's time of the last event, or a second before the receipt of the last
   * mark price.
   */
  restarted(lastCoveredTime: number | null, lastEventTime: number | null): void {
    const from = Math.max((lastCoveredTime ?? 0) - UNREAD_MS, lastEventTime ?? 0);
    if (from > 0) this.#write(from, () => this.#deps.gaps.start(from, "restarted"));
  }

  /** Another object takes over within a minute of the watchdog. From then on, missing data here is not a gap. */
  retire(): void {
    const { gaps, hub, now } = this.#deps;
    const end = now() + MINUTE_MS;
    gaps.contracts.update(new Map(), end);
    this.#isSuspect = false;
    const gap = gaps.end(end);
    if (gap !== null) hub.push(gap);
  }

  #end(receivedTime: number): void {
    // What arrives cannot be stored, so nothing is covered yet.
    if (this.fault !== null || this.#isSuspect) return;
    const { backfill, gaps, hub, intake, log } = this.#deps;
    const gap = gaps.end(receivedTime);
    if (gap === null) return;
    log({ event: "gap_ended", ...gap });
    if (gap.reason === "not_started") return;
    intake.gapEnded(gap.to_time - gap.from_time);
    hub.push(gap);
    backfill.plan(gap.from_time, gap.to_time);
  }

  #passOpen(): void {
    const { gaps, hub } = this.#deps;
    if (gaps.open !== null) hub.push(gaps.open);
  }

  #write(fromTime: number, write: () => void): void {
    try {
      write();
    } catch (error) {
      this.storageFailed(fromTime, error);
    }
  }
}
