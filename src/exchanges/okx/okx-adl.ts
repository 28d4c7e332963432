import { ADL_STATES, type AdlState } from "../../adl/adl-state.ts";
import { isObject } from "../decoding/json.ts";
import { readNumber } from "../decoding/number.ts";
import { inScope } from "../decoding/scope.ts";
import { readTime } from "../decoding/time.ts";
import type { FeedMessage, Instrument, Scope } from "../exchange.ts";

export const OKX_ADL_CHANNEL = "adl-warning";
/** Of all families of swaps at once. */
export const OKX_ADL_ARGUMENT = { channel: OKX_ADL_CHANNEL, instType: "SWAP" } as const;

/** A state other than `normal` is pushed every second, so that a few that are missing mean its end. */
const WARNED_FOR_MS = 15_000;
/** `normal` is pushed once a minute, or only when it begins: documents of different dates differ. */
const NORMAL_FOR_MS = 150_000;

/**
 * Rows of the `adl-warning` channel, one per family of swaps: `BTC-USDT` is that of BTC-USDT-SWAP. A malformed one stops none
 * behind it. https://www.okx.com/docs-v5/en/#public-data-websocket-adl-warning-channel
 */
export function readOkxAdl(
  rows: readonly unknown[],
  text: string,
  receivedTime: number,
  scope: Scope,
  instrumentOf: (name: string) => Instrument,
): readonly FeedMessage[] {
  return rows.flatMap((row): readonly FeedMessage[] => {
    const { instFamily: family, instType: type, state: named, bal, ccy, ts } = isObject(row) ? row : {};
    const state = stateOf(named);
    if (typeof family !== "string" || family === "" || state === null) return [{ kind: "reject", reason: "malformed adl-warning", text }];
    // A family's dated futures have a state of their own.
    if (type !== "SWAP") return [];
    const { instrument, symbol } = instrumentOf(`${family}-SWAP`);
    if (!inScope(scope, symbol)) return [];
    const currency = typeof ccy === "string" && ccy !== "" ? ccy : null;
    const validMs = state === "normal" ? NORMAL_FOR_MS : WARNED_FOR_MS;
    return [{ kind: "adl", instrument, state, insuranceFund: readNumber(bal), currency, time: readTime(ts) ?? receivedTime, validMs }];
  });
}

function stateOf(named: unknown): AdlState | null {
  return named === "insurance_fund" ? null : (ADL_STATES.find((state) => state === named) ?? null);
}
