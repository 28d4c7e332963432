import type { Status } from "../../api/status.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { countText, spanText } from "../../parts/format.ts";
import { Panel } from "../../parts/panel.tsx";
import { Empty } from "../../parts/state-view.tsx";
import { Age, isStale } from "../../parts/time.tsx";
import { Unknown } from "../../parts/unknown.tsx";

type Jobs = NonNullable<Status["jobs"]>;
type Job = Jobs[number];

/** The cron runs once a minute. */
const STALE_RUN_MS = 180_000;

/** What the cron does once a minute: the jobs that fail at once, with why, all of them below. */
export function JobsPanel({ jobs }: Pick<Status, "jobs">) {
  return (
    <Panel title="Jobs of the minute" class="status-wide">
      {jobs === null ? <Empty>The database did not say.</Empty> : <JobsView jobs={jobs} />}
    </Panel>
  );
}

function JobsView({ jobs }: { readonly jobs: Jobs }) {
  if (jobs.length === 0) return <Empty>No job has run yet: the cron runs once a minute after a deployment.</Empty>;
  const lastRun = Math.max(...jobs.map(({ last_run_time: time }) => time));
  const failing = jobs.filter(({ last_error: error }) => error !== null);
  const isLate = isStale(lastRun, STALE_RUN_MS);
  return (
    <>
      <p class={failing.length > 0 || isLate ? "status-note status-bad" : "status-note"}>
        {failing.length === 0
          ? `The last run of all ${countText(jobs.length)} jobs succeeded.`
          : `${countText(failing.length)} of ${countText(jobs.length)} jobs failed in their last run.`}{" "}
        The cron last ran <Age time={lastRun} />
        {isLate ? ": it has stopped." : "."}
      </p>
      {failing.length === 0 ? null : (
        <dl class="status-list status-troubles">
          {failing.map((job) => (
            <div key={job.job}>
              <dt>{job.job}</dt>
              <dd>
                <p>{job.last_error}</p>
                <p>
                  Last success: <LastSuccess job={job} />
                </p>
              </dd>
            </div>
          ))}
        </dl>
      )}
      <details class="status-more">
        <summary>All jobs</summary>
        <DataTable
          caption="Jobs of the cron"
          rows={[...failing, ...jobs.filter((job) => !failing.includes(job))]}
          keyOf={({ job }) => job}
          columns={[
            { name: "job", cell: ({ job }) => <strong>{job}</strong> },
            { name: "state", cell: (job) => <JobState job={job} /> },
            { name: "last run", align: "right", cell: ({ last_run_time: time }) => <Age time={time} /> },
            { name: "last success", align: "right", cell: (job) => <LastSuccess job={job} /> },
            { name: "took", align: "right", cell: ({ last_duration_ms: ms }) => spanText(ms) },
            { name: "runs", align: "right", cell: ({ runs }) => countText(runs) },
            { name: "failed", align: "right", cell: ({ failures }) => countText(failures) },
          ]}
        />
      </details>
    </>
  );
}

function JobState({ job: { last_error: error } }: { readonly job: Job }) {
  return <span class={error === null ? "status-good" : "status-bad"}>{error === null ? "ok" : "failed"}</span>;
}

function LastSuccess({ job: { last_success_time: time } }: { readonly job: Job }) {
  return time === null ? <Unknown reason="No run of it has succeeded yet." /> : <Age time={time} />;
}
