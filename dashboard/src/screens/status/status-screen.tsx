import { type Status, useStatus } from "../../api/status.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { countText, momentText } from "../../parts/format.ts";
import { Panel } from "../../parts/panel.tsx";
import { Empty, StateView } from "../../parts/state-view.tsx";
import { Age } from "../../parts/time.tsx";
import { Usd } from "../../parts/usd.tsx";
import { AdlPanel } from "./adl-panel.tsx";
import { FeedsTable } from "./feeds-table.tsx";
import { JobsPanel } from "./jobs-panel.tsx";
import { LimitsPanel } from "./limits-panel.tsx";
import { PlatformPanel } from "./platform-panel.tsx";
import { SilencePanel } from "./silence-panel.tsx";
import { StoresTable } from "./stores-table.tsx";
import { StreamPanel } from "./stream-panel.tsx";
import { VenueWatchPanel } from "./venue-watch-panel.tsx";
import "./status.css";

const STALE_MS = 60_000;

/** Whether the system works: feeds, stores, jobs, what is off and why, versions, limits. */
export function StatusScreen() {
  const loaded = useStatus();
  return (
    <div class="status-screen">
      <header class="screen-head">
        <h1>Status</h1>
        {loaded.data === null ? null : (
          <span>
            as of <Age time={loaded.data.time} staleMs={STALE_MS} />
          </span>
        )}
      </header>
      <StateView loaded={loaded}>{(status) => <StatusPanels status={status} />}</StateView>
    </div>
  );
}

function StatusPanels({ status }: { readonly status: Status }) {
  return (
    <div class="status-panels">
      <Panel title="Feeds" class="status-wide">
        <FeedsTable feeds={status.exchanges} />
      </Panel>
      <SilencePanel silences={status.silence} />
      <AdlPanel status={status} />
      <Panel title="Stores" class="status-wide">
        <StoresTable feeds={status.exchanges} />
      </Panel>
      <JobsPanel jobs={status.jobs} />
      <VenueWatchPanel watch={status.venue_watch} />
      <PartsPanel status={status} />
      <DeadLettersPanel status={status} />
      <StreamPanel />
      <LimitsPanel />
      <PlatformPanel />
      <TodayPanel status={status} />
      <VersionsPanel status={status} />
    </div>
  );
}

function PartsPanel({ status: { parts_off: parts } }: { readonly status: Status }) {
  return (
    <Panel title="What is off, and why" aside={<span class="num">{parts.length}</span>}>
      {parts.length === 0 ? (
        <Empty>Every part is on.</Empty>
      ) : (
        <dl class="status-list">
          {parts.map(({ part, reason }) => (
            <div key={part}>
              <dt>{part}</dt>
              <dd>{reason}</dd>
            </div>
          ))}
        </dl>
      )}
    </Panel>
  );
}

function DeadLettersPanel({ status: { dead_letters: queues } }: { readonly status: Status }) {
  return (
    <Panel title="Records that could not be written">
      {queues === null ? (
        <Empty>The database did not say.</Empty>
      ) : queues.length === 0 ? (
        <Empty>There are none.</Empty>
      ) : (
        <DataTable
          caption="Records that could not be written, by queue"
          rows={queues}
          keyOf={({ queue }) => queue}
          columns={[
            { name: "queue", cell: ({ queue }) => queue },
            { name: "records", align: "right", cell: ({ records }) => countText(records) },
            { name: "newest", align: "right", cell: ({ newest_time: time }) => <Age time={time} /> },
            { name: "reason", cell: ({ newest_reason: reason }) => <span class="status-text">{reason}</span> },
          ]}
        />
      )}
    </Panel>
  );
}

function TodayPanel({ status: { symbols } }: { readonly status: Status }) {
  const rows = Object.entries(symbols).toSorted(([, a], [, b]) => b.long_usd + b.short_usd - a.long_usd - a.short_usd);
  const coverage = "Since 00:00 UTC, without inferred liquidations. A lower bound: not every venue reports all, and gaps are missing.";
  return (
    <Panel title="Today by base asset">
      {rows.length === 0 ? (
        <Empty>No liquidation has been received today.</Empty>
      ) : (
        <DataTable
          caption="Liquidations of today by base asset"
          rows={rows.slice(0, 20)}
          keyOf={([symbol]) => symbol}
          columns={[
            { name: "base asset", cell: ([symbol]) => <strong>{symbol}</strong> },
            { name: "longs", align: "right", cell: ([, { long_usd: usd }]) => <Usd usd={usd} coverage={coverage} /> },
            { name: "shorts", align: "right", cell: ([, { short_usd: usd }]) => <Usd usd={usd} coverage={coverage} /> },
            { name: "events", align: "right", cell: ([, { long_events: long, short_events: short }]) => countText(long + short) },
          ]}
        />
      )}
    </Panel>
  );
}

function VersionsPanel({ status: { versions, rule_model: model } }: { readonly status: Status }) {
  const adapters = Object.entries(versions.adapters).map(([name, version]) => `${name} ${version}`);
  const trained =
    model.trained_from === null || model.trained_to === null ? null : [momentText(model.trained_from), momentText(model.trained_to)];
  return (
    <Panel title="Versions">
      <dl class="status-list">
        <div>
          <dt>Worker</dt>
          <dd>{versions.worker ?? "not deployed: this is a local one"}</dd>
        </div>
        <div>
          <dt>Fields</dt>
          <dd>schema {versions.schema}</dd>
        </div>
        <div>
          <dt>Adapters</dt>
          <dd>{adapters.join(", ")}</dd>
        </div>
        <div>
          <dt>Rule model</dt>
          <dd>
            {model.version}
            {trained === null ? null : `, trained on ${trained.join(" to ")}`}
            {model.reason === null ? null : `: ${model.reason}`}
          </dd>
        </div>
      </dl>
    </Panel>
  );
}
