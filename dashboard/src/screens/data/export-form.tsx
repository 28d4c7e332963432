import { useState } from "preact/hooks";
import { DAY_MS } from "../../../../src/windows/calendar.ts";
import { type Outcome, api, ask } from "../../api/client.ts";
import { apiKey } from "../../api/key.ts";
import type { ExportEstimate, NewExport } from "../../api/schema.ts";
import { countText, momentText } from "../../parts/format.ts";
import { Panel } from "../../parts/panel.tsx";
import { FailureView } from "../../parts/state-view.tsx";
import { openKeyDialog } from "../../shell/dialogs.ts";
import { now } from "../../stream/server-clock.ts";
import { exportsMade } from "./exports.tsx";
import { bytesText } from "./files.ts";

const FORMATS = ["parquet", "csv", "json", "ndjson"] as const satisfies readonly NewExport["format"][];

/** What the rows of an export are. */
const KINDS = {
  liquidations: "liquidations",
  minute_marks: "minute marks",
  estimated_totals: "estimated totals",
} as const satisfies Readonly<Record<NonNullable<NewExport["kind"]>, string>>;
type Kind = keyof typeof KINDS;
const KIND_NAMES = Object.keys(KINDS) as readonly Kind[];

interface Fields {
  readonly kind: Kind;
  readonly start: string;
  readonly end: string;
  readonly format: (typeof FORMATS)[number];
  readonly symbols: string;
  readonly side: "" | "long" | "short";
  readonly minUsd: string;
}

type Answer =
  | { readonly of: "estimate"; readonly outcome: Outcome<ExportEstimate> }
  | { readonly of: "export"; readonly outcome: Outcome<unknown> };

/** Orders an export: its range and filters, what it would come to, and then the export itself. */
export function ExportForm() {
  const [fields, setFields] = useState<Fields>(() => {
    const today = Math.floor(now.peek() / DAY_MS) * DAY_MS;
    return {
      kind: "liquidations",
      start: inputTime(today - DAY_MS),
      end: inputTime(today),
      format: "parquet",
      symbols: "",
      side: "",
      minUsd: "",
    };
  });
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [isBusy, setBusy] = useState(false);
  const set = (changes: Partial<Fields>) => {
    setFields({ ...fields, ...changes });
    setAnswer(null);
  };
  const run = async (of: Answer["of"]) => {
    setBusy(true);
    const body = requestOf(fields);
    if (of === "estimate") setAnswer({ of, outcome: await ask(api.POST("/v1/exports/estimate", { body })) });
    else {
      setAnswer({ of, outcome: await ask(api.POST("/v1/exports", { body })) });
      exportsMade.value += 1;
    }
    setBusy(false);
  };
  return (
    <Panel title="Export" class="export">
      {apiKey.value === null ? <NeedsKey /> : null}
      <form
        class="export-form"
        onSubmit={(event) => {
          event.preventDefault();
          void run("estimate");
        }}
      >
        <Inputs fields={fields} set={set} />
        <div class="form-actions">
          <button type="submit" class="button" disabled={isBusy}>
            Estimate
          </button>
          <button type="button" class="button button-main" disabled={isBusy} onClick={() => void run("export")}>
            Create the export
          </button>
        </div>
      </form>
      {answer === null ? null : <AnswerView answer={answer} retry={() => void run(answer.of)} />}
    </Panel>
  );
}

function NeedsKey() {
  return (
    <p class="data-note">
      Exports need an API key with the scope <code>export</code>, which whoever runs this server gives out.{" "}
      <button type="button" class="link" onClick={openKeyDialog}>
        Enter a key
      </button>
    </p>
  );
}

interface InputsProps {
  readonly fields: Fields;
  readonly set: (changes: Partial<Fields>) => void;
}

function Inputs({ fields, set }: InputsProps) {
  return (
    <>
      <label class="field">
        <span>Rows</span>
        <select
          class="input"
          value={fields.kind}
          onInput={({ currentTarget }) => set({ kind: KIND_NAMES.find((name) => name === currentTarget.value) ?? "liquidations" })}
        >
          {KIND_NAMES.map((name) => (
            <option key={name} value={name}>
              {KINDS[name]}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>From (UTC)</span>
        <input type="datetime-local" required value={fields.start} onInput={({ currentTarget }) => set({ start: currentTarget.value })} />
      </label>
      <label class="field">
        <span>To (UTC), not included</span>
        <input type="datetime-local" required value={fields.end} onInput={({ currentTarget }) => set({ end: currentTarget.value })} />
      </label>
      <label class="field">
        <span>Format</span>
        <select
          class="input"
          value={fields.format}
          onInput={({ currentTarget }) => set({ format: FORMATS.find((name) => name === currentTarget.value) ?? "parquet" })}
        >
          {FORMATS.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>Side</span>
        <select
          class="input"
          value={fields.side}
          onInput={({ currentTarget: { value } }) => set({ side: value === "long" || value === "short" ? value : "" })}
        >
          <option value="">both</option>
          <option value="long">longs</option>
          <option value="short">shorts</option>
        </select>
      </label>
      <label class="field">
        <span>Base assets</span>
        <input
          placeholder="all, or BTC, ETH"
          value={fields.symbols}
          onInput={({ currentTarget }) => set({ symbols: currentTarget.value })}
        />
      </label>
      <label class="field">
        <span>At least, USD</span>
        <input
          inputMode="decimal"
          placeholder="any"
          value={fields.minUsd}
          onInput={({ currentTarget }) => set({ minUsd: currentTarget.value })}
        />
      </label>
    </>
  );
}

/** What the fields ask for. Whatever is wrong with it the API says, in words of its own. */
function requestOf({ kind, start, end, format, symbols, side, minUsd }: Fields): NewExport {
  const named = symbols
    .toUpperCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  return {
    kind,
    start: utcText(start),
    end: utcText(end),
    format,
    ...(named.length === 0 ? {} : { symbols: named }),
    ...(side === "" ? {} : { side }),
    ...(minUsd.trim() === "" ? {} : { min_usd: Number(minUsd.replaceAll(/[,_\s]/g, "")) }),
  } as NewExport;
}

function AnswerView({ answer, retry }: { readonly answer: Answer; readonly retry: () => void }) {
  if (answer.outcome.kind === "failed") return <FailureView failure={answer.outcome.failure} reload={retry} />;
  if (answer.of === "export") {
    return (
      <p class="data-note verified" role="status">
        The export is queued. Its progress stands in the list of exports.
      </p>
    );
  }
  return answer.outcome.kind === "ok" ? <EstimateView estimate={answer.outcome.data} /> : null;
}

function EstimateView({ estimate: { rows, exact, bytes, files, not_covered: lacking } }: { readonly estimate: ExportEstimate }) {
  return (
    <div class="estimate" role="status">
      <p>
        {exact ? "" : "about "}
        <strong class="num">{countText(rows)}</strong> rows, about <strong class="num">{bytesText(bytes)}</strong> in{" "}
        <strong class="num">{countText(files)}</strong> {files === 1 ? "file" : "files"}
      </p>
      {lacking.map((part) => (
        <p class="fault" key={`${part.code} ${part.start}`}>
          Not covered from {momentText(part.start)} to {momentText(part.end)}: {part.detail}
        </p>
      ))}
    </div>
  );
}

/** A time of an input, which leaves seconds of 0 off, as the API reads it. */
function utcText(time: string): string {
  return time.length === "2026-11-28T00:00".length ? `${time}:00Z` : `${time}Z`;
}

/** A time as the input of a form has it. */
function inputTime(time: number): string {
  return new Date(time).toISOString().slice(0, 16);
}
