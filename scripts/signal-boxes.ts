import type { SignalRecord } from "../src/signals/ledger.ts";
import type { SignalInput } from "../src/signals/signal-input.ts";

const WIDTH = 76;

/** What a spike was decided on, and what was decided, as two boxes for the console. */
export function signalBoxes(record: SignalRecord): string {
  const input = record.statistics as SignalInput;
  const window = input.windows.find(({ window: name }) => name === input.window);
  const venues = Object.entries(input.exchanges).filter(([, sides]) => (sides?.total.events ?? 0) > 0);
  const statistics = [
    `window       ${record.window} to ${new Date(record.minute).toISOString()}`,
    `longs        ${usd(window?.sides.long.usd)} (${percent(record.long_change_pct)} on the window before)`,
    `shorts       ${usd(window?.sides.short.usd)} (${percent(record.short_change_pct)})`,
    `events       ${window?.sides.total.events ?? 0}`,
    `venues       ${venues.map(([name]) => name).join(", ") || "none"}`,
    `asked for    ${asked(input.trigger)}`,
  ];
  const analysis = [
    `action       ${record.action}${record.paper ? " (paper: no record of earning yet)" : ""}`,
    `confidence   ${record.confidence}`,
    ...(typeof record.p_up === "number" ? [`up, down     ${share(record.p_up)}, ${share(record.p_down ?? 0)}`] : []),
    `reason       ${record.reason}`,
    `analyst      ${record.analyst}${record.reason_code === null ? "" : ` (${record.reason_code})`}`,
    `rule model   ${record.rule_action}${record.rule_reason === undefined ? "" : `: ${record.rule_reason}`}`,
  ];
  return [box(`${record.symbol}: liquidations`, statistics), box(`${record.symbol}: analysis`, analysis)].join("\n");
}

function asked({ kind, sides }: SignalInput["trigger"]): string {
  const on = sides.join(", ");
  // Records of before have no kind.
  return kind === "turn" ? `turn of the ${on} flush: its flow is exhausted, and the price comes back` : `${kind ?? "spike"} on ${on}`;
}

/** Lines in a frame, wrapped to its width. */
export function box(title: string, lines: readonly string[]): string {
  const inner = WIDTH - 4;
  const wrapped = lines.flatMap((line) => wrap(line, inner));
  return [
    `┌─ ${title} ${"─".repeat(Math.max(0, WIDTH - title.length - 5))}┐`,
    ...wrapped.map((line) => `│ ${line.padEnd(inner)} │`),
    `└${"─".repeat(WIDTH - 2)}┘`,
  ].join("\n");
}

/** Words of a model can hold anything: control characters are left out, long lines broken. */
function wrap(line: string, width: number): string[] {
  const clean = line.replaceAll(/\p{C}/gu, " ");
  const parts: string[] = [];
  for (let rest = clean; rest !== "";) {
    const cut = rest.length <= width ? rest.length : Math.max(rest.lastIndexOf(" ", width), 20);
    parts.push(rest.slice(0, cut));
    rest = rest.length <= width ? "" : `             ${rest.slice(cut).trimStart()}`;
  }
  return parts;
}

function usd(value: number | null | undefined): string {
  return value === null || value === undefined ? "unknown" : `${Math.round(value).toLocaleString("en-US")} USD`;
}

function share(probability: number): string {
  return `${Math.round(100 * probability)} %`;
}

function percent(value: number | null): string {
  return value === null ? "no comparison" : `${value > 0 ? "+" : ""}${value.toFixed(0)} %`;
}
