import { isObject, parseJson, shown } from "../decoding/json.ts";
import type { FeedProbe, ProbeMessage, ProbeTopic } from "../exchange.ts";
import { classicAddress, subscribeFrame } from "./kucoin-classic.ts";

/** Every one of these returned "topic does not exist" on 2026-09-18. */
export const kucoinProbe: FeedProbe = {
  venue: "kucoin",
  title: "KuCoin futures",
  url: "https://api-futures.kucoin.com",
  address: classicAddress,
  waitForWelcome: true,
  control: topicOf("/contract/instrument:XBTUSDTM"),
  candidates: [
    "/contractMarket/liquidation:XBTUSDTM",
    "/contractMarket/liquidationOrders:XBTUSDTM",
    "/contractMarket/liquidationOrder:XBTUSDTM",
    "/contractMarket/liquidations:XBTUSDTM",
    "/contractMarket/forceOrder:XBTUSDTM",
    "/contractMarket/liquidation",
    "/contractMarket/liquidationOrders",
    "/contract/liquidation:XBTUSDTM",
    "/contract/liquidation",
  ].map(topicOf),
  read: readFrame,
};

/** The topic is its own id, so that an answer names it. */
function topicOf(topic: string): ProbeTopic {
  return { topic, frame: subscribeFrame(topic, topic) };
}

function readFrame(text: string): ProbeMessage {
  const frame = parseJson(text);
  if (!isObject(frame)) return { kind: "other" };
  if (frame.type === "welcome") return { kind: "welcome" };
  if (typeof frame.id !== "string") return { kind: "other" };
  if (frame.type === "ack") return { kind: "accepted", topic: frame.id };
  if (frame.type !== "error") return { kind: "other" };
  return { kind: "refused", topic: frame.id, reason: `${shown(frame.code ?? "no code")} ${shown(frame.data ?? "")}`.trim() };
}
