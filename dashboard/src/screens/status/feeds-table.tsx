import type { ComponentChildren } from "preact";
import { type AnsweringFeed, type Feed, isAnswering } from "../../api/status.ts";
import { COVERAGE_TEXT } from "../../parts/coverage.tsx";
import { DataTable } from "../../parts/data-table.tsx";
import { countText } from "../../parts/format.ts";
import { gapText } from "../../parts/gap-text.ts";
import { Hint } from "../../parts/hint.tsx";
import { Age } from "../../parts/time.tsx";
import { Unknown } from "../../parts/unknown.tsx";

const STALE_FRAME_MS = 30_000;
const STALE_EVENT_MS = 600_000;

/** A line for each venue's feed. */
export function FeedsTable({ feeds }: { readonly feeds: readonly Feed[] }) {
  const of = (cell: (feed: AnsweringFeed) => ComponentChildren) => (feed: Feed) =>
    isAnswering(feed) ? cell(feed) : <Unknown reason={feed.error ?? "The feed did not answer."} />;
  return (
    <DataTable
      caption="Feeds"
      rows={feeds}
      keyOf={({ exchange }) => exchange}
      columns={[
        { name: "venue", cell: ({ exchange }) => <strong>{exchange}</strong> },
        { name: "state", cell: (feed) => <FeedState feed={feed} /> },
        { name: "since", align: "right", cell: of(({ since }) => <Age time={since} />) },
        { name: "last frame", align: "right", cell: of(({ last_frame_time: time }) => <Age time={time} staleMs={STALE_FRAME_MS} />) },
        { name: "last event", align: "right", cell: of(({ last_event_time: time }) => <Age time={time} staleMs={STALE_EVENT_MS} />) },
        { name: "today", align: "right", cell: of(({ events_today: count }) => countText(count)) },
        { name: "reports", cell: ({ coverage }) => <Hint hint={COVERAGE_TEXT[coverage]}>{coverage.replaceAll("_", " ")}</Hint> },
        { name: "gaps", align: "right", cell: of((feed) => <Gaps feed={feed} />) },
        { name: "reconnects", align: "right", cell: of(({ reconnects }) => countText(reconnects)) },
        { name: "rejects", align: "right", cell: of(({ rejects }) => countText(rejects)) },
        {
          name: "lost",
          align: "right",
          cell: of(({ events_lost: lost }) => <span class={lost > 0 ? "status-bad" : ""}>{countText(lost)}</span>),
        },
        { name: "contracts", align: "right", cell: of(({ instruments: { count } }) => countText(count)) },
      ]}
    />
  );
}

function FeedState({ feed }: { readonly feed: Feed }) {
  const isSuspect = isAnswering(feed) && feed.open_gap?.reason === "suspect";
  const state = isSuspect ? "stale" : (feed.state ?? "off");
  const name = `feed-state feed-${state}`;
  const details = isAnswering(feed)
    ? [
        ...(isSuspect && feed.open_gap !== null ? [gapText(feed.open_gap)] : []),
        ...feed.warnings,
        ...feed.sockets.map((socket) => `${socket.name}: ${socket.state}${socket.last_error === null ? "" : `, ${socket.last_error}`}`),
      ]
    : [feed.error ?? "The feed did not answer."];
  return (
    <Hint
      hint={details.map((line) => (
        <div key={line}>{line}</div>
      ))}
      class={name}
    >
      <span class="feed-mark" aria-hidden="true" />
      {isSuspect ? "suspect" : state}
      {isAnswering(feed) && feed.warnings.length > 0 ? ", see why" : ""}
    </Hint>
  );
}

function Gaps({ feed: { gaps_total: total, open_gap: gap } }: { readonly feed: AnsweringFeed }) {
  if (gap === null) return countText(total);
  return (
    <Hint hint={gapText(gap)} class="status-bad">
      {countText(total)}, open
    </Hint>
  );
}
