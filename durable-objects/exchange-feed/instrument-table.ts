import type { Endpoints, Exchange, Instrument, RequestJson, Scope } from "../../src/exchanges/exchange.ts";
import type { ObjectMemory } from "../object-memory.ts";
import { HttpStatusError } from "../../src/http-status-error.ts";
import { messageOf } from "../../src/message-of.ts";
import type { Log } from "../../src/log.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";

/** Time before another request, if a venue's table could not be loaded. */
const RETRY_MS = 600_000;

interface Stored {
  readonly loadedTime: number;
  readonly instruments: readonly Instrument[];
}

/** The contracts of a venue: its REST table, refreshed daily, over the built-in ones for BTC, ETH and SOL. */
export class InstrumentTable {
  readonly #exchange: Exchange;
  readonly #wanted: Omit<Scope, "instruments">;
  readonly #memory: ObjectMemory;
  #stored: Stored | null;
  #nextTime: number;

  constructor(exchange: Exchange, wanted: Omit<Scope, "instruments">, memory: ObjectMemory) {
    this.#exchange = exchange;
    this.#wanted = wanted;
    this.#memory = memory;
    const stored = memory.read("instruments") as Stored | undefined;
    this.#stored = stored ?? null;
    this.#nextTime = (stored?.loadedTime ?? 0) + DAY_MS;
  }

  scope(): Scope {
    const all = [...this.#exchange.fallbackInstruments, ...(this.#stored?.instruments ?? [])];
    return { ...this.#wanted, instruments: new Map(all.map((instrument) => [instrument.instrument, instrument])) };
  }

  status(): { count: number; source: "rest" | "fallback"; loaded_time: number | null } {
    return {
      count: this.scope().instruments.size,
      source: this.#stored === null ? "fallback" : "rest",
      loaded_time: this.#stored?.loadedTime ?? null,
    };
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
      if (instruments.length === 0) throw new Error("the venue's table is empty");
      const { symbols } = this.#wanted;
      const kept = symbols === "*" ? instruments : instruments.filter((instrument) => symbols.has(instrument.symbol));
      this.#stored = { loadedTime: now, instruments: kept };
      this.#nextTime = now + DAY_MS;
      this.#memory.write("instruments", this.#stored);
      log({ event: "instruments_loaded", count: kept.length });
      return true;
    } catch (error) {
      const asked = error instanceof HttpStatusError ? (error.detail.retryAfterMs ?? 0) : 0;
      this.#nextTime = now + Math.max(RETRY_MS, Math.min(asked, DAY_MS));
      log({ event: "instruments_failed", error: messageOf(error) });
      return false;
    }
  }
}
