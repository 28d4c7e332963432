import { useState } from "preact/hooks";
import type { CascadeRecord } from "../../../../src/cascade/cascade-record.ts";
import { CascadeState } from "../../parts/cascade-state.tsx";
import { momentText } from "../../parts/format.ts";
import { Hint } from "../../parts/hint.tsx";
import { Severity } from "../../parts/severity.tsx";
import { Side } from "../../parts/side.tsx";
import { FailureView, Loading } from "../../parts/state-view.tsx";
import { Link } from "../../shell/router.tsx";
import { CaseAdl } from "./case-adl.tsx";
import { CaseEventsPanel } from "./case-events.tsx";
import { CaseFacts } from "./case-facts.tsx";
import { CaseGaps } from "./case-gaps.tsx";
import { CasePath } from "./case-path.tsx";
import { useCascade, useKnownEvents } from "./case-queries.ts";
import { CaseTimeline } from "./case-timeline.tsx";
import { CaseVenues } from "./case-venues.tsx";

/** All that is known of one cascade. */
export function CaseFile({ id }: { readonly id: string }) {
  const { data, failure, reload } = useCascade(id);
  if (data !== null) return <CaseOf cascade={data} />;
  if (failure === null) return <Loading />;
  if (failure.kind === "not_found") return <NoCase id={id} />;
  return (
    <div class="cascades-screen">
      <h1 class="sr-only">Cascade {id}</h1>
      <FailureView failure={failure} reload={reload} />
    </div>
  );
}

function NoCase({ id }: { readonly id: string }) {
  return (
    <div class="state state-empty case-missing">
      <h1 class="state-title">There is no cascade with this id</h1>
      <p>
        <code>{id.slice(0, 100)}</code>
      </p>
      <p>Its id may be mistyped, or it was still building and never became a cascade.</p>
      <Link href="/cascades" class="button">
        All cascades
      </Link>
    </div>
  );
}

function CaseOf({ cascade }: { readonly cascade: CascadeRecord }) {
  const known = useKnownEvents(cascade);
  return (
    <article class="case">
      <CaseHead cascade={cascade} />
      <CaseFacts cascade={cascade} known={known} />
      <div class="case-main">
        <CasePath cascade={cascade} events={known.events} />
        <CaseEventsPanel cascade={cascade} known={known} />
      </div>
      <div class="case-side">
        <CaseVenues known={known} />
        <CaseTimeline cascade={cascade} known={known} />
        <CaseAdl cascade={cascade} />
        <CaseGaps cascade={cascade} />
      </div>
    </article>
  );
}

function CaseHead({ cascade }: { readonly cascade: CascadeRecord }) {
  const { symbol, position_side: side, state, severity, start_time: start, market_wide: isWide } = cascade;
  return (
    <header class="case-head">
      <Link href="/cascades" class="case-back">
        Cascades
      </Link>
      <h1 class="case-title">
        {symbol} <Side side={side} label={`${side}s liquidated`} />
      </h1>
      <time class="num quiet" dateTime={new Date(start).toISOString()}>
        {momentText(start)}
      </time>
      <CascadeState state={state} />
      <Severity severity={severity} />
      {isWide ? (
        <Hint hint="Cascades of several base assets ran at the same time." class="case-wide">
          market-wide
        </Hint>
      ) : null}
      <CopyLink />
    </header>
  );
}

/** The address shows the same to anyone. */
function CopyLink() {
  const [state, setState] = useState<"ready" | "copied" | "refused">("ready");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      setState("copied");
    } catch {
      setState("refused");
    }
  };
  const text = { ready: "Copy link", copied: "Link copied", refused: "Copy it from the address bar" }[state];
  return (
    <button type="button" class="button case-copy" onClick={() => void copy()}>
      <span role="status">{text}</span>
    </button>
  );
}
