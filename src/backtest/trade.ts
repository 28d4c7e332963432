import type { ExchangeName } from "../liquidation.ts";
import type { Horizon } from "../grades/grade.ts";
import type { PathProblem } from "../grades/mark-path.ts";
import { COST_PROBLEMS, type CostProblem } from "../grades/trading-cost.ts";
import type { KnownGaps } from "./known-gaps.ts";
import type { ReplayedGrade } from "./replayed-ledger.ts";

export const STRATEGIES = ["analyst", "fade", "follow"] as const;
/** What is traded: the analyst's actions, or every spike against or with the forced flow. */
export type ReplayedStrategy = (typeof STRATEGIES)[number];

/**
 * `closed`: the trade counts. `cut_by_gap`: its venue was not connected for some time between entry and exit, so that its
 * path is not known: it counts nowhere. A `CostProblem`: its return is known before cost alone, and it counts in no net
 * figure. A `PathProblem`: no price at one of its ends.
 */
export type TradeStatus = "closed" | "cut_by_gap" | CostProblem | PathProblem;

/** A decision over a horizon, as a trade. Times in ms, returns in bps of the stake; null where unknown. */
export interface Trade {
  readonly signal_id: string;
  readonly symbol: string;
  readonly action: "BUY" | "SELL";
  readonly horizon: Horizon;
  readonly status: TradeStatus;
  /** When the decision was made. */
  readonly decided_time: number;
  /** The venue whose marks it is graded on. */
  readonly exchange: ExchangeName | null;
  readonly entry_time: number | null;
  readonly entry_price: number | null;
  readonly exit_time: number | null;
  readonly exit_price: number | null;
  /** Return of the position before cost. */
  readonly gross_return_bps: number | null;
  readonly fee_bps: number | null;
  readonly spread_bps: number | null;
  readonly impact_10k_bps: number | null;
  readonly impact_100k_bps: number | null;
  readonly impact_1m_bps: number | null;
  /** Paid by the position; negative where it receives. */
  readonly funding_bps: number | null;
  /** After fees, spread, impact at 10,000 USD and funding; null where one of them is. */
  readonly net_return_bps: number | null;
  /** The worst price along the way, as a return before cost. */
  readonly worst_excursion_bps: number | null;
  /** Return before cost where the entry is later, by `ENTRY_DELAYS_S`, and the exit the same. */
  readonly delayed_gross_bps: readonly (number | null)[];
}

/** The trades of a strategy over one horizon, in the order of the decisions. */
export function tradesOf(
  grades: readonly ReplayedGrade[],
  strategy: ReplayedStrategy,
  horizon: Horizon,
  gaps: KnownGaps,
): readonly Trade[] {
  const own = grades.filter((grade) => grade.horizon === horizon).toSorted((a, b) => a.signal.sequence - b.signal.sequence);
  return own.flatMap((grade) => {
    const direction = directionOf(grade, strategy);
    return direction === null ? [] : [tradeOf(grade, direction, gaps)];
  });
}

/** Whether a trade has a price at both ends, but no net return. */
export function hasUnknownCost({ status }: Trade): boolean {
  return COST_PROBLEMS.some((problem) => problem === status);
}

/**
 * The trades that a table of returns is of: those that count, and where none does for want of a cost, those with a price at
 * both ends, whose returns are known before cost alone.
 */
export function returnTrades(trades: readonly Trade[]): readonly Trade[] {
  const closed = trades.filter(({ status }) => status === "closed");
  return closed.length > 0 ? closed : trades.filter(hasUnknownCost);
}

/** Whether the venue of a path was not connected for some time of it. */
export function isCutByGap({ path }: Pick<ReplayedGrade, "path">, gaps: KnownGaps): boolean {
  if (path === null) return false;
  const range = { start: path.entryTime, end: path.exitTime };
  return gaps.overlapping(range, Infinity).some(({ exchange }) => exchange === path.exchange);
}

function directionOf({ signal, side }: ReplayedGrade, strategy: ReplayedStrategy): 1 | -1 | null {
  if (strategy === "analyst") return signal.action === "BUY" ? 1 : signal.action === "SELL" ? -1 : null;
  if (side === null) return null;
  return (side === "long") === (strategy === "fade") ? 1 : -1;
}

function tradeOf(graded: ReplayedGrade, direction: 1 | -1, gaps: KnownGaps): Trade {
  const { signal, horizon, path, grade, delayedEntries } = graded;
  const of = (price: number | undefined | null) =>
    path === null || price === undefined || price === null ? null : direction * 1e4 * (price / path.entry - 1);
  const gross = of(path?.exit);
  const funding = grade === null || grade.funding_bps === null ? null : direction * grade.funding_bps;
  const cost = grade?.cost_bps ?? null;
  return {
    signal_id: signal.signal_id,
    symbol: signal.symbol,
    action: direction === 1 ? "BUY" : "SELL",
    horizon,
    status: graded.problem ?? (isCutByGap(graded, gaps) ? "cut_by_gap" : (graded.costProblem ?? "closed")),
    decided_time: signal.created_time,
    exchange: path?.exchange ?? null,
    entry_time: path?.entryTime ?? null,
    entry_price: path?.entry ?? null,
    exit_time: path?.exitTime ?? null,
    exit_price: path?.exit ?? null,
    gross_return_bps: gross,
    fee_bps: grade?.fee_bps ?? null,
    spread_bps: grade?.spread_bps ?? null,
    impact_10k_bps: grade?.impact_10k_bps ?? null,
    impact_100k_bps: grade?.impact_100k_bps ?? null,
    impact_1m_bps: grade?.impact_1m_bps ?? null,
    funding_bps: funding,
    net_return_bps: gross === null || cost === null || funding === null ? null : gross - cost - funding,
    worst_excursion_bps: of(direction === 1 ? path?.low : path?.high),
    delayed_gross_bps: delayedEntries.map((entry) => (path === null || entry === null ? null : direction * 1e4 * (path.exit / entry - 1))),
  };
}
