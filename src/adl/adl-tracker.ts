import type { FeedMessage, InstrumentOf } from "../exchanges/exchange.ts";
import { type AdlContract, type AdlRise, type AdlSource, type AdlStatus, adlSeverity } from "./adl-state.ts";

type AdlMessage = Extract<FeedMessage, { readonly kind: "adl" }>;

/** Rises that the hub has not taken; the oldest are dropped beyond it. */
const MAX_RISES = 500;

interface Snapshot {
  readonly changedTime: number | null;
  readonly contracts: readonly AdlContract[];
  readonly rises: readonly AdlRise[];
}

/**
 * What a venue publishes of auto-deleveraging, by contract. What is not published again ages out. A flagged trade counts until it
 * ages out, whatever milder trades follow in this or another session; a state that the venue names ends when it names another.
 */
export class AdlTracker {
  readonly #source: AdlSource;
  readonly #instrumentOf: InstrumentOf;
  readonly #contracts = new Map<string, AdlContract>();
  /** Where a flagged trade counts: the last one of each milder state since, which counts after it. */
  readonly #milder = new Map<string, readonly AdlContract[]>();
  #rises: readonly AdlRise[] = [];
  #changedTime: number | null = null;

  constructor(source: AdlSource, instrumentOf: InstrumentOf) {
    this.#source = source;
    this.#instrumentOf = instrumentOf;
  }

  /** The rises that the hub has not taken yet, oldest first. */
  get rises(): readonly AdlRise[] {
    return this.#rises;
  }

  /** When a state other than `normal` last began or ended, ms. */
  get changedTime(): number | null {
    return this.#changedTime;
  }

  /** Of the contract that is nearest to deleveraging, as `adlSeverity` counts. */
  get severity(): number {
    return Math.max(0, ...[...this.#contracts.values()].map(({ state }) => adlSeverity(state)));
  }

  note({ instrument, state, insuranceFund, currency, time, validMs }: AdlMessage, receivedTime: number): void {
    const symbol = this.#instrumentOf(instrument)?.symbol;
    if (symbol === undefined) return;
    const known = this.#contracts.get(instrument);
    const before = known === undefined ? known : this.#aged(known, receivedTime);
    const contract: AdlContract = {
      symbol,
      instrument,
      state,
      since: state === null ? null : before?.state === state ? before.since : time,
      covered_since: before !== undefined && before.valid_until >= receivedTime ? before.covered_since : receivedTime,
      received_time: receivedTime,
      valid_until: receivedTime + validMs,
      insurance_fund: insuranceFund,
      insurance_fund_currency: currency,
    };
    if (before !== undefined && this.#outlasts(before, contract)) {
      const others = (this.#milder.get(instrument) ?? []).filter((one) => one.state !== state);
      this.#milder.set(instrument, [...others, contract]);
      return;
    }
    this.#milder.delete(instrument);
    this.#contracts.set(instrument, contract);
    const previous = before?.state ?? null;
    if (state !== previous && (adlSeverity(state) > 0 || adlSeverity(previous) > 0)) this.#changedTime = receivedTime;
    if (state !== null && state !== previous && adlSeverity(state) > 0)
      this.#rises = [...this.#rises, { ...contract, state, since: time, previous_state: previous }].slice(-MAX_RISES);
  }

  /** Lets what was not published again age out. */
  tick(now: number): void {
    for (const [instrument, contract] of this.#contracts) {
      const aged = this.#aged(contract, now);
      if (aged !== contract) this.#contracts.set(instrument, aged);
    }
  }

  /** The hub has these rises, and does not need them again. */
  taken(rises: readonly AdlRise[]): void {
    this.#rises = this.#rises.filter((rise) => !rises.includes(rise));
  }

  contracts(now: number): readonly AdlContract[] {
    this.tick(now);
    return [...this.#contracts.values()].toSorted((a, b) => (a.instrument < b.instrument ? -1 : 1));
  }

  status(now: number): AdlStatus {
    return { source: this.#source, contracts: this.contracts(now), changed_time: this.#changedTime };
  }

  /** A receipt in the future, of a clock that went back since, holds nothing. */
  #outlasts(flagged: AdlContract, { state, received_time: received }: AdlContract): boolean {
    const isMilder = adlSeverity(state) < adlSeverity(flagged.state);
    return this.#source === "trade_flags" && isMilder && flagged.received_time <= received && received < flagged.valid_until;
  }

  #aged(contract: AdlContract, now: number): AdlContract {
    if (contract.valid_until >= now || (contract.state === null && contract.insurance_fund === null)) return contract;
    if (adlSeverity(contract.state) > 0) this.#changedTime = now;
    const milder = (this.#milder.get(contract.instrument) ?? []).filter((one) => one.valid_until >= now);
    const [next] = milder.toSorted((a, b) => adlSeverity(b.state) - adlSeverity(a.state));
    if (next !== undefined) return { ...next, since: next.state === null ? null : contract.valid_until };
    return { ...contract, state: null, since: null, insurance_fund: null };
  }

  /** What a restart must not forget; everything else is soon published again. */
  snapshot(): Snapshot {
    const contracts = [...this.#contracts.values()].filter(({ state }) => adlSeverity(state) > 0);
    return { changedTime: this.#changedTime, contracts, rises: this.#rises };
  }

  /** Restores a `snapshot()` that was stored as JSON. */
  restore(snapshot: unknown): void {
    if (snapshot === undefined) return;
    const { changedTime, contracts, rises } = snapshot as Snapshot;
    this.#changedTime = changedTime;
    this.#rises = rises;
    for (const contract of contracts) this.#contracts.set(contract.instrument, contract);
  }
}
