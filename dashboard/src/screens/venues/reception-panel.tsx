import type { FeedStatus } from "../../api/schema.ts";
import { useStatus } from "../../api/status.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { countText, spanText } from "../../parts/format.ts";
import { Hint } from "../../parts/hint.tsx";
import { Panel } from "../../parts/panel.tsx";
import { StateView } from "../../parts/state-view.tsx";
import { Unknown } from "../../parts/unknown.tsx";
import { eventLog, eventsVersion } from "../../store/live-store.ts";
import { useStoredEvents } from "../../store/stored-events.ts";
import { now } from "../../stream/server-clock.ts";
import { type ReceiptDelay, delaysOf } from "./receipt-delays.ts";

/** How well each venue is received: delay, rejects, repetitions, reconnects. */
export function ReceptionPanel() {
  const loaded = useStatus();
  useStoredEvents(null);
  void eventsVersion.value;
  const delays = delaysOf(eventLog.events);
  return (
    <Panel title="Reception" class="reception">
      <StateView loaded={loaded}>
        {({ exchanges }) => (
          <DataTable
            caption="Reception by venue"
            columns={columnsOf(delays)}
            rows={exchanges.filter((feed): feed is FeedStatus => "sinks" in feed && feed.state !== "off")}
            keyOf={({ exchange }) => exchange}
          />
        )}
      </StateView>
    </Panel>
  );
}

function columnsOf(delays: ReturnType<typeof delaysOf>): readonly Column<FeedStatus>[] {
  return [
    { name: "venue", cell: ({ exchange }) => exchange },
    {
      name: "state",
      cell: ({ state, since }) => (
        <span class={state === "live" ? "feed-good" : "feed-bad"}>
          {state}
          {since === null ? null : ` for ${spanText(now.value - since)}`}
        </span>
      ),
    },
    { name: "delay, median", align: "right", cell: ({ exchange }) => <Delay delay={delays.get(exchange)} of="median" /> },
    { name: "95th", align: "right", isWide: true, cell: ({ exchange }) => <Delay delay={delays.get(exchange)} of="p95" /> },
    { name: "today", align: "right", isWide: true, cell: ({ events_today: events }) => countText(events) },
    {
      name: "rejects",
      align: "right",
      cell: ({ rejects }) => <Hint hint="Frames that could not be read; each is kept with its text in the log.">{countText(rejects)}</Hint>,
    },
    {
      name: "repeated",
      align: "right",
      isWide: true,
      cell: ({ duplicates }) => <Hint hint="Repeated liquidations, stored only once.">{countText(duplicates)}</Hint>,
    },
    { name: "reconnects", align: "right", isWide: true, cell: ({ reconnects }) => countText(reconnects) },
    { name: "gaps", align: "right", cell: ({ gaps_total: gaps }) => countText(gaps) },
    {
      name: "lost",
      align: "right",
      cell: ({ events_lost: lost }) => (
        <Hint hint="Received liquidations that are in no store; each lies in a gap.">{countText(lost)}</Hint>
      ),
    },
  ];
}

interface DelayProps {
  readonly delay: ReceiptDelay | undefined;
  readonly of: "median" | "p95";
}

function Delay({ delay, of }: DelayProps) {
  if (delay === undefined) return <Unknown reason="None of the last liquidations is this venue's, or it gives no time of its own." />;
  return (
    <Hint
      hint={`From the venue's own time to our receipt, over the last ${delay.count} liquidations on this page. Venue clocks and batching are in it.`}
    >
      {countText(delay[of])} ms
    </Hint>
  );
}
