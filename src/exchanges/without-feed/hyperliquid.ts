import { isObject, parseJson } from "../decoding/json.ts";
import type { FeedProbe, ProbeMessage, ProbeTopic } from "../exchange.ts";

/**
 * Hyperliquid. Liquidations appear only in the fills of the two accounts concerned, at most ten accounts an address, so there
 * is no feed of all of them (measured 2026-09). A refusal is `{"channel":"error"}` and repeats the request in its text.
 * https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket/subscriptions
 */
export const hyperliquid: FeedProbe = {
  venue: "hyperliquid",
  title: "Hyperliquid perpetuals",
  url: "https://api.hyperliquid.xyz",
  address: (_request, url) => Promise.resolve({ url: `${url}/ws` }),
  waitForWelcome: false,
  control: topicOf({ type: "allMids" }),
  candidates: [
    { type: "liquidations" },
    { type: "liquidations", coin: "BTC" },
    { type: "liquidation", coin: "BTC" },
    { type: "allLiquidations" },
    { type: "liquidationFills" },
    { type: "forceOrders" },
  ].map(topicOf),
  read: readFrame,
};

interface Subscription {
  readonly type: string;
  readonly coin?: string;
}

function topicOf(subscription: Subscription): ProbeTopic {
  return { topic: nameOf(subscription.type, subscription.coin), frame: JSON.stringify({ method: "subscribe", subscription }) };
}

function nameOf(type: string, coin: unknown): string {
  return typeof coin === "string" ? `${type}:${coin}` : type;
}

function readFrame(text: string): ProbeMessage {
  const frame = parseJson(text);
  if (!isObject(frame)) return { kind: "other" };
  if (frame.channel === "error") {
    return { kind: "refused", topic: null, reason: typeof frame.data === "string" ? frame.data : "no reason" };
  }
  if (frame.channel !== "subscriptionResponse" || !isObject(frame.data) || !isObject(frame.data.subscription)) return { kind: "other" };
  const { type, coin } = frame.data.subscription;
  return typeof type === "string" ? { kind: "accepted", topic: nameOf(type, coin) } : { kind: "other" };
}
