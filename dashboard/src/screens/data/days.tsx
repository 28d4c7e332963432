import type { Dataset, MarkDataset, Uptime } from "../../api/schema.ts";
import { Choices } from "../../parts/choices.tsx";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { countText, shareText } from "../../parts/format.ts";
import { Hint } from "../../parts/hint.tsx";
import { Pages } from "../../parts/pages.tsx";
import { Panel } from "../../parts/panel.tsx";
import { StateView } from "../../parts/state-view.tsx";
import { Unknown } from "../../parts/unknown.tsx";
import { Link, setParameters } from "../../shell/router.tsx";
import { type DayFile, shownDays, useDays, useUptime } from "./days-query.ts";
import { fetchDay, bytesText, nameOf } from "./files.ts";
import { DownloadButton } from "./download-button.tsx";

const KIND_NAMES = { liquidations: "liquidations", minute_marks: "minute marks" } as const;
const NAMES = Object.values(KIND_NAMES);

/** The days with a file, newest first, with what each covers. */
export function Days() {
  const { kind, cursor } = shownDays();
  const days = useDays();
  const uptime = useUptime(days.data);
  const next = days.meta?.next_cursor ?? null;
  // Only a list that is whole says how many there are.
  const part = cursor !== null ? "older " : next === null ? "" : "newest ";
  const counted = `${days.data?.length ?? 0} ${part}${days.data?.length === 1 ? "file" : "files"}`;
  return (
    <Panel title="Days" class="days" aside={days.data === null ? undefined : <span class="num">{counted}</span>}>
      <p class="data-note">
        One Parquet file for each UTC day, with its manifest. The first day of each month is free where the server offers a sample; the
        others need an API key with the scope <code>export</code>.
      </p>
      <div class="filters">
        <Choices
          label="Files of"
          names={NAMES}
          chosen={KIND_NAMES[kind]}
          onChoose={(name) => setParameters({ kind: name === KIND_NAMES.minute_marks ? "minute_marks" : null, cursor: null })}
        />
      </div>
      <StateView
        loaded={days}
        isEmpty={(list) => list.length === 0}
        empty="The file of a day is written within an hour after the day has ended (UTC). A fresh deployment has its first one tomorrow."
      >
        {(list) => (
          <DataTable
            caption="Days with a file, newest first"
            rows={list}
            keyOf={({ date }) => date}
            columns={columnsOf(kind === "liquidations", uptime.data)}
          />
        )}
      </StateView>
      <Pages label="Pages of the days" cursor={cursor} next={next} />
    </Panel>
  );
}

function columnsOf(isLiquidations: boolean, uptime: Uptime | null): readonly Column<DayFile>[] {
  return [
    { name: "day (UTC)", cell: ({ date }) => (isLiquidations ? <Link href={`/data/${date}`}>{date}</Link> : date) },
    { name: "rows", align: "right", cell: ({ rows }) => countText(rows) },
    { name: "size", align: "right", isWide: true, cell: ({ bytes }) => bytesText(bytes) },
    { name: "connected", align: "right", cell: ({ date }) => <DayUptime date={date} uptime={uptime} /> },
    {
      name: "compared",
      isWide: true,
      cell: (day) => (day.kind === "liquidations" ? <Completeness day={day} /> : <MissingMarks day={day} />),
    },
    {
      name: "file",
      align: "right",
      cell: (day) => (
        <DownloadButton
          name={nameOf(day.path)}
          label={day.free ? "Download (free)" : "Download"}
          fetch={() => fetchDay(day.date, nameOf(day.path))}
        />
      ),
    },
  ];
}

/** The share of a day in which each venue was connected: the smallest, and all of them on hover. */
function DayUptime({ date, uptime }: { readonly date: string; readonly uptime: Uptime | null }) {
  if (uptime === null) return <Unknown reason="The uptime of the venues is not known yet." />;
  const step = (Date.parse(date) - uptime.start_time) / uptime.step_ms;
  const shares = Object.entries(uptime.exchanges).map(([exchange, steps]) => ({ exchange, share: steps?.[step] ?? null }));
  const known = shares.flatMap(({ share }) => share ?? []);
  if (known.length === 0) return <Unknown reason="The gaps of this day are no longer kept." />;
  const least = Math.min(...known);
  const hint = shares.map(({ exchange, share }) => (
    <div key={exchange}>
      {exchange} was connected for {share === null ? "an unknown share" : shareText(share)} of the day.
    </div>
  ));
  return (
    <Hint hint={hint} class={least < 0.95 ? "uptime uptime-low" : "uptime"}>
      <span class="day-venues" aria-hidden="true">
        {shares.map(({ exchange, share }) => (
          <span class="day-venue" key={exchange}>
            <span class="day-venue-part" style={{ height: `${100 * (share ?? 0)}%` }} />
          </span>
        ))}
      </span>
      <span class="num">{shareText(least)}</span>
    </Hint>
  );
}

function Completeness({ day: { completeness } }: { readonly day: Dataset }) {
  if (completeness === null) return <Unknown reason="The file was made before rows were compared." />;
  const { missing_rows: missing } = completeness;
  if (missing === 0)
    return <Hint hint="The file has every row that the totals and the journals of the feeds counted.">no row missing</Hint>;
  return <span class="fault">{countText(missing)} rows missing</span>;
}

/** Of the minutes of each base asset that a venue trades. */
function MissingMarks({ day: { exchanges, minutes_missing: missing } }: { readonly day: MarkDataset }) {
  if (missing === 0) return <Hint hint="Each base asset that a venue trades has a mark in every minute.">no minute missing</Hint>;
  const hint = Object.entries(exchanges).flatMap(([exchange, minutes]) =>
    minutes === undefined
      ? []
      : [
          <div key={exchange}>
            {exchange}: {countText(minutes.minutes_missing)} of {countText(minutes.minutes_expected)} minutes without a mark.
          </div>,
        ],
  );
  return <Hint hint={hint}>{countText(missing)} minutes missing</Hint>;
}
