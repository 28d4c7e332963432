import type { CascadeRecord } from "../../cascade/cascade-record.ts";
import { sumCoverage } from "./coverage-word.ts";
import { countOf, durationOf, listOf, numberOf, priceOf, textOf, timeOf, usdOf } from "./figures.ts";
import type { DraftFact, Loose, MessageDraft, Wording } from "./message.ts";
import { priceMoveOf, sideWords } from "./positions.ts";

type Cascade = Loose<CascadeRecord>;
type CascadeMessage = Wording<"cascade.started" | "cascade.escalated" | "cascade.ended">;

export const cascadeStarted: CascadeMessage = (cascade) => drafted(cascade, "cascade started");

export const cascadeEscalated: CascadeMessage = (cascade) =>
  drafted(cascade, `cascade escalated to severity ${textOf(cascade.severity) ?? "unknown"} of 5`);

export const cascadeEnded: CascadeMessage = (cascade) => {
  const [start, end] = [numberOf(cascade.start_time), numberOf(cascade.end_time)];
  const length = start === null || end === null ? null : durationOf(end - start);
  return drafted(cascade, length === null ? "cascade ended" : `cascade ended after ${length}`);
};

function drafted(cascade: Cascade, what: string): MessageDraft {
  const side = sideWords(cascade.position_side);
  const id = textOf(cascade.cascade_id);
  const move = priceMoveOf(cascade.move_bps, cascade.position_side);
  const size = usdOf(cascade.usd) ?? "unknown size";
  const who = `${textOf(cascade.symbol) ?? "Unknown"} ${side?.positions ?? "positions"} liquidated: ${size}`;
  const scope = cascade.market_wide === true ? ", market-wide" : "";
  return {
    tone: side?.tone ?? "quiet",
    headline: `${side?.arrow ?? ""}${who} · price ${move ?? "move unknown"} · ${what}`,
    lines: [`${side === null ? "Cascade" : capital(side.flow)}, severity ${textOf(cascade.severity) ?? "unknown"} of 5${scope}.`],
    facts: facts(cascade),
    link: id === null ? null : { label: "Open the case file", path: `/cascades/${encodeURIComponent(id)}` },
    thread: id === null ? null : `cascade:${id}`,
  };
}

function facts(cascade: Cascade): readonly DraftFact[] {
  const [from, to] = [priceOf(cascade.start_mark), priceOf(cascade.extreme_mark)];
  return [
    ["Price", from === null || to === null ? null : `${from} → ${to}`],
    ["Coverage", sumCoverage(cascade.exchanges, cascade.gaps)],
    ["Liquidations", countOf(cascade.events)],
    ["Peak", perSecond(cascade.peak_usd_per_s)],
    ["Venues", listOf(cascade.exchanges)],
    ["First venue", textOf(cascade.first_exchange)],
    ["Began", timeOf(cascade.start_time)],
  ];
}

function perSecond(value: unknown): string | null {
  const usd = usdOf(value);
  return usd === null ? null : `${usd} in one second`;
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
