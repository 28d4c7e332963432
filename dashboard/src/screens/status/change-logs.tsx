import type { Status } from "../../api/status.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { countText } from "../../parts/format.ts";
import { Age } from "../../parts/time.tsx";
import { now } from "../../stream/server-clock.ts";
import { pageState, pageTrouble } from "./change-log-text.ts";

type WatchedPage = NonNullable<Status["venue_watch"]>["change_logs"][number];

const ORDER = ["failing", "never read", "overdue", "read"] as const;

/** The pages on which venues announce changes: those that are not read at once, with since when and why, all of them below. */
export function ChangeLogs({ pages }: { readonly pages: readonly WatchedPage[] }) {
  if (pages.length === 0) return <p class="status-note">No change log is read: LIQUIDATION_CHANGE_LOGS names none.</p>;
  const rank = (page: WatchedPage) => ORDER.indexOf(pageState(page, now.value));
  const sorted = pages.toSorted((a, b) => rank(a) - rank(b));
  const troubled = sorted.filter((page) => pageState(page, now.value) !== "read");
  return (
    <>
      <p class={troubled.length === 0 ? "status-note" : "status-note status-bad"}>
        {troubled.length === 0
          ? `All ${countText(pages.length)} change logs are read.`
          : `${countText(troubled.length)} of ${countText(pages.length)} change logs are not read: their changes go unnoticed.`}
      </p>
      {troubled.length === 0 ? null : (
        <dl class="status-list status-troubles">
          {troubled.map((page) => (
            <div key={page.venue}>
              <dt>
                <PageLink page={page} />
              </dt>
              <dd>{pageTrouble(page, now.value)}</dd>
            </div>
          ))}
        </dl>
      )}
      <details class="status-more">
        <summary>All change logs</summary>
        <DataTable
          caption="Change logs of venues"
          rows={sorted}
          keyOf={({ venue }) => venue}
          columns={[
            { name: "change log", cell: (page) => <PageLink page={page} /> },
            { name: "state", cell: (page) => <PageState page={page} /> },
            { name: "last read", align: "right", cell: ({ checked_time: time }) => <Age time={time} reason="It was never read." /> },
            {
              name: "failing since",
              align: "right",
              cell: ({ failing_since: time }) => <Age time={time} reason="The last attempt did not fail." />,
            },
          ]}
        />
      </details>
    </>
  );
}

function PageState({ page }: { readonly page: WatchedPage }) {
  const state = pageState(page, now.value);
  return <span class={state === "read" ? "status-good" : "status-bad"}>{state}</span>;
}

function PageLink({ page: { venue, url } }: { readonly page: WatchedPage }) {
  return (
    <a href={url} target="_blank" rel="noopener noreferrer">
      {venue}
    </a>
  );
}
