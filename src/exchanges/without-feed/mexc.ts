import { isObject, parseJson, shown } from "../decoding/json.ts";
import type { FeedProbe, ProbeMessage, ProbeTopic } from "../exchange.ts";

/**
 * MEXC. Its documents list no liquidations, and no likely spelling was accepted (measured 2026-09). An acceptance is on the
 * channel `rs.<method>`; a refusal is on `rs.error` and does not say of what.
 * https://mexcdevelop.github.io/apidocs/contract_v1_en/#websocket-api
 */
export const mexc: FeedProbe = {
  venue: "mexc",
  title: "MEXC futures",
  url: "https://contract.mexc.com",
  address: (_request, url) => Promise.resolve({ url: `${url}/edge` }),
  waitForWelcome: false,
  control: topicOf("sub.ticker"),
  candidates: [
    "sub.liquidation",
    "sub.liquidations",
    "sub.liquidate",
    "sub.liquidation.order",
    "sub.liquidation.orders",
    "sub.force.order",
    "sub.forceOrder",
  ].map(topicOf),
  read: readFrame,
};

function topicOf(method: string): ProbeTopic {
  return { topic: method, frame: JSON.stringify({ method, param: { symbol: "BTC_USDT" } }) };
}

function readFrame(text: string): ProbeMessage {
  const frame = parseJson(text);
  if (!isObject(frame) || typeof frame.channel !== "string" || !frame.channel.startsWith("rs.")) return { kind: "other" };
  const reason = frame.data === undefined ? "no reason" : shown(frame.data);
  if (frame.channel === "rs.error") return { kind: "refused", topic: null, reason };
  const topic = frame.channel.slice("rs.".length);
  return frame.data === "success" ? { kind: "accepted", topic } : { kind: "refused", topic, reason };
}
