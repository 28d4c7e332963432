import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/query.ts";
import type { Uptime } from "../../api/schema.ts";
import { DAY_MS, HOUR_MS } from "../../../../src/windows/calendar.ts";
import { Choices } from "../../parts/choices.tsx";
import { DataTable } from "../../parts/data-table.tsx";
import { momentText, shareText } from "../../parts/format.ts";
import { Panel } from "../../parts/panel.tsx";
import { StateView } from "../../parts/state-view.tsx";
import { parameter, setParameters } from "../../shell/router.tsx";
import { serverNow } from "../../stream/server-clock.ts";
import { CalendarRow } from "./calendar-row.tsx";

const SPANS = {
  "7 days": { interval: "1h", steps: 7 * 24, stepMs: HOUR_MS },
  "90 days": { interval: "1d", steps: 90, stepMs: DAY_MS },
} as const;
type SpanName = keyof typeof SPANS;
const NAMES = Object.keys(SPANS) as readonly SpanName[];

/** Which venue was covered when: hours of a week, or days of a quarter. */
export function CalendarPanel() {
  const name = NAMES.find((candidate) => candidate === parameter("span")) ?? "7 days";
  const { interval, steps, stepMs } = SPANS[name];
  const end = Math.ceil(serverNow() / stepMs) * stepMs;
  const query = { interval, start: end - steps * stepMs, end } as const;
  const loaded = useQuery(`coverage ${name} ${end}`, () => ask(api.GET("/v1/coverage", { params: { query } })), { refreshMs: 300_000 });
  return (
    <Panel
      title="Coverage calendar"
      class="calendar"
      aside={<Choices label="Span" names={NAMES} chosen={name} onChoose={(chosen) => setParameters({ span: chosen })} />}
    >
      <StateView loaded={loaded}>{(uptime) => <Calendar uptime={uptime} />}</StateView>
    </Panel>
  );
}

function Calendar({ uptime }: { readonly uptime: Uptime }) {
  const venues = Object.entries(uptime.exchanges) as readonly (readonly [string, readonly (number | null)[]])[];
  return (
    <div class="calendar-body">
      {venues.map(([exchange, shares]) => (
        <CalendarRow key={exchange} exchange={exchange} shares={shares} startTime={uptime.start_time} stepMs={uptime.step_ms} />
      ))}
      <Days uptime={uptime} />
      <p class="calendar-key">
        <span class="cell-key cell-full" aria-hidden="true" /> covered
        <span class="cell-key cell-part" aria-hidden="true" /> partly
        <span class="cell-key cell-none" aria-hidden="true" /> not covered
        <span class="cell-key cell-unknown" aria-hidden="true" /> not known
      </p>
      <details>
        <summary>As a table</summary>
        <DataTable
          caption="Share of each step in which the venue was connected, newest first"
          columns={[
            { name: "from (UTC)", cell: ({ time }: Step) => momentText(time).slice(0, 16) },
            ...venues.map(([exchange, shares]) => ({
              name: exchange,
              align: "right" as const,
              cell: ({ index }: Step) => {
                const share = shares[index];
                return share == null ? "–" : shareText(share);
              },
            })),
          ]}
          rows={stepsOf(uptime)}
          keyOf={({ time }) => String(time)}
        />
      </details>
    </div>
  );
}

interface Step {
  readonly index: number;
  readonly time: number;
}

function stepsOf({ start_time: start, end_time: end, step_ms: step }: Uptime): readonly Step[] {
  const count = Math.round((end - start) / step);
  return Array.from({ length: count }, (_, index) => ({ index, time: start + index * step })).toReversed();
}

/** The dates below the rows. */
function Days({ uptime: { start_time: start, end_time: end, step_ms: step } }: { readonly uptime: Uptime }) {
  const every = step === HOUR_MS ? DAY_MS : 14 * DAY_MS;
  const first = Math.ceil(start / every) * every;
  const days = Array.from({ length: Math.max(0, Math.ceil((end - first) / every)) }, (_, index) => first + index * every);
  return (
    <div class="calendar-days" aria-hidden="true">
      {days.map((day) => (
        <span key={day} class="num" style={{ left: `${(100 * (day - start)) / (end - start)}%` }}>
          {momentText(day).slice(5, 10)}
        </span>
      ))}
    </div>
  );
}
