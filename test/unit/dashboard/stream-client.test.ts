import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Connection, StreamClient } from "../../../dashboard/src/stream/stream-client.ts";

class FakeSocket extends EventTarget {
  static readonly opened: FakeSocket[] = [];
  readonly url: string;
  constructor(url: string) {
    super();
    this.url = url;
    FakeSocket.opened.push(this);
  }
  readonly send = vi.fn<(text: string) => void>();
  readonly close = vi.fn<() => void>();
}

beforeEach(() => {
  FakeSocket.opened.length = 0;
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("location", { href: "https://example.com/", protocol: "https:" });
  vi.stubGlobal("navigator", { onLine: true });
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("removeEventListener", () => undefined);
});
afterEach(() => vi.unstubAllGlobals());

const opened = (count: number) => vi.waitFor(() => expect(FakeSocket.opened).toHaveLength(count));
const frame = (data: object) => new MessageEvent("message", { data: JSON.stringify(data) });
const closed = (code: number, reason: string) => Object.assign(new Event("close"), { code, reason });

test("a page that fails at a frame continues after it, and says what failed", async () => {
  const failed = new Error("no sound");
  const report = vi.fn<(error: unknown) => void>();
  vi.stubGlobal("reportError", report);
  const client = new StreamClient({
    parameters: {},
    ticket: async () => ({ ticket: null }),
    onFrame: () => {
      throw failed;
    },
    onConnection: () => undefined,
  });
  client.start();
  await opened(1);
  FakeSocket.opened[0]?.dispatchEvent(frame({ type: "signal", id: "a-7", data: {} }));
  expect(report).toHaveBeenCalledWith(failed);
  client.reconnect();
  await opened(2);
  expect(FakeSocket.opened[1]?.url).toContain("last_event_id=a-7");
  client.stop();
});

test("a place that the log has lost is dropped, and a request that is refused without one is not repeated", async () => {
  const connections: Connection[] = [];
  const client = new StreamClient({
    parameters: { from: "1" },
    ticket: async () => ({ ticket: null }),
    onFrame: () => undefined,
    onConnection: (connection) => connections.push(connection),
  });
  client.start();
  await opened(1);
  FakeSocket.opened[0]?.dispatchEvent(frame({ type: "signal", id: "a-7", data: {} }));
  FakeSocket.opened[0]?.dispatchEvent(closed(4000, "last_event_id: is behind the newest frame"));
  await opened(2);
  expect(FakeSocket.opened[1]?.url).not.toContain("last_event_id");
  FakeSocket.opened[1]?.dispatchEvent(closed(4000, "from: is more than 31 days ago"));
  expect(connections.at(-1)).toEqual({ kind: "refused", reason: "from: is more than 31 days ago", needsKey: false });
  client.stop();
});
