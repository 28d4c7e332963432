import type { ExchangeName } from "../liquidation.ts";
import { type AdlContract, type AdlRise, type AdlState, adlSeverity } from "./adl-state.ts";

/** What a venue published of a contract's auto-deleveraging during a cascade. */
export interface CascadeAdl {
  readonly exchange: ExchangeName;
  readonly instrument: string;
  /** The most severe state; null where the venue published none. */
  readonly state: AdlState | null;
  /** The first and the lowest balance of the insurance fund; null where the venue published none. */
  readonly insurance_fund_start: number | null;
  readonly insurance_fund_min: number | null;
  /** Null where the venue does not name it. */
  readonly insurance_fund_currency: string | null;
}

/** A stretch with one state of a contract; times in ms. */
interface Stretch {
  readonly from: number;
  readonly until: number;
  readonly state: AdlState | null;
  readonly fundFirst: number | null;
  readonly fundMin: number | null;
}

interface ContractHistory {
  readonly exchange: ExchangeName;
  readonly instrument: string;
  readonly symbol: string;
  readonly currency: string | null;
  readonly stretches: readonly Stretch[];
}

/** A stretch in which the balance moves is no longer than this, so that its lowest is that of the time asked for. */
const MAX_STRETCH_MS = 30_000;
/** Cascades that run for longer lack what was published before. */
const KEPT_MS = 900_000;
/** Far more than one venue lists, so that no report uses memory without bound. */
const MAX_CONTRACTS = 10_000;

/** What the venues published of auto-deleveraging lately, for the records of cascades. */
export class AdlHistory {
  #contracts = new Map<string, ContractHistory>();

  /** @param rises what happened since the report before, oldest first: it may be over again */
  note(exchange: ExchangeName, contracts: readonly AdlContract[], rises: readonly AdlRise[], now: number): void {
    for (const published of [...rises, ...contracts]) this.#add(exchange, published, now);
  }

  /** What was published of a base asset from `from` to `to`, ms, both included. */
  during(symbol: string, from: number, to: number): readonly CascadeAdl[] {
    return [...this.#contracts.values()].flatMap((contract) => {
      const within = contract.stretches.filter((stretch) => stretch.from <= to && stretch.until >= from);
      if (contract.symbol !== symbol || within.length === 0) return [];
      const { exchange, instrument, currency } = contract;
      const funds = within.flatMap(({ fundMin }) => fundMin ?? []);
      return {
        exchange,
        instrument,
        state: within.reduce<AdlState | null>((worst, { state }) => worseOf(worst, state), null),
        insurance_fund_start: within.find(({ fundFirst }) => fundFirst !== null)?.fundFirst ?? null,
        insurance_fund_min: funds.length === 0 ? null : Math.min(...funds),
        insurance_fund_currency: currency,
      };
    });
  }

  snapshot(): readonly ContractHistory[] {
    return [...this.#contracts.values()];
  }

  /** Restores a `snapshot()` that was stored as JSON. */
  restore(snapshot: unknown): void {
    if (!Array.isArray(snapshot)) return;
    this.#contracts = new Map((snapshot as readonly ContractHistory[]).map((contract) => [keyOf(contract.exchange, contract), contract]));
  }

  #add(exchange: ExchangeName, published: AdlContract, now: number): void {
    const { state, insurance_fund: fund, insurance_fund_currency: currency, instrument, symbol, received_time: received } = published;
    const key = keyOf(exchange, published);
    const known = this.#contracts.get(key);
    const last = known?.stretches.at(-1);
    // A report repeats what came last, and one that was not acknowledged comes again.
    const isOld = last !== undefined && received < last.from;
    if (isOld || (known === undefined && this.#contracts.size >= MAX_CONTRACTS) || (state === null && fund === null)) return;
    const before = (known?.stretches ?? []).slice(0, -1).filter(({ until }) => until >= now - KEPT_MS);
    this.#contracts.set(key, { exchange, instrument, symbol, currency, stretches: [...before, ...continued(last, published)] });
  }
}

/** The last stretch until now, and the next one where the state or the balance is another. */
function continued(
  last: Stretch | undefined,
  { state, insurance_fund: fund, received_time: received, valid_until: until }: AdlContract,
): Stretch[] {
  const next = { from: received, until, state, fundFirst: fund, fundMin: fund };
  if (last === undefined) return [next];
  const isSteady = last.fundFirst === fund && last.fundMin === fund;
  const goesOn = last.state === state && last.until >= received && (isSteady || received - last.from < MAX_STRETCH_MS);
  return goesOn ? [{ ...last, until, fundMin: lower(last.fundMin, fund) }] : [{ ...last, until: Math.min(last.until, received) }, next];
}

function keyOf(exchange: ExchangeName, { instrument }: { readonly instrument: string }): string {
  return `${exchange}|${instrument}`;
}

function worseOf(one: AdlState | null, other: AdlState | null): AdlState | null {
  if (one === null || other === null) return one ?? other;
  return adlSeverity(other) > adlSeverity(one) ? other : one;
}

function lower(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}
