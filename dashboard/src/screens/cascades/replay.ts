import { batch, signal } from "@preact/signals";
import type { CascadeRecord } from "../../../../src/cascade/cascade-record.ts";
import type { Liquidation } from "../../api/schema.ts";
import { StreamClient } from "../../stream/stream-client.ts";
import { streamTicket } from "../../stream/stream-ticket.ts";
import { serverNow } from "../../stream/server-clock.ts";

export const REPLAY_SPEEDS = ["1×", "10×", "60×"] as const;
export type ReplaySpeed = (typeof REPLAY_SPEEDS)[number];
/** The replay begins before the cascade does, so that its first event is seen to come. */
const LEAD_MS = 3_000;
const TRAIL_MS = 5_000;
const DRAW_MS = 100;

export type ReplayState =
  | { readonly kind: "idle" }
  | { readonly kind: "opening" }
  | { readonly kind: "running" }
  | { readonly kind: "ended" }
  /** The stream refused or was cut; `needsKey` where a key helps. */
  | { readonly kind: "failed"; readonly reason: string; readonly needsKey: boolean };

/**
 * A cascade sent again by the stream, at the pace at which it happened or faster. The stream says what happened; where the
 * replay stands between two events is counted from its speed.
 */
export class Replay {
  readonly state = signal<ReplayState>({ kind: "idle" });
  /** Which moment is being replayed; null where none is. */
  readonly time = signal<number | null>(null);
  readonly events = signal<readonly Liquidation[]>([]);
  #client: StreamClient | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #received: Liquidation[] = [];

  /** @param lastTime of its last liquidation, ms; null where it is not known */
  start(
    { symbol, position_side: side, start_time: start, end_time: end }: CascadeRecord,
    lastTime: number | null,
    speed: ReplaySpeed,
  ): void {
    this.stop();
    const from = start - LEAD_MS;
    const to = Math.max(end ?? serverNow(), lastTime ?? 0) + TRAIL_MS;
    const isOf = (time: number) => time >= start && time <= to;
    const times = Number.parseInt(speed, 10);
    this.#received = [];
    batch(() => {
      this.state.value = { kind: "opening" };
      this.time.value = from;
      this.events.value = [];
    });
    const client = new StreamClient({
      parameters: { channels: "liquidation", symbol, side, from: String(from), speed: String(times) },
      ticket: streamTicket,
      onFrame: (frame) => {
        if (client !== this.#client) return;
        if (frame.type === "hello") this.#run(from, to, times);
        if (frame.type === "liquidation" && isOf(frame.data.event_time)) this.#received.push(frame.data);
        if (frame.type === "live") this.#end({ kind: "ended" });
      },
      onConnection: (connection) => {
        if (client !== this.#client) return;
        if (connection.kind === "refused") this.#end({ kind: "failed", reason: connection.reason, needsKey: connection.needsKey });
        // The stream would begin again from the start, so a cut ends the replay.
        if (connection.kind === "waiting") this.#end({ kind: "failed", reason: connection.reason, needsKey: false });
        if (connection.kind === "offline") this.#end({ kind: "failed", reason: "This browser is offline.", needsKey: false });
      },
    });
    this.#client = client;
    client.start();
  }

  /** Ends the replay and shows the whole cascade again. */
  stop(): void {
    this.#end({ kind: "idle" });
  }

  #run(from: number, to: number, times: number): void {
    clearInterval(this.#timer);
    const began = performance.now();
    this.state.value = { kind: "running" };
    this.#timer = setInterval(() => {
      const time = Math.min(from + (performance.now() - began) * times, to);
      batch(() => {
        this.time.value = time;
        if (this.events.peek().length !== this.#received.length) this.events.value = [...this.#received];
      });
      if (time >= to) this.#end({ kind: "ended" });
    }, DRAW_MS);
  }

  #end(state: ReplayState): void {
    clearInterval(this.#timer);
    const client = this.#client;
    this.#client = null;
    client?.stop();
    batch(() => {
      this.state.value = state;
      this.time.value = null;
    });
  }
}
