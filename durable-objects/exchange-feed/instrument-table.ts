import type { Endpoints, Exchange, Instrument, RequestJson, Scope } from "../../src/exchanges/exchange.ts";
import { HttpStatusError } from "../../src/http-status-error.ts";
import { type ListedSymbol, listedSymbols } from "../../src/listed-symbol.ts";
import { messageOf } from "../../src/message-of.ts";
import type { Log } from "../../src/log.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";

/** Time before another request, if a venue's table could not be loaded or was not accepted. */
const RETRY_MS = 300_000;
/** Minimum share of the previously trading contracts that a new table must have to be accepted. */
const MIN_TRADING_SHARE = 0.5;

/** The memory that survives a restart: `ObjectMemory`. */
interface Memory {
  read(key: string): unknown;
  write(key: string, value: unknown): void;
}

interface Stored {
  readonly loadedTime: number;
  readonly instruments: readonly Instrument[];
  /** The scope that `instruments` were selected for; absent in older tables. */
  readonly symbols?: "*" | readonly string[];
  /** Number of trading contracts of the whole venue. */
  readonly trading?: number;
}

/** A table that is not accepted yet. */
interface Doubt {
  readonly since: number;
  readonly reason: string;
}

/**
 * The contracts of a venue: its REST table, refreshed daily, or the built-in ones for BTC, ETH and SOL until there is
 * one. A table without a trading contract is that of a halt and never accepted. A table that lost more than half of its
 * trading contracts is accepted once the venue has repeated it for a day; until then the previous one stays.
 */
export class InstrumentTable {
  readonly #exchange: Exchange;
  readonly #wanted: Omit<Scope, "instruments">;
  readonly #memory: Memory;
  #stored: Stored | null;
  #doubt: Doubt | null;
  #nextTime: number;
  #warning: string | null = null;

  constructor(exchange: Exchange, wanted: Omit<Scope, "instruments">, memory: Memory) {
    this.#exchange = exchange;
    this.#wanted = wanted;
    this.#memory = memory;
    this.#stored = (memory.read("instruments") as Stored | undefined) ?? null;
    this.#doubt = (memory.read("instruments_doubt") as Doubt | null | undefined) ?? null;
    const isCurrent = this.#stored !== null && this.#doubt === null && sameSymbols(this.#stored.symbols, wanted.symbols);
    this.#nextTime = isCurrent ? (this.#stored?.loadedTime ?? 0) + DAY_MS : 0;
  }

  /**
   * The built-in contracts come first, in their own order, so that the first table after a start does not change the
   * order of subscriptions.
   */
  scope(): Scope {
    const { fallbackInstruments } = this.#exchange;
    const table = byName(this.#stored?.instruments ?? fallbackInstruments);
    const first = fallbackInstruments.flatMap(({ instrument }) => table.get(instrument) ?? []);
    return { ...this.#wanted, instruments: byName([...first, ...table.values()]) };
  }

  status(): { count: number; source: "rest" | "fallback"; loaded_time: number | null } {
    return {
      count: this.scope().instruments.size,
      source: this.#stored === null ? "fallback" : "rest",
      loaded_time: this.#stored?.loadedTime ?? null,
    };
  }

  /** The base assets of the venue's own table; null while only the built-in contracts are known. */
  listed(): readonly ListedSymbol[] | null {
    return this.#stored === null ? null : listedSymbols(this.scope().instruments.values(), this.#wanted.symbols);
  }

  /** The reason why the current table is not the venue's newest; null where it is. */
  get warning(): string | null {
    return this.#warning;
  }

  isDue(now: number): boolean {
    return now >= this.#nextTime;
  }

  /**
   * Requests the table from the venue. Never throws: a failure is logged, and the old table stays.
   * @returns whether the table is new
   */
  async refresh(request: RequestJson, endpoints: Endpoints, now: number, log: Log): Promise<boolean> {
    this.#nextTime = now + RETRY_MS;
    try {
      const instruments = await this.#exchange.loadInstruments(request, endpoints);
      const reason = this.#doubtful(instruments);
      this.#setDoubt(reason === null ? null : { since: this.#doubt?.since ?? now, reason });
      if (this.#doubt !== null && !this.#isBelieved(this.#doubt, instruments, now)) {
        this.#keepOld(`is not believed, since ${this.#doubt.reason}`);
        log({ event: "instruments_doubted", reason: this.#doubt.reason, since: this.#doubt.since });
        return false;
      }
      this.#accept(instruments, now);
      log({ event: "instruments_loaded", count: this.#stored?.instruments.length ?? 0 });
      return true;
    } catch (error) {
      const asked = error instanceof HttpStatusError ? (error.detail.retryAfterMs ?? 0) : 0;
      this.#nextTime = now + Math.max(RETRY_MS, Math.min(asked, DAY_MS));
      this.#keepOld(`could not be read: ${messageOf(error)}`);
      log({ event: "instruments_failed", error: messageOf(error) });
      return false;
    }
  }

  #doubtful(instruments: readonly Instrument[]): string | null {
    const trading = countTrading(instruments);
    if (instruments.length === 0) return "it is empty";
    if (trading === 0) return "none of its contracts is trading";
    const before = this.#stored?.trading ?? 0;
    return trading < before * MIN_TRADING_SHARE ? `only ${trading} contracts of ${before} are trading` : null;
  }

  /** A table that the venue has repeated for a whole day is accepted, as long as it has anything to collect. */
  #isBelieved({ since }: Doubt, instruments: readonly Instrument[], now: number): boolean {
    return countTrading(instruments) > 0 && now - since >= DAY_MS;
  }

  #setDoubt(doubt: Doubt | null): void {
    if (doubt !== null || this.#doubt !== null) this.#memory.write("instruments_doubt", doubt);
    this.#doubt = doubt;
  }

  #accept(instruments: readonly Instrument[], now: number): void {
    const { symbols } = this.#wanted;
    // The built-in ones stay if the venue lists them, because its control stream may be one of theirs.
    const builtIn = new Set(this.#exchange.fallbackInstruments.map(({ instrument }) => instrument));
    const isKept = ({ symbol, instrument }: Instrument) => symbols === "*" || symbols.has(symbol) || builtIn.has(instrument);
    this.#stored = {
      loadedTime: now,
      instruments: instruments.filter(isKept),
      symbols: symbols === "*" ? "*" : [...symbols],
      trading: countTrading(instruments),
    };
    this.#setDoubt(null);
    this.#warning = null;
    this.#nextTime = now + DAY_MS;
    this.#memory.write("instruments", this.#stored);
  }

  #keepOld(what: string): void {
    const kept = this.#stored === null ? "the built-in contracts are" : `the one of ${new Date(this.#stored.loadedTime).toISOString()} is`;
    this.#warning = `The table of contracts of ${this.#exchange.title} ${what}; ${kept} used, and the venue is asked again within minutes.`;
  }
}

function byName(instruments: readonly Instrument[]): ReadonlyMap<string, Instrument> {
  return new Map(instruments.map((instrument) => [instrument.instrument, instrument]));
}

function countTrading(instruments: readonly Instrument[]): number {
  return instruments.filter(({ trading }) => trading).length;
}

function sameSymbols(stored: Stored["symbols"], wanted: Scope["symbols"]): boolean {
  if (stored === undefined || stored === "*" || wanted === "*") return stored === wanted;
  return new Set(stored).size === wanted.size && stored.every((symbol) => wanted.has(symbol));
}
