import type { FeedMessage } from "../../src/exchanges/exchange.ts";
import type { VenueLiquidation } from "../../src/liquidation.ts";
import { MarkWindow } from "./mark-window.ts";
import type { ObservedLiquidation, ObservedReject } from "./observations.ts";

const MAX_LIQUIDATIONS = 50_000;
const MAX_ERRORS = 20;
const MAX_REASONS = 50;
const MAX_SHOWN = 300;

/** Everything that is kept of the messages of a check, which is bounded: a check may run for a day. */
export class Collected {
  readonly liquidations: ObservedLiquidation[] = [];
  readonly #marks = new MarkWindow();
  readonly openInterest = new Map<string, number>();
  readonly kinds = new Map<FeedMessage["kind"], number>();
  readonly rejects = new Map<string, ObservedReject>();
  readonly errors: string[] = [];
  /** The newest ids, in the order received. */
  readonly #ids = new Set<string>();
  repeated = 0;
  unkept = 0;

  take(messages: readonly FeedMessage[], receivedTime: number): void {
    for (const message of messages) {
      this.kinds.set(message.kind, (this.kinds.get(message.kind) ?? 0) + 1);
      this.#takeOne(message, receivedTime);
    }
  }

  #takeOne(message: FeedMessage, receivedTime: number): void {
    switch (message.kind) {
      case "liquidation":
        this.#liquidation(message.liquidation, receivedTime);
        break;
      case "mark":
        this.#marks.mark(message.instrument, { time: receivedTime, price: message.price });
        break;
      case "open_interest":
        this.openInterest.set(message.instrument, message.quantity);
        break;
      case "reject":
        this.#reject(message.reason, message.text);
        break;
      case "error":
        if (this.errors.length < MAX_ERRORS) this.errors.push(message.message.slice(0, MAX_SHOWN));
        break;
      default:
    }
  }

  #liquidation(row: VenueLiquidation, receivedTime: number): void {
    if (this.#ids.has(row.event_id)) this.repeated += 1;
    else if (this.liquidations.length < MAX_LIQUIDATIONS) {
      this.liquidations.push({ row, receivedTime, marks: this.#marks.around(row.instrument, receivedTime) });
    } else this.unkept += 1;
    this.#ids.add(row.event_id);
    const [oldest] = this.#ids;
    if (this.#ids.size > MAX_LIQUIDATIONS && oldest !== undefined) this.#ids.delete(oldest);
  }

  #reject(reason: string, text: string): void {
    const known = this.rejects.get(reason);
    if (known === undefined && this.rejects.size >= MAX_REASONS) return;
    this.rejects.set(reason, { reason, count: (known?.count ?? 0) + 1, text: known?.text ?? text.slice(0, MAX_SHOWN) });
  }
}
