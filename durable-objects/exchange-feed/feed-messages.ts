import type { FeedMessage, Inferrer, ReceivedFrame } from "../../src/exchanges/exchange.ts";
import type { VenueLiquidation } from "../../src/liquidation.ts";
import type { Log } from "../../src/log.ts";
import type { MarketContext } from "../../src/market/market-context.ts";
import type { FeedCounters } from "./feed-counters.ts";
import type { FeedMarks } from "./feed-marks.ts";
import type { Intake } from "./intake.ts";
import type { ExecutionLog } from "./journal/execution-log.ts";
import type { FrameRecorder } from "./journal/frame-recorder.ts";
import type { RejectLog } from "./journal/reject-log.ts";
import type { TopicProber } from "./topic-prober.ts";

interface Dependencies {
  readonly intake: Intake;
  readonly recorder: FrameRecorder;
  readonly keepsFrames: () => boolean;
  /** Null where no liquidations of the venue are inferred. */
  readonly inferrer: Inferrer | null;
  readonly marks: FeedMarks;
  readonly executions: ExecutionLog;
  readonly counters: FeedCounters;
  readonly rejects: RejectLog;
  readonly prober: TopicProber;
  /** A liquidation with this event time (ms) could not be stored. */
  readonly storageFailed: (eventTime: number, error: unknown) => void;
  /** A liquidation of a gap became known from the venue's history. */
  readonly filled: (eventTime: number) => void;
  /** Runs a step and logs an error that it throws. */
  readonly guard: (step: string, run: () => void) => void;
  readonly log: Log;
}

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
    const { executions, filled, intake, keepsFrames, recorder, rejects } = this.#deps;
    const { receivedTime } = frame;
    let text = keepsFrames() ? recorder.record(messages, frame, "backfill") : null;
    for (const message of messages) {
      if (message.kind === "liquidation" && intake.take(message.liquidation, receivedTime, "backfill", text)) {
        text = null;
        filled(message.liquidation.event_time);
      }
      if (message.kind === "execution") executions.add(message);
      if (message.kind === "reject") rejects.add(receivedTime, message.reason, message.text);
    }
  }

  /** @returns whether a liquidation was journaled with the text of its frame */
  #message(message: FeedMessage, receivedTime: number, context: MarketContext, text: string | null): boolean {
    const { counters, executions, log, marks, prober, rejects } = this.#deps;
    switch (message.kind) {
      case "liquidation":
        return this.#take(message.liquidation, receivedTime, text);
      case "mark":
        marks.add(message, receivedTime);
        context.apply(message, receivedTime);
        break;
      case "execution":
        executions.add(message);
        break;
      case "skipped":
        counters.raise("skipped");
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
      case "subscribed":
        prober.confirmed(message.topic);
        break;
      default:
        context.apply(message, receivedTime);
    }
    return false;
  }

  /**
   * A liquidation that cannot be stored is counted, and the time from it on is a gap.
   * @returns whether it is new and was journaled
   */
  #take(liquidation: VenueLiquidation, receivedTime: number, text: string | null): boolean {
    const { counters, intake, storageFailed } = this.#deps;
    try {
      return intake.take(liquidation, receivedTime, "stream", text);
    } catch (error) {
      counters.raise("lost");
      storageFailed(liquidation.event_time, error);
      return false;
    }
  }
}
