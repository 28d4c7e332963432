import { useState } from "preact/hooks";
import { DAY_MS } from "../../../../src/windows/calendar.ts";
import { api, ask } from "../../api/client.ts";
import type { Failure } from "../../api/failure.ts";
import { useQuery } from "../../api/query.ts";
import type { DatasetManifest } from "../../api/schema.ts";
import { countText, momentText } from "../../parts/format.ts";
import { GapBand } from "../../parts/gap-band.tsx";
import { gapText } from "../../parts/gap-text.ts";
import { Hint } from "../../parts/hint.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Side } from "../../parts/side.tsx";
import { FailureView, Loading, StateView } from "../../parts/state-view.tsx";
import { Unknown } from "../../parts/unknown.tsx";
import { Link } from "../../shell/router.tsx";
import { DownloadButton } from "./download-button.tsx";
import { bytesText, fetchDay, nameOf, sha256Of } from "./files.ts";
import { HeadTable } from "./head-table.tsx";
import { MinuteChart } from "./minute-chart.tsx";
import { type OpenedDay, openDay } from "./parquet-day.ts";
import { SchemaTable } from "./schema-table.tsx";
import { VenueTotals } from "./venue-totals.tsx";

const SHOWN_GAPS = 100;

/** One day: its manifest, and its file once it is opened in the browser. */
export function DayView({ date }: { readonly date: string }) {
  const manifest = useQuery(`dataset ${date}`, () => ask(api.GET("/v1/datasets/{date}", { params: { path: { date } } })));
  return (
    <div class="data">
      <div class="day-head">
        <Link href="/data">All days</Link>
        <h1>{date}</h1>
      </div>
      <StateView loaded={manifest}>{(day) => (day.kind === "liquidations" ? <Day day={day} /> : null)}</StateView>
    </div>
  );
}

/** What became of reading the file. */
type Reading =
  | { readonly kind: "closed" | "busy" }
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "unreadable"; readonly reason: string }
  | { readonly kind: "open"; readonly day: OpenedDay; readonly sha256: string | null };

function Day({ day }: { readonly day: DatasetManifest }) {
  const [reading, setReading] = useState<Reading>({ kind: "closed" });
  const name = nameOf(day.path);
  const open = async () => {
    setReading({ kind: "busy" });
    setReading(await read(day.date, name));
  };
  return (
    <>
      <Manifest day={day} />
      <Panel title="File" class="day-file" aside={<DownloadButton name={name} label="Download" fetch={() => fetchDay(day.date, name)} />}>
        <FileState day={day} reading={reading} open={() => void open()} />
      </Panel>
      {reading.kind === "open" ? <Opened day={day} opened={reading.day} /> : null}
    </>
  );
}

async function read(date: string, name: string): Promise<Reading> {
  const fetched = await fetchDay(date, name);
  if (fetched.kind === "failed") return { kind: "failed", failure: fetched.failure };
  try {
    return { kind: "open", sha256: await sha256Of(fetched.data), day: await openDay(fetched.data, date) };
  } catch (error) {
    return { kind: "unreadable", reason: error instanceof Error ? error.message : String(error) };
  }
}

interface FileStateProps {
  readonly day: DatasetManifest;
  readonly reading: Reading;
  readonly open: () => void;
}

function FileState({ day, reading, open }: FileStateProps) {
  switch (reading.kind) {
    case "busy":
      return <Loading />;
    case "failed":
      return <FailureView failure={reading.failure} reload={open} />;
    case "unreadable":
      return (
        <div class="state state-failure" role="alert">
          <p class="state-title">The file cannot be read</p>
          <p>{reading.reason}</p>
        </div>
      );
    case "open":
      return <Verified expected={day.sha256} found={reading.sha256} rows={reading.day.rows} />;
    case "closed":
      return (
        <div class="state">
          <p>
            The file has {countText(day.rows)} rows in {bytesText(day.bytes)}. It is read here, in your browser
            {day.free ? ", without a key: this day is a free sample." : ", and needs an API key with the scope export."}
          </p>
          <div class="state-actions">
            <button type="button" class="button button-main" onClick={open}>
              Open the file
            </button>
          </div>
        </div>
      );
  }
}

