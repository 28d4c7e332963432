import { flowUsd } from "../flow-usd.ts";
import type { ExchangeName, PositionSide } from "../liquidation.ts";
import { DAY_MS } from "../windows/calendar.ts";
import type { RuleLiquidation } from "./rule-fields.ts";

/** A cascade without a liquidation for this long has ended, ms: as long as the hub itself waits. */
export const ENDED_AFTER_MS = 60_000;
/** The price that a cascade would reach is by the largest one of this time, ms. */
export const CASCADES_MS = DAY_MS;

/** The running cascade of a side, by the liquidations that carry its id. */
interface Running {
  readonly id: string;
  readonly startTime: number;
  lastTime: number;
  usd: number;
  events: number;
  moveBps: number;
  readonly firstMarks: Partial<Record<ExchangeName, number>>;
}

/** A cascade and how far it moved the mark price, bps. */
type Move = readonly [time: number, bps: number];

/** What a restart needs. */
export interface SideCascadesSnapshot {
  readonly running: Running | null;
  readonly moves: readonly Move[];
}

/** The cascades of a base asset and side, as its liquidations tell of them. Times are those of the events, ms. */
export class SideCascades {
  readonly #side: PositionSide;
  #running: Running | null = null;
  #moves: Move[] = [];

  constructor(side: PositionSide, { running, moves }: SideCascadesSnapshot = { running: null, moves: [] }) {
    this.#side = side;
    this.#running = running;
    this.#moves = [...moves];
  }

  get snapshot(): SideCascadesSnapshot {
    return { running: this.#running, moves: this.#moves };
  }

  add(event: RuleLiquidation): void {
    const { cascade_id: id, event_time: time, exchange, mark_price: mark } = event;
    if (id === null) return;
    if (this.#running?.id !== id) {
      this.#end();
      this.#running = { id, startTime: time, lastTime: time, usd: 0, events: 0, moveBps: 0, firstMarks: {} };
    }
    const running = this.#running;
    running.lastTime = Math.max(running.lastTime, time);
    running.usd += flowUsd(event) ?? 0;
    running.events += 1;
    if (mark === null || !(mark > 0)) return;
    running.firstMarks[exchange] ??= mark;
    const direction = this.#side === "long" ? -1 : 1;
    const move = direction * 1e4 * (mark / (running.firstMarks[exchange] ?? mark) - 1);
    if (move > running.moveBps) running.moveBps = move;
  }

  /** The cascade that runs at a time; null where none does. */
  at(time: number): Readonly<Running> | null {
    if (this.#running !== null && time - this.#running.lastTime > ENDED_AFTER_MS) this.#end();
    return this.#running;
  }

  /** The largest move of the last 24 h, bps; null without a cascade. */
  largestMove(time: number): number | null {
    if (this.#moves.some(([from]) => from <= time - CASCADES_MS)) this.#moves = this.#moves.filter(([from]) => from > time - CASCADES_MS);
    const moves = [...this.#moves.map(([, bps]) => bps), ...(this.#running === null ? [] : [this.#running.moveBps])];
    return moves.length === 0 ? null : Math.max(...moves);
  }

  #end(): void {
    if (this.#running !== null) this.#moves.push([this.#running.lastTime, this.#running.moveBps]);
    this.#running = null;
  }
}
