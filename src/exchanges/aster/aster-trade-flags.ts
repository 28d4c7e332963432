import type { AdlState } from "../../adl/adl-state.ts";
import { isObject, parseJson } from "../decoding/json.ts";
import { readTime } from "../decoding/time.ts";
import type { FeedMessage, Scope } from "../exchange.ts";

/** What `X` of a trade says of auto-deleveraging; other words are not known. */
const STATES: ReadonlyMap<unknown, AdlState> = new Map<unknown, AdlState>([
  ["MARKET", "normal"],
  ["NA", "normal"],
  ["INSURANCE_FUND", "insurance_fund"],
  ["ADL", "adl"],
]);

/** Deleveraging and trades of the fund come in bursts: a minute without another one means its end. */
const FLAGGED_FOR_MS = 60_000;
/** Ordinary trades prove no more than that the flag is sent: without any for this long nothing is known. */
const ORDINARY_FOR_MS = 60_000;
/** Between two ordinary trades of a contract that are looked at; most of those between are not even parsed. */
const ORDINARY_EVERY_MS = 5_000;

/** The flags of one session's trades. How long a flagged one counts is for `AdlTracker` to say, which has those of all sessions. */
export class TradeFlags {
  readonly #instruments: Scope["instruments"];
  /** When the last ordinary trade of a contract was read, ms. */
  readonly #ordinary = new Map<string, number>();

  constructor({ instruments }: Pick<Scope, "instruments">) {
    this.#instruments = instruments;
  }

  /** @returns null where the frame is not one of a trade stream */
  read(text: string, receivedTime: number): readonly FeedMessage[] | null {
    const name = tradedContract(text);
    if (name === null) return null;
    const isOrdinary = text.includes('"X":"MARKET"') || text.includes('"X":"NA"');
    return isOrdinary && this.#wasRead(name, receivedTime) ? [] : this.#readTrade(text, receivedTime);
  }

  /** Whether an ordinary trade of this contract was read so lately that another one says nothing new. */
  #wasRead(name: string, now: number): boolean {
    const last = this.#ordinary.get(name);
    return last !== undefined && now >= last && now - last < ORDINARY_EVERY_MS;
  }

  #readTrade(text: string, receivedTime: number): readonly FeedMessage[] {
    const frame = parseJson(text);
    const trade = isObject(frame) && isObject(frame.data) ? frame.data : {};
    const { e: event, s: name } = trade;
    if (event !== "trade" || typeof name !== "string") return [{ kind: "reject", reason: "malformed trade", text }];
    const state = STATES.get(trade.X);
    if (state === undefined) return [{ kind: "reject", reason: "unknown flag of a trade", text }];
    if (!this.#instruments.has(name) || (state === "normal" && this.#wasRead(name, receivedTime))) return [];
    if (state === "normal") this.#ordinary.set(name, receivedTime);
    const time = readTime(trade.T) ?? receivedTime;
    const validMs = state === "normal" ? ORDINARY_FOR_MS : FLAGGED_FOR_MS;
    return [{ kind: "adl", instrument: name, state, insuranceFund: null, currency: null, time, validMs }];
  }
}

const PREFIX = '{"stream":"';
const SUFFIX = '@trade"';

/** The contract of a frame of a trade stream in its usual spelling; null for all others. */
function tradedContract(text: string): string | null {
  if (!text.startsWith(PREFIX)) return null;
  const at = text.indexOf('"', PREFIX.length);
  return at > 0 && text.startsWith(SUFFIX, at + 1 - SUFFIX.length) ? text.slice(PREFIX.length, at + 1 - SUFFIX.length).toUpperCase() : null;
}
