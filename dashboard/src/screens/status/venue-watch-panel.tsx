import type { Status } from "../../api/status.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Empty } from "../../parts/state-view.tsx";
import { Age } from "../../parts/time.tsx";
import { Unknown } from "../../parts/unknown.tsx";
import { ChangeLogs } from "./change-logs.tsx";

type Watch = NonNullable<Status["venue_watch"]>;
type VenueWithoutFeed = Watch["without_feed"][number];

/** News of venues, the change logs that they come from, and the venues that publish no liquidations. */
export function VenueWatchPanel({ watch }: { readonly watch: Status["venue_watch"] }) {
  if (watch === null) {
    return (
      <Panel title="News of venues">
        <Empty>The database did not say.</Empty>
      </Panel>
    );
  }
  // Pages that fail stand above the news from their first failed attempt on.
  const notices = watch.notices.filter(({ kind }) => kind !== "change_log_failing");
  return (
    <Panel title="News of venues" aside={<span class="num">{notices.length}</span>}>
      <ChangeLogs pages={watch.change_logs} />
      {notices.length === 0 ? (
        <Empty>There is no news.</Empty>
      ) : (
        <dl class="status-list">
          {notices.map((notice) => (
            <div key={`${notice.venue} ${notice.kind} ${notice.time}`}>
              <dt>
                {notice.venue}, <Age time={notice.time} />
              </dt>
              <dd>{notice.text}</dd>
            </div>
          ))}
        </dl>
      )}
      <DataTable
        caption="Venues that publish no liquidations"
        rows={watch.without_feed}
        keyOf={({ venue }) => venue}
        columns={[
          { name: "without a feed", cell: ({ title }) => title },
          { name: "asked", align: "right", cell: ({ probed_time: time }) => <Age time={time} /> },
          { name: "found", cell: (venue) => <Found venue={venue} /> },
        ]}
      />
    </Panel>
  );
}

function Found({ venue }: { readonly venue: VenueWithoutFeed }) {
  const { error, probed_time: time, topics_accepted: accepted, topics_asked: asked } = venue;
  if (accepted.length > 0) return <span class="status-text status-bad">accepts {accepted.join(", ")}</span>;
  if (time === null) return <Unknown reason={error ?? "It was not asked yet."} />;
  return (
    <span class="status-text">{`no feed: none of ${asked} topics accepted${error === null ? "" : `; last attempt failed: ${error}`}`}</span>
  );
}
