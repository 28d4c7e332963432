import { completeLiquidation } from "../complete-liquidation.ts";
import { parseJson } from "../exchanges/decoding/json.ts";
import type { Exchange, FeedMessage, Scope } from "../exchanges/exchange.ts";
import type { Liquidation } from "../liquidation.ts";
import type { RawFrame } from "./raw-frame.ts";

/** The messages of a kept frame, read by the current adapter as in the session that received it. */
export function readRawFrame(raw: RawFrame, exchange: Exchange): readonly FeedMessage[] {
  const { text, received_time } = raw;
  if (text === null) return [{ kind: "reject", reason: "the frame was too long to be kept", text: raw.event_ids.join(" ") }];
  const scope: Scope = {
    symbols: new Set(raw.symbols),
    instruments: new Map(raw.instruments.map((instrument) => [instrument.instrument, instrument])),
  };
  if (raw.source === "backfill") return readResponse(text, scope, exchange);
  const decoder = exchange.createDecoder(scope);
  for (const earlier of raw.earlier) decoder.decode(earlier, received_time);
  return decoder.decode(text, received_time);
}

function readResponse(text: string, scope: Scope, { title, backfill }: Exchange): readonly FeedMessage[] {
  if (backfill === undefined) return [{ kind: "reject", reason: `${title} has no history`, text }];
  const body = parseJson(text);
  return body === undefined ? [{ kind: "reject", reason: "not JSON", text }] : backfill.read(body, scope);
}

/** The row of a liquidation that was read from a kept frame; fields that only the running collector knows are null. */
export function rowOfRaw({ received_time, source }: RawFrame, message: Extract<FeedMessage, { kind: "liquidation" }>): Liquidation {
  return completeLiquidation(message.liquidation, { received_time, source, gap_before_ms: 0 });
}
