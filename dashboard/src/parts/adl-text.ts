import { type AdlContract, type AdlSource, type AdlState, adlSeverity } from "../../../src/adl/adl-state.ts";
import { momentText, spanText } from "./format.ts";

/** What the states of auto-deleveraging are called, and what they mean. */
export const ADL_WORDS: Readonly<Record<AdlState, { readonly name: string; readonly text: string }>> = {
  normal: { name: "normal", text: "The venue says so, or its latest trades were ordinary ones." },
  insurance_fund: {
    name: "insurance fund used",
    text: "The insurance fund took part in a trade. Nobody knows how ordinary that is.",
  },
  warning: { name: "ADL warning", text: "The venue warns that it may close winning positions." },
  adl: {
    name: "deleveraging",
    text: "The venue closes winning positions, because its insurance fund cannot bear the losses of liquidated ones.",
  },
};

/** What a venue publishes of it. */
export const SOURCE_TEXT: Readonly<Record<AdlSource, string>> = {
  states: "its state",
  trade_flags: "flags of its trades",
  insurance_fund: "the balance of its fund alone",
};

export const NOT_PUBLISHED = "The venue does not publish its auto-deleveraging: unknown, not normal.";

/** States end as early as after 15 s, and an answer comes every 30 s: what this page knows is good for this long after its answer. */
const ANSWER_MS = 60_000;

/**
 * What is known of a contract at `now`, ms. A page that gets no newer answer lets a state and a balance age out as the API does,
 * because what was once published need not hold any more.
 */
export function contractAt(contract: AdlContract, answeredTime: number, now: number): AdlContract {
  if (now <= Math.max(contract.valid_until, answeredTime + ANSWER_MS)) return contract;
  return { ...contract, state: null, since: null, insurance_fund: null };
}

/** Contracts in a state that is known and not normal, the most severe first. */
export function notNormal<Contract extends { readonly state: AdlState | null }>(contracts: readonly Contract[]): readonly Contract[] {
  return bySeverity(contracts.filter(({ state }) => adlSeverity(state) > 0));
}

/** The most severe first, unknown ones before those that are normal. */
export function bySeverity<Contract extends { readonly state: AdlState | null }>(contracts: readonly Contract[]): readonly Contract[] {
  const rank = ({ state }: Contract) => (state === null ? 0.5 : adlSeverity(state));
  return contracts.toSorted((a, b) => rank(b) - rank(a));
}

/** Why a state is not known. */
export function noStateText(source: AdlSource, { received_time: received }: Pick<AdlContract, "received_time">): string {
  if (source === "insurance_fund") return "The venue publishes the balance of its insurance fund, and no state: unknown, not normal.";
  return `The last state aged out: the venue has published none since ${momentText(received)}. Unknown, not normal.`;
}

/** Why a balance is not known. */
export function noFundText(source: AdlSource): string {
  if (source === "trade_flags") return "The venue does not publish the balance of its insurance fund.";
  return "The last balance aged out, or the venue did not publish it.";
}

/** `280,784,385 USDT`; a currency that the venue does not name is left out. */
export function fundText(balance: number, currency: string | null): string {
  const text = balance.toLocaleString("en-US", { maximumFractionDigits: Math.abs(balance) >= 1_000 ? 0 : 4 });
  return currency === null ? text : `${text} ${currency}`;
}

/** `279.9M USDT`: what fits a narrow table, beside the whole balance. */
export function shortFundText(balance: number, currency: string | null): string {
  const text = balance.toLocaleString("en-US", { notation: "compact", maximumSignificantDigits: 4 });
  return currency === null ? text : `${text} ${currency}`;
}

const MAX_NAMED = 5;

/** `ADL warning of BTC-USDT-SWAP for 42 s`, one line for each contract. */
export function notNormalLines(contracts: readonly AdlContract[], now: number): readonly string[] {
  const lines = notNormal(contracts).map(({ state, since, instrument }) => {
    const length = since === null ? "" : ` for ${spanText(now - since)}`;
    return `${state === null ? "unknown" : ADL_WORDS[state].name} of ${instrument}${length}`;
  });
  const more = lines.length - MAX_NAMED;
  return more <= 0 ? lines : [...lines.slice(0, MAX_NAMED), `and ${more} more`];
}
