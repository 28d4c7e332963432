import type { ComponentChildren } from "preact";
import type { CascadeRecord } from "../../../../src/cascade/cascade-record.ts";
import { estimateSentence, reasonText } from "../../parts/estimate-text.ts";
import { countText, shareText, shortUsd, signedUsd, spanText, timesText, wholeUsd } from "../../parts/format.ts";
import { Hint } from "../../parts/hint.tsx";
import { Price } from "../../parts/price.tsx";
import { Unknown } from "../../parts/unknown.tsx";
import { Usd } from "../../parts/usd.tsx";
import { now } from "../../stream/server-clock.ts";
import { CascadeMove, FirstVenue, coverageOfCascade } from "./cascade-facts.tsx";
import { depthEaten, interestChange } from "./case-data.ts";
import { type KnownEvents, useCaseEstimate } from "./case-queries.ts";

interface CaseFactsProps {
  readonly cascade: CascadeRecord;
  readonly known: KnownEvents;
}

/** A cascade in numbers. */
export function CaseFacts({ cascade, known }: CaseFactsProps) {
  const { usd, events, exchanges, start_time: start, end_time: end, start_mark: startMark, extreme_mark: extremeMark } = cascade;
  const duration = (end ?? now.value) - start;
  return (
    <dl class="case-facts">
      <Fact name="Liquidated" more={`${countText(events)} events on ${exchanges.length} ${exchanges.length === 1 ? "venue" : "venues"}`}>
        <Usd usd={usd} coverage={coverageOfCascade(cascade)} />
      </Fact>
      <EstimateFact cascade={cascade} />
      <Fact
        name="Mark price move"
        more={
          <>
            <Price price={startMark} reason="No mark price is known at its first event." /> to{" "}
            <Price price={extremeMark} reason="No mark price is known at its events." />
          </>
        }
      >
        <CascadeMove cascade={cascade} />
      </Fact>
      <Fact name="First mover" more="and how probable that is">
        <FirstVenue cascade={cascade} />
      </Fact>
      <Fact name={end === null ? "Runs for" : "Lasted"} more={`peak ${spanText(Math.max(0, cascade.peak_time - start))} after it began`}>
        <span class="num">{spanText(duration)}</span>
      </Fact>
      <Fact name="Peak" more={<PeakOfFive usd={cascade.peak_5s_usd} />}>
        <Hint hint={`${wholeUsd(cascade.peak_usd_per_s)} in its largest second.`} class="num">
          {shortUsd(cascade.peak_usd_per_s)}/s
        </Hint>
      </Fact>
      <DepthFact known={known} />
      <InterestFact known={known} />
    </dl>
  );
}

/** What its liquidations are estimated to come to, with those that no venue reported. */
function EstimateFact({ cascade }: Pick<CaseFactsProps, "cascade">) {
  const { estimate, reason } = useCaseEstimate(cascade);
  const total = estimate?.total;
  if (total?.estimated_usd == null) {
    return (
      <Fact name="Estimated in its minutes" more="reported or not">
        <Unknown reason={total === undefined ? reason : reasonText(total.reason)} />
      </Fact>
    );
  }
  const { low_usd: low, high_usd: high, status } = total;
  return (
    <Fact name="Estimated in its minutes" more={`${low === null || high === null ? "" : `${shortUsd(low)}–${shortUsd(high)}, `}${status}`}>
      <Hint hint={`${estimateSentence(total)} Of ${cascade.symbol} ${cascade.position_side}s in its whole minutes.`} class="num">
        {shortUsd(total.estimated_usd)}
      </Hint>
    </Fact>
  );
}

interface FactProps {
  readonly name: string;
  readonly more: ComponentChildren;
  readonly children: ComponentChildren;
}

function Fact({ name, more, children }: FactProps) {
  return (
    <div class="case-fact">
      <dt>{name}</dt>
      <dd>
        <span class="case-value">{children}</span>
        <span class="case-more">{more}</span>
      </dd>
    </div>
  );
}

function PeakOfFive({ usd }: { readonly usd: number | null }) {
  return (
    <>
      <Usd usd={usd} reason="Records of before 2026-11-28 do not have it." /> in its largest 5 s
    </>
  );
}

function DepthFact({ known: { events, reason } }: { readonly known: KnownEvents }) {
  const { times, largest, known } = depthEaten(events);
  const text = `Sum of each liquidation's share of the order book within 25 bps of the mid price, on the side it hits. The book is known at ${countText(known)} of ${countText(events.length)} events; the largest took ${largest === null ? "–" : shareText(largest)} of it. Books refill, so 1.0× is not an empty book.`;
  return (
    <Fact name="Depth eaten" more="of the book within 25 bps">
      {times === null ? (
        <Unknown reason={events.length === 0 ? reason : "The order book is not known at any of its events."} />
      ) : (
        <Hint hint={text} class="num">
          {timesText(times)}
        </Hint>
      )}
    </Fact>
  );
}

function InterestFact({ known: { events, reason } }: { readonly known: KnownEvents }) {
  const change = interestChange(events);
  if (change === null) {
    return (
      <Fact name="Open interest" more="change between its first and last event">
        <Unknown reason={events.length === 0 ? reason : "The open interest of no contract is known at two of its events."} />
      </Fact>
    );
  }
  const { usd, share, contracts } = change;
  const text = `Change between the first and the last event of ${contracts} contracts whose open interest and mark price are known, at the first mark price; venues update it at most every few seconds. Positions that others open meanwhile count against those that are closed.`;
  return (
    <Fact name="Open interest" more={`${shareText(Math.abs(share))} of ${contracts} ${contracts === 1 ? "contract" : "contracts"}`}>
      <Hint hint={text} class="num">
        {signedUsd(usd)}
      </Hint>
    </Fact>
  );
}
