import type { Gap } from "../../src/gap.ts";
import type { Coverage, ExchangeName } from "../../src/liquidation.ts";
import type { ListedSymbol } from "../../src/listed-symbol.ts";
import type { FeedReport, FeedReportAnswer } from "../../src/stream/feed-report.ts";
import type { MatchedContracts, StreamVenue } from "../../src/stream/frames.ts";
import type { HubBeat } from "../../src/stream/relay-protocol.ts";
import { MINUTE_MS } from "../../src/windows/calendar.ts";

/** A feed reports every interval of up to 60 s; after this time without a report nothing is known of its venue. */
const SILENT_MS = 90_000;
/** The lists of contracts change seldom: each is asked for again after this time. */
const LISTED_FOR_MS = 10 * MINUTE_MS;

/** A configured venue. */
export interface BoardVenue {
  readonly exchange: ExchangeName;
  readonly coverage: Coverage;
  /** Whether liquidations can come from it. */
  readonly counts: boolean;
}

interface Held {
  readonly report: FeedReport;
  /** When it came, ms. */
  readonly time: number;
}

/** What each feed last reported of its venue. */
export class FeedBoard {
  readonly #venues: readonly BoardVenue[];
  readonly #reports = new Map<ExchangeName, Held>();
  readonly #listed = new Map<ExchangeName, { readonly symbols: readonly ListedSymbol[]; readonly time: number }>();

  constructor(venues: readonly BoardVenue[]) {
    this.#venues = venues;
  }

  note(report: FeedReport, now: number): FeedReportAnswer {
    this.#reports.set(report.exchange, { report, time: now });
    if (report.listed !== null) this.#listed.set(report.exchange, { symbols: report.listed, time: now });
    const listed = this.#listed.get(report.exchange);
    return { wantsListed: listed === undefined || now - listed.time > LISTED_FOR_MS };
  }

  venues(): readonly StreamVenue[] {
    return this.#venues.map(({ exchange, coverage }) => {
      const report = this.#reports.get(exchange)?.report;
      if (report === undefined) return { exchange, state: null, since: null, coverage, inferred: false, open_gap: null };
      const { state, since, inferred, open_gap } = report;
      return { exchange, state, since, coverage: report.coverage, inferred, open_gap };
    });
  }

  /** The trading contracts of each venue; null where no venue has reported them. */
  contracts(): readonly MatchedContracts[] | null {
    if (this.#listed.size === 0) return null;
    return [...this.#listed].flatMap(([exchange, { symbols }]) =>
      symbols.flatMap(({ symbol, trading }) => (trading.length === 0 ? [] : [{ exchange, symbol, instruments: trading }])),
    );
  }

  /** Up to when every connected venue is covered, and which venues are not connected. */
  beat(now: number): HubBeat {
    const gaps: Gap[] = [];
    let through: number | null = null;
    let isKnown = true;
    for (const { exchange } of this.#venues.filter(({ counts }) => counts)) {
      const held = this.#reports.get(exchange);
      if (held === undefined) isKnown = false;
      else if (held.report.open_gap !== null) gaps.push(held.report.open_gap);
      else if (held.report.through === null) isKnown = false;
      else if (now - held.time > SILENT_MS) gaps.push({ exchange, from_time: held.report.through, to_time: null, reason: "silent" });
      else through = Math.min(through ?? Infinity, held.report.through);
    }
    return { time: now, through: isKnown ? through : null, gaps };
  }
}
