import type { Page, WebSocketRoute } from "playwright-core";
import type { Liquidation } from "../../../src/liquidation.ts";
import { aLiquidation } from "../../unit/cascade/cascade-fixtures.ts";

/** A stream that a test plays itself, in place of the Worker's. */
export interface MockStream {
  /** Addresses of the connections, oldest first. */
  readonly asked: readonly string[];
  /** Sends to the newest connection. */
  send(frame: object): void;
  /** Sends liquidations, each with an id of its own. */
  sendLiquidations(events: readonly Liquidation[]): void;
  close(code: number, reason: string): void;
}

/** Call before the page loads. @param helloOf what the greeting of a connection says beside the usual; connections count from 1 */
export async function mockStream(page: Page, helloOf: (connection: number) => object = () => ({})): Promise<MockStream> {
  const asked: string[] = [];
  let newest: WebSocketRoute | null = null;
  let frames = 0;
  const send = (frame: object) => newest?.send(JSON.stringify(frame));
  await page.routeWebSocket("**/v1/stream**", (socket) => {
    newest = socket;
    asked.push(socket.url());
    const usual = { filter: {}, resumed: "none", replay: false, venues: [], instruments: null, notices: [], beat_ms: 10_000 };
    send({ type: "hello", id: `mocked-${frames}`, time: Date.now(), ...usual, ...helloOf(asked.length) });
  });
  return {
    asked,
    send,
    sendLiquidations(events) {
      for (const data of events) {
        frames += 1;
        send({ type: "liquidation", id: `mocked-${frames}`, data });
      }
    },
    close: (code, reason) => void newest?.close({ code, reason }),
  };
}

let made = 0;

/** Liquidations that happen now. */
export function liquidationsNow(count: number, changes: Partial<Liquidation> = {}): readonly Liquidation[] {
  const time = Date.now();
  const times = { event_time: time, received_time: time };
  return Array.from({ length: count }, () => aLiquidation({ event_id: `mocked:${(made += 1)}`, ...times, ...changes }));
}
