import type { FeedMessage, Instrument, SocketPlan } from "../exchange.ts";
import { type JsonObject, isObject, shown } from "../decoding/json.ts";
import { readPositive } from "../decoding/number.ts";
import { readTime } from "../decoding/time.ts";
import { isEchoable } from "./echoable.ts";

const KINDS = ["mark_price", "index"] as const;
const PERIOD = "1min";

/** The socket with mark and index prices, as candles whose close is the last one. */
export function indexSocket(contracts: readonly Instrument[], ws: string): SocketPlan {
  const channels = contracts.flatMap(({ instrument }) =>
    KINDS.map((kind) => [`market.${instrument}.${kind}.${PERIOD}`, instrument] as const),
  );
  return {
    name: "index",
    role: "market",
    address: () => Promise.resolve({ url: `${ws}/ws_index` }),
    waitForWelcome: false,
    subscribe: [],
    confirmations: new Set(),
    topics: {
      contracts: new Map(channels),
      perRequest: 1,
      request: (count, [channel = ""]) => ({ id: `index-${count}`, frame: JSON.stringify({ sub: channel, id: `index-${count}` }) }),
    },
    sendIntervalMs: 100,
    keepalive: null,
    control: new Set(["mark"]),
    controlTimeoutMs: 60_000,
    maxAgeMs: null,
  };
}

/** `{"ping":ms}`, the answer to a request, or a candle; null for any other frame. */
export function readIndexFrame(
  frame: JsonObject,
  text: string,
  receivedTime: number,
  instrumentOf: (name: string) => Instrument,
): readonly FeedMessage[] | null {
  const { ping, id, status, ch, tick } = frame;
  if (ping !== undefined) {
    return isEchoable(ping)
      ? [{ kind: "reply", frame: JSON.stringify({ pong: ping }) }]
      : [{ kind: "reject", reason: "malformed ping", text }];
  }
  if (status === "ok" && id !== undefined) return [{ kind: "subscribed", topic: shown(id) }];
  if (status === "error") {
    return [{ kind: "refused", request: shown(id), reason: shown(frame["err-msg"] ?? frame["err-code"]), unknown: [], held: [] }];
  }
  if (typeof ch !== "string") return null;
  const [, name, kind] = /^market\.([^.]+)\.(mark_price|index)\.1min$/.exec(ch) ?? [];
  const price = isObject(tick) ? readPositive(tick.close) : null;
  if (name === undefined || price === null) return [{ kind: "reject", reason: `malformed ${ch.slice(0, 50)}`, text }];
  const { instrument, scale } = instrumentOf(name);
  if (kind === "index") return [{ kind: "index", instrument, price: price / scale }];
  return [{ kind: "mark", instrument, price: price / scale, time: readTime(frame.ts) ?? receivedTime }];
}
