import type { AdlTracker } from "../../src/adl/adl-tracker.ts";
import type { FeedMessage, Inferrer, ReceivedFrame } from "../../src/exchanges/exchange.ts";
import type { VenueLiquidation } from "../../src/liquidation.ts";
import type { Log } from "../../src/log.ts";
import type { MarketContext } from "../../src/market/market-context.ts";
import { minuteMarketNow } from "../../src/market/minute-market.ts";
import { MINUTE_MS } from "../../src/windows/calendar.ts";
import type { FeedCounters } from "./feed-counters.ts";
import type { FeedMarks } from "./feed-marks.ts";
import type { Intake } from "./intake.ts";
import type { ExecutionLog } from "./journal/execution-log.ts";
import type { FrameRecorder } from "./journal/frame-recorder.ts";
import type { RejectLog } from "./journal/reject-log.ts";

interface Dependencies {
  readonly intake: Intake;
  readonly recorder: FrameRecorder;
  readonly keepsFrames: () => boolean;
  /** Null where no liquidations of the venue are inferred. */
  readonly inferrer: Inferrer | null;
  readonly marks: FeedMarks;
  /** Null where the venue publishes nothing of its auto-deleveraging. */
  readonly adl: AdlTracker | null;
  /** The markets of all live sessions. */
  readonly contexts: () => readonly MarketContext[];
  readonly executions: ExecutionLog;
  readonly counters: FeedCounters;
  readonly rejects: RejectLog;
  /** A liquidation with this event time (ms) could not be stored. */
  readonly storageFailed: (eventTime: number, error: unknown) => void;
  /** The stream delivered a liquidation, new or not, collected or not, at this time (ms). */
  readonly delivered: (receivedTime: number) => void;
  /** A liquidation of a gap became known from the venue's history. */
  readonly filled: (eventTime: number) => void;
  /** Runs a step and logs an error that it throws. */
  readonly guard: (step: string, run: () => void) => void;
  readonly log: Log;
}

/** A liquidation of longer ago comes from a snapshot, and does not show that the stream delivers. */
const DELIVERED_WITHIN_MS = 5 * MINUTE_MS;

/** Passes each message of an adapter to what keeps it. A message that fails costs none of those after it. */
export class FeedMessages {
  readonly #deps: Dependencies;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** The messages of a frame of the stream. */
  stream(messages: readonly FeedMessage[], frame: ReceivedFrame, context: MarketContext): void {
    const { guard, inferrer, keepsFrames, recorder } = this.#deps;
    const { receivedTime } = frame;
    let text: string | null = null;
    guard("record", () => {
      if (keepsFrames()) text = recorder.record(messages, frame, "stream");
    });
    for (const message of messages) {
      guard(message.kind, () => {
        if (this.#message(message, receivedTime, context, text)) text = null;
      });
      guard("infer", () => {
        // Its trades came in many frames before, which are not kept.
        for (const liquidation of inferrer?.observe(message, receivedTime) ?? []) this.#take(liquidation, receivedTime, null);
      });
    }
  }

  /** The messages of a response of the venue's history. @throws what the storage said, so that it is asked for again */
  backfill(messages: readonly FeedMessage[], frame: ReceivedFrame): void {
    const { executions, filled, guard, intake, keepsFrames, recorder, rejects } = this.#deps;
    const { receivedTime } = frame;
    let text = keepsFrames() ? recorder.record(messages, frame, "backfill") : null;
    for (const message of messages) {
      if (message.kind === "liquidation" && intake.take(message.liquidation, receivedTime, "backfill", text)) {
        text = null;
        guard("execution", () => executions.noteEvent(message.liquidation.event_id));
        filled(message.liquidation.event_time);
      }
      if (message.kind === "execution") executions.add(message);
      if (message.kind === "reject") rejects.add(receivedTime, message.reason, message.text);
    }
  }

  /** @returns whether a liquidation was journaled with the text of its frame */
  #message(message: FeedMessage, receivedTime: number, context: MarketContext, text: string | null): boolean {
    const { adl, contexts, counters, executions, log, marks, rejects } = this.#deps;
    switch (message.kind) {
      case "liquidation":
        this.#noteDelivered(message.liquidation, receivedTime);
        return this.#take(message.liquidation, receivedTime, text);
      case "mark":
        marks.add(message, receivedTime);
        context.apply(message, receivedTime);
        marks.addMarket(message, receivedTime, () => minuteMarketNow(contexts(), message.instrument, receivedTime));
        break;
      case "adl":
        adl?.note(message, receivedTime);
        break;
      case "execution":
        executions.add(message);
        break;
      case "skipped":
        counters.raise("skipped");
        this.#delivered(receivedTime, null);
        break;
      case "reject":
        rejects.add(receivedTime, message.reason, message.text);
        break;
      case "error":
        log({ event: "venue_error", message: message.message });
        break;
      case "refused":
        log({ event: "venue_error", message: message.reason, request: message.request });
        break;
      default:
        context.apply(message, receivedTime);
    }
    return false;
  }

  #noteDelivered({ event_time, symbol }: VenueLiquidation, receivedTime: number): void {
    if (event_time >= receivedTime - DELIVERED_WITHIN_MS) this.#delivered(receivedTime, symbol);
  }

  #delivered(receivedTime: number, symbol: string | null): void {
    this.#deps.counters.delivered(symbol);
    this.#deps.delivered(receivedTime);
  }

  /**
   * A liquidation that cannot be stored is counted, and the time from it on is a gap.
   * @returns whether it is new and was journaled
   */
  #take(liquidation: VenueLiquidation, receivedTime: number, text: string | null): boolean {
    const { counters, executions, guard, intake, storageFailed } = this.#deps;
    try {
      const isNew = intake.take(liquidation, receivedTime, "stream", text);
      if (isNew) guard("execution", () => executions.noteEvent(liquidation.event_id));
      return isNew;
    } catch (error) {
      counters.raise("lost");
      storageFailed(liquidation.event_time, error);
      return false;
    }
  }
}