function Verified({ expected, found, rows }: { readonly expected: string; readonly found: string | null; readonly rows: number }) {
  if (found === null) return <p class="data-note">{countText(rows)} rows. Browsers compute its SHA-256 on pages with https only.</p>;
  if (found !== expected) {
    return (
      <p class="data-note fault" role="alert">
        The file's SHA-256 is not that of its manifest: it may be replaced right now. Do not use it; open it again in a minute.
      </p>
    );
  }
  return (
    <p class="data-note verified" role="status">
      {countText(rows)} rows. The SHA-256, computed here, is that of the manifest.
    </p>
  );
}

function Opened({ day, opened }: { readonly day: DatasetManifest; readonly opened: OpenedDay }) {
  return (
    <>
      <Panel title="USD by minute" class="day-minutes" aside={<ChartKey />}>
        <MinuteChart date={day.date} minutes={opened.totals.minutes} gaps={day.gaps} />
      </Panel>
      <Panel title="Totals by venue">
        <VenueTotals venues={opened.totals.venues} />
      </Panel>
      <Panel title="First rows" aside={<span class="num">{countText(opened.head.length)}</span>}>
        <HeadTable rows={opened.head} schema={opened.schema} />
      </Panel>
      <Panel title="Schema" aside={<span class="num">{opened.schema.length} columns</span>}>
        <SchemaTable schema={opened.schema} />
      </Panel>
    </>
  );
}

function ChartKey() {
  return (
    <>
      <Side side="short" label="shorts, up" />
      <Side side="long" label="longs, down" />
      <span class="chart-gap-key">gaps</span>
    </>
  );
}

function Manifest({ day }: { readonly day: DatasetManifest }) {
  const start = Date.parse(day.date);
  const missing = day.completeness?.missing_rows;
  return (
    <Panel title="Manifest">
      <GapBand start={start} end={start + DAY_MS} gaps={day.gaps} />
      <dl class="facts">
        <Fact name="Rows">{countText(day.rows)}</Fact>
        <Fact name="Size">{bytesText(day.bytes)}</Fact>
        <Fact name="First event">
          {day.first_event_time === null ? <Unknown reason="The file has no row." /> : momentText(day.first_event_time)}
        </Fact>
        <Fact name="Last event">
          {day.last_event_time === null ? <Unknown reason="The file has no row." /> : momentText(day.last_event_time)}
        </Fact>
        <Fact name="Rows missing">
          {missing === undefined ? <Unknown reason="The file was made before rows were compared." /> : countText(missing)}
        </Fact>
        <Fact name="Version of the fields">{day.schema_version}</Fact>
        <Fact name="Ledger at its end">
          {day.ledger === null ? (
            <Unknown reason="The ledger was not anchored at the end of this day." />
          ) : (
            <Hint hint={`The last decision of the day has the hash ${day.ledger.hash}.`}>decision {countText(day.ledger.sequence)}</Hint>
          )}
        </Fact>
        <Fact name="SHA-256" isWide>
          <code class="hash">{day.sha256}</code>
        </Fact>
      </dl>
      <Gaps gaps={day.gaps} isTruncated={day.gaps_truncated} />
    </Panel>
  );
}

function Fact({
  name,
  isWide = false,
  children,
}: {
  readonly name: string;
  readonly isWide?: boolean;
  readonly children: preact.ComponentChildren;
}) {
  return (
    <div class={isWide ? "fact fact-wide" : "fact"}>
      <dt>{name}</dt>
      <dd class="num">{children}</dd>
    </div>
  );
}

function Gaps({ gaps, isTruncated }: { readonly gaps: DatasetManifest["gaps"]; readonly isTruncated: boolean }) {
  if (gaps.length === 0) return <p class="data-note">Every venue was connected for the whole day.</p>;
  const shown = gaps.slice(0, SHOWN_GAPS);
  return (
    <details class="day-gaps">
      <summary>
        {gaps.length} {gaps.length === 1 ? "gap" : "gaps"}
        {isTruncated ? ", the oldest left out" : ""}
      </summary>
      <ul>
        {shown.map((gap) => (
          <li key={gap.exchange + gap.from_time}>{gapText(gap)}</li>
        ))}
        {shown.length < gaps.length ? <li>and {gaps.length - shown.length} more, in the manifest of the API</li> : null}
      </ul>
    </details>
  );
}
