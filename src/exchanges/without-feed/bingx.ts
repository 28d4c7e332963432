import { isObject, parseJson } from "../decoding/json.ts";
import type { FeedProbe, ProbeMessage, ProbeTopic } from "../exchange.ts";

/**
 * BingX. Its documents list no liquidations, and no likely spelling was accepted (measured 2026-09). Every frame is gzip;
 * an answer repeats the request's id, and its code is 0 where the subscription holds.
 * https://bingx-api.github.io/docs/
 */
export const bingx: FeedProbe = {
  venue: "bingx",
  title: "BingX perpetuals",
  url: "https://open-api-swap.bingx.com",
  address: (_request, url) => Promise.resolve({ url: `${url}/swap-market` }),
  waitForWelcome: false,
  control: topicOf("BTC-USDT@lastPrice"),
  candidates: [
    "BTC-USDT@forceOrder",
    "BTC-USDT@liquidation",
    "BTC-USDT@liquidationOrder",
    "BTC-USDT@liquidationOrders",
    "all@forceOrder",
    "all@liquidation",
    "forceOrder",
  ].map(topicOf),
  read: readFrame,
};

/** The topic is its own id, so that an answer names it. */
function topicOf(topic: string): ProbeTopic {
  return { topic, frame: JSON.stringify({ id: topic, reqType: "sub", dataType: topic }) };
}

function readFrame(text: string): ProbeMessage {
  if (text === "Ping") return { kind: "reply", frame: "Pong" };
  const frame = parseJson(text);
  if (!isObject(frame)) return { kind: "other" };
  if (typeof frame.ping === "string") return { kind: "reply", frame: JSON.stringify({ pong: frame.ping, time: frame.time }) };
  if (typeof frame.id !== "string" || frame.id === "" || typeof frame.code !== "number") return { kind: "other" };
  if (frame.code === 0) return { kind: "accepted", topic: frame.id };
  return { kind: "refused", topic: frame.id, reason: `${frame.code} ${typeof frame.msg === "string" ? frame.msg : ""}`.trim() };
}
