import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/query.ts";
import type { CascadeForecasts } from "../../api/schema.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { countText, momentText, shareText, spanText } from "../../parts/format.ts";
import { Hint } from "../../parts/hint.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Side } from "../../parts/side.tsx";
import { StateView } from "../../parts/state-view.tsx";
import { type ForecastRecord, liveRecord, reliabilityRows, testRecord } from "./forecast-record.ts";

const REFRESH_MS = 15_000;
const SHOWN_FORECASTS = 10;

/** The probabilities of cascades now, how often such numbers came true, and how early they came; or why there are none. */
export function ForecastPanel() {
  const loaded = useQuery("cascade forecast", () => ask(api.GET("/v1/cascades/forecast", { params: { query: {} } })), {
    refreshMs: REFRESH_MS,
  });
  return (
    <Panel title="Forecast" class="forecast" aside={<span class="list-note">a cascade within 5 min of the last liquidation; modeled</span>}>
      <StateView loaded={loaded}>
        {(data) => (data.model === null ? <Withheld data={data} /> : <Forecast data={data} model={data.model} />)}
      </StateView>
    </Panel>
  );
}

function Withheld({ data: { withheld } }: { readonly data: CascadeForecasts }) {
  return (
    <div class="state state-empty forecast-withheld">
      <p>
        <strong>No probability is shown.</strong> {withheld}
      </p>
      <p>
        A model is shown only after it has beaten the velocity of the flow on 300 cascades that it was not trained on.{" "}
        <a href="/reference/methodology#forecast-of-cascades">How it is trained and tested</a>
      </p>
    </div>
  );
}

interface ForecastProps {
  readonly data: CascadeForecasts;
  readonly model: NonNullable<CascadeForecasts["model"]>;
}

function Forecast({ data: { forecasts, live }, model }: ForecastProps) {
  const records = [testRecord(model), ...(live === null ? [] : [liveRecord(live)])];
  return (
    <div class="forecast-parts">
      {forecasts.length === 0 ? (
        <p class="quiet">No liquidation came in the last 5 minutes, so there is nothing to forecast from.</p>
      ) : (
        <Now forecasts={forecasts} />
      )}
      <Reliability records={records} />
      <ul class="forecast-notes">
        {records.map(({ name, leads }) => (
          <li key={name}>{leads}</li>
        ))}
        {live === null ? <li>None of its live forecasts is graded yet.</li> : null}
        <li>
          Trained on {countText(model.cascades)} cascades of {model.symbols.join(", ")} from {momentText(model.trained_from).slice(0, 10)}{" "}
          to {momentText(model.trained_to).slice(0, 10)}. Area under precision and recall, tested: {model.test.pr_auc.toFixed(3)} against{" "}
          {model.test.velocity_pr_auc.toFixed(3)} of the velocity (difference {model.test.gain_low.toFixed(3)} to{" "}
          {model.test.gain_high.toFixed(3)} in 95 %).
        </li>
        <li>
          Model <Hint hint={model.hash}>{model.hash.slice(0, 12)}</Hint>.{" "}
          <a href="/reference/methodology#forecast-of-cascades">What it does not know</a>
        </li>
      </ul>
    </div>
  );
}

function Now({ forecasts }: Pick<CascadeForecasts, "forecasts">) {
  return (
    <DataTable
      caption="Probabilities of cascades, highest first"
      rows={forecasts.slice(0, SHOWN_FORECASTS)}
      keyOf={({ symbol, position_side: side }) => symbol + side}
      classOf={({ is_alarm: isAlarm }) => (isAlarm === true ? "row-running" : "")}
      columns={[
        { name: "asset", cell: ({ symbol }) => <strong>{symbol}</strong> },
        { name: "side", cell: ({ position_side: side }) => <Side side={side} label={`${side}s`} /> },
        { name: "probability", align: "right", cell: ({ probability }) => (probability === null ? "" : shareText(probability)) },
        { name: "made", align: "right", cell: ({ age_ms: age }) => (age === null ? "" : `${spanText(age)} ago`) },
      ]}
    />
  );
}

function Reliability({ records }: { readonly records: readonly ForecastRecord[] }) {
  return (
    <DataTable
      caption="How often forecasts of about this probability came true"
      rows={reliabilityRows(records)}
      keyOf={({ range }) => range}
      columns={[
        { name: "forecast", cell: ({ range }) => <span class="num">{range}</span> },
        ...records.flatMap(({ name }, index) => [
          {
            name: `came true, ${name}`,
            align: "right" as const,
            cell: ({ shares }: ReturnType<typeof reliabilityRows>[number]) => {
              const share = shares[index] ?? null;
              return share === null ? <span class="quiet">none</span> : shareText(share);
            },
          },
          {
            name: "of",
            align: "right" as const,
            isWide: true,
            cell: ({ counts }: ReturnType<typeof reliabilityRows>[number]) => countText(counts[index] ?? 0),
          },
        ]),
      ]}
    />
  );
}
