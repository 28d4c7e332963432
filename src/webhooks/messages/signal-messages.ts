import type { SignalContext } from "../signal-context.ts";
import { sumCoverage } from "./coverage-word.ts";
import { changeOf, durationOf, listOf, moveOf, numberOf, priceOf, shareOf, textOf, timeOf, usdOf } from "./figures.ts";
import type { Link, Loose, Wording, Tone } from "./message.ts";
import { sideWords } from "./positions.ts";

const PAPER = "Paper: its record does not show yet that it earns. Do not act on it.";
const TONES: Readonly<Record<string, Tone>> = { BUY: "up", SELL: "down" };

/** What a trigger means, for those that say more than that a spike was found. */
const TRIGGERS: Readonly<Record<string, string>> = {
  escalation: "Twice the USD of the spike before it.",
  turn: "Turn of a flush: the forced flow is exhausted and the price comes back.",
};

export const signalIssued: Wording<"signal.issued"> = (signal) => {
  const context = contextOf(signal.context);
  const price = priceOf(context.mark_price);
  const confidence = confidenceOf(signal.confidence);
  const isAction = signal.action === "BUY" || signal.action === "SELL";
  const action = `${textOf(signal.action) ?? "Signal"} ${textOf(signal.symbol) ?? ""}`.trim();
  return {
    tone: toneOf(signal.action),
    headline: [
      ...paper(signal.paper),
      `${action}${price === null ? "" : ` at ${price}`}`,
      ...(isAction && confidence !== null ? [`confidence ${confidence}`] : []),
      ...flow(context, textOf(signal.window)),
    ].join(" · "),
    lines: [TRIGGERS[textOf(signal.trigger) ?? ""] ?? null, signal.paper === true ? PAPER : null],
    quotes: [
      ["Why", textOf(signal.reason)],
      ["Refuted if", textOf(signal.invalidation) ?? (isAction ? "The analyst named no condition." : null)],
    ],
    facts: [
      ["Coverage", sumCoverage(context.exchanges, context.missing_exchanges)],
      ["Longs against the window before", changeOf(signal.long_change_pct)],
      ["Shorts against the window before", changeOf(signal.short_change_pct)],
      ["Decided by", decider(signal.analyst, signal.model)],
      ["Earned in similar decisions", shareOf(signal.calibrated_probability)],
      ["Rule model", textOf(signal.rule_action)],
      ["Reason code", textOf(signal.reason_code)],
      ["Decided", timeOf(signal.created_time)],
    ],
    link: linkOf(signal.signal_id),
    // What comes after a spike belongs to it: its escalation, and the turn of its flush.
    thread: `signal:${textOf(signal.symbol) ?? ""}:${textOf(signal.window) ?? ""}`,
    role: TRIGGERS[textOf(signal.trigger) ?? ""] === undefined ? "first" : "reply",
  };
};

export const signalGraded: Wording<"signal.graded"> = (grade) => {
  const net = numberOf(grade.net_return_bps);
  const horizon = textOf(grade.horizon) ?? "its horizon";
  const result = net === null ? "its result after cost is unknown" : `${moveOf(net) ?? ""} after cost`;
  const action = `${textOf(grade.action) ?? "Decision"} ${textOf(grade.symbol) ?? ""}`.trim();
  return {
    tone: net === null ? "quiet" : net > 0 ? "well" : "trouble",
    headline: [...paper(grade.paper), `${action} after ${horizon}: ${result}`].join(" · "),
    lines: [grade.paper === true ? PAPER : null],
    facts: [
      ["Price moved", moveOf(grade.forward_return_bps)],
      ["Cost", costOf(grade.cost_bps)],
      ["Confidence was", confidenceOf(grade.confidence)],
      ["Rule model", moveOf(grade.rule_net_return_bps)],
      ["Marks of", textOf(grade.exchange)],
    ],
    link: linkOf(grade.signal_id),
  };
};

export const signalsSuspended: Wording<"signals.suspended"> = (suspension) => ({
  tone: "trouble",
  headline: "No signals from rises: too few venues are covered",
  facts: [
    ["Venues not covered", listOf(suspension.missing_exchanges)],
    ["Covered share of the USD", shareOf(suspension.compared_share)],
    ["Since", timeOf(suspension.since)],
  ],
  link: { label: "Open the status", path: "/status" },
  thread: `signals.suspended:${textOf(suspension.since) ?? ""}`,
});

export const signalsResumed: Wording<"signals.resumed"> = (suspension) => ({
  tone: "well",
  headline: `Signals from rises again, after ${durationOf(suspension.duration_ms) ?? "a suspension"}`,
  facts: [["Suspended since", timeOf(suspension.since)]],
  link: { label: "Open the status", path: "/status" },
  thread: `signals.suspended:${textOf(suspension.since) ?? ""}`,
});

/** Said first, so that nobody reads an action without it. */
function paper(value: unknown): readonly string[] {
  return value === true ? ["PAPER"] : [];
}

function toneOf(action: unknown): Tone {
  return TONES[textOf(action) ?? ""] ?? "quiet";
}

function contextOf(value: unknown): Loose<SignalContext> {
  return typeof value === "object" && value !== null ? value : {};
}

/** What was liquidated, and how the price moved. */
function flow(context: Loose<SignalContext>, window: string | null): readonly string[] {
  const side = sideWords(context.side);
  const size = usdOf(context.side_usd);
  const move = moveOf(context.return_15m_bps);
  return [
    ...(side === null || size === null ? [] : [`${size} of ${side.positions} liquidated${window === null ? "" : ` in ${window}`}`]),
    ...(move === null ? [] : [`price ${move} in 15m`]),
  ];
}

function confidenceOf(value: unknown): string | null {
  const confidence = numberOf(value);
  return confidence === null ? null : `${Math.round(confidence)} %`;
}

function costOf(value: unknown): string | null {
  return moveOf(value)?.replace("+", "") ?? null;
}

function decider(analyst: unknown, model: unknown): string | null {
  const [name, version] = [textOf(analyst), textOf(model)];
  return name === null || version === null ? name : `${name} (${version})`;
}

function linkOf(signalId: unknown): Link | null {
  const id = textOf(signalId);
  return id === null ? null : { label: "Open the signal", path: `/signals/${encodeURIComponent(id)}` };
}
