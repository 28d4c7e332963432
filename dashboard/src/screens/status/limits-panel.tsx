import type { ComponentChildren } from "preact";
import { MAX_REPLAYS, MAX_STREAMS_PER_ADDRESS, MAX_STREAMS_PER_KEY } from "../../../../src/stream/limits.ts";
import { api, ask } from "../../api/client.ts";
import { apiKey, isIssuedKey } from "../../api/key.ts";
import { type Limit, limits } from "../../api/limits.ts";
import { useQuery } from "../../api/query.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { countText, spanText } from "../../parts/format.ts";
import { Panel } from "../../parts/panel.tsx";
import { Unknown } from "../../parts/unknown.tsx";
import { now } from "../../stream/server-clock.ts";

const REFRESH_MS = 60_000;
const NOT_SAID = "The last answer did not say.";

interface LimitRow {
  readonly name: string;
  readonly allowed: ComponentChildren;
  readonly left: ComponentChildren;
  readonly reset: ComponentChildren;
}

/** What this visitor may ask for, and what of it is left. */
export function LimitsPanel() {
  const key = apiKey.value;
  const usage = useQuery(isIssuedKey(key) ? "own usage" : null, () => ask(api.GET("/v1/usage")), { refreshMs: REFRESH_MS });
  const streams = key === null ? MAX_STREAMS_PER_ADDRESS : MAX_STREAMS_PER_KEY;
  const rows = [
    ...limits.value.map(requestRow),
    ...(usage.data === null ? [] : [exportRow(usage.data)]),
    countedAtOnce("streams at once, for each relay", streams),
    countedAtOnce("replays at once", MAX_REPLAYS),
  ];
  return (
    <Panel title={key === null ? "Your limits, without a key" : "Your limits"}>
      <DataTable
        caption="Your limits"
        rows={rows}
        keyOf={({ name }) => name}
        columns={[
          { name: "what", cell: ({ name }) => name },
          { name: "allowed", align: "right", cell: ({ allowed }) => allowed },
          { name: "left", align: "right", cell: ({ left }) => left },
          { name: "resets in", align: "right", cell: ({ reset }) => reset },
        ]}
      />
    </Panel>
  );
}

const COUNTED: Readonly<Record<string, string>> = {
  address: "from your address",
  key: "with your key",
  credentials: "with any key, from your address",
  day: "with your key",
};

function requestRow({ policy, allowed, seconds, left, resetTime }: Limit): LimitRow {
  const period = seconds === 60 ? "a minute" : seconds === 86_400 ? "a day" : `in ${spanText(seconds * 1_000)}`;
  // The minute that the answer was given in is over: all are left again.
  const isOver = resetTime !== null && resetTime <= now.value;
  return {
    name: `requests ${period} ${COUNTED[policy] ?? policy}`,
    allowed: countText(allowed),
    left: isOver ? countText(allowed) : left === null ? <Unknown reason={NOT_SAID} /> : countText(left),
    reset: resetTime === null || isOver ? <Unknown reason={isOver ? "Nothing is used." : NOT_SAID} /> : resetText(resetTime),
  };
}

interface ExportUsage {
  readonly export_rows_per_day: number | null;
  readonly export_rows_reserved: number;
  readonly reset_time: number;
  readonly today: { readonly export_rows: number };
}

function exportRow({ export_rows_per_day: allowed, export_rows_reserved: reserved, reset_time: reset, today }: ExportUsage): LimitRow {
  const name = "exported rows a day with your key";
  if (allowed === null) return { name, allowed: "no limit", left: "no limit", reset: <Unknown reason="There is no limit." /> };
  return {
    name,
    allowed: countText(allowed),
    left: countText(Math.max(0, allowed - today.export_rows - reserved)),
    reset: resetText(reset),
  };
}

function countedAtOnce(name: string, allowed: number): LimitRow {
  const reason = "What is open elsewhere with the same key or address is not shown here.";
  return { name, allowed: countText(allowed), left: <Unknown reason={reason} />, reset: <Unknown reason="It counts what is open now." /> };
}

function resetText(time: number): string {
  return spanText(Math.max(0, time - now.value));
}
