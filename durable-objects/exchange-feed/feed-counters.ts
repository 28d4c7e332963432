import { flowUsd } from "../../src/flow-usd.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import type { SymbolStatus } from "../../src/feed-status.ts";
import type { Memory } from "./beat-memory.ts";
import type { Journal } from "./journal/journal.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";

const NONE: SymbolStatus = { long_events: 0, long_usd: 0, short_events: 0, short_usd: 0 };

type Count = "duplicates" | "skipped" | "too_old" | "lost" | "reconnects" | "inferred" | "delivered";

/** Today's sums as they were when they included all liquidations up to a number. */
interface SavedSums {
  readonly day: number;
  readonly sequence: number;
  readonly symbols: Readonly<Record<string, SymbolStatus>>;
}

/**
 * The counters of a feed: today's sums per base asset, and what it did not accept. The sums are stored from time to
 * time, so that a start reads only the rows since then and not the whole journal.
 */
export class FeedCounters {
  readonly #journal: Journal;
  readonly #memory: Memory;
  readonly #counts: Record<Count, number> = { duplicates: 0, skipped: 0, too_old: 0, lost: 0, reconnects: 0, inferred: 0, delivered: 0 };
  #day: number;
  #savedSequence = 0;
  #symbols = new Map<string, SymbolStatus>();
  /** Liquidations that the stream delivered, by base asset. */
  readonly #delivered: Map<string, number>;

  constructor(journal: Journal, memory: Memory, now: number) {
    this.#journal = journal;
    this.#memory = memory;
    Object.assign(this.#counts, memory.read("counts"));
    this.#delivered = new Map(Object.entries((memory.read("delivered") as Record<string, number> | undefined) ?? {}));
    this.#day = startOfDay(now);
    const saved = memory.read("today") as SavedSums | undefined;
    if (saved?.day === this.#day) this.#symbols = new Map(Object.entries(saved.symbols));
    const counted = saved?.day === this.#day ? saved.sequence : journal.lastReceivedBefore(this.#day);
    for (const { symbol, position_side, events, usd } of journal.totalsAfter(counted)) {
      this.#add(symbol, position_side === "long", events, usd);
    }
    this.#saveSums();
  }

  get counts(): Readonly<Record<Count, number>> {
    return this.#counts;
  }

  raise(count: Count, by = 1): void {
    this.#counts[count] += by;
  }

  /** @param symbol null for a base asset that is not collected */
  delivered(symbol: string | null): void {
    this.raise("delivered");
    if (symbol !== null) this.#delivered.set(symbol, (this.#delivered.get(symbol) ?? 0) + 1);
  }

  /**
   * @param listed base assets that the venue lists; null where that is not known
   * @returns liquidations that the stream delivered, by base asset; null for one that is no longer listed
   */
  deliveredOf(listed: ReadonlySet<string> | null): Readonly<Record<string, number | null>> {
    const counts = [...this.#delivered].map(([symbol, count]) => [symbol, listed === null || listed.has(symbol) ? count : null]);
    return Object.fromEntries(counts);
  }

  /** Inferred events have a separate counter: no sum includes them. */
  took(liquidation: Liquidation): void {
    if (liquidation.coverage === "inferred") {
      this.raise("inferred");
      return;
    }
    this.#turnDay(liquidation.received_time);
    this.#add(liquidation.symbol, liquidation.position_side === "long", 1, flowUsd(liquidation) ?? 0);
  }

  today(now: number): { events: number; symbols: Readonly<Record<string, SymbolStatus>> } {
    this.#turnDay(now);
    const all = [...this.#symbols.values()];
    return { events: all.reduce((sum, one) => sum + one.long_events + one.short_events, 0), symbols: Object.fromEntries(this.#symbols) };
  }

  save(): void {
    this.#memory.write("counts", this.#counts);
    this.#memory.write("delivered", Object.fromEntries(this.#delivered));
    if (this.#journal.total !== this.#savedSequence) this.#saveSums();
  }

  #saveSums(): void {
    const sums: SavedSums = { day: this.#day, sequence: this.#journal.total, symbols: Object.fromEntries(this.#symbols) };
    this.#memory.write("today", sums);
    this.#savedSequence = sums.sequence;
  }

  #turnDay(now: number): void {
    const day = startOfDay(now);
    if (day <= this.#day) return;
    this.#day = day;
    this.#symbols = new Map();
  }

  #add(symbol: string, long: boolean, events: number, usd: number): void {
    const before = this.#symbols.get(symbol) ?? NONE;
    this.#symbols.set(
      symbol,
      long
        ? { ...before, long_events: before.long_events + events, long_usd: before.long_usd + usd }
        : { ...before, short_events: before.short_events + events, short_usd: before.short_usd + usd },
    );
  }
}

function startOfDay(time: number): number {
  return Math.floor(time / DAY_MS) * DAY_MS;
}
