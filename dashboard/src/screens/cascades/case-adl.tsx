import type { CascadeRecord } from "../../../../src/cascade/cascade-record.ts";
import { AdlStateOf } from "../../parts/adl-mark.tsx";
import { shortFundText } from "../../parts/adl-text.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { Hint } from "../../parts/hint.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Age } from "../../parts/time.tsx";
import { Unknown } from "../../parts/unknown.tsx";
import { now } from "../../stream/server-clock.ts";
import { type CaseAdlRow, adlGapText, caseAdlRows, fundFallText } from "./case-adl-rows.ts";

/** How far the venues were towards auto-deleveraging while the cascade ran. */
export function CaseAdl({ cascade }: { readonly cascade: CascadeRecord }) {
  const { end_time: end } = cascade;
  const rows = caseAdlRows(cascade);
  const missing = adlGapText(cascade, now.value);
  return (
    <Panel
      title="Auto-deleveraging"
      class="case-adl"
      aside={
        <span class="quiet">
          {end === null ? (
            "so far"
          ) : (
            <>
              until <Age time={end} />
            </>
          )}
        </span>
      }
    >
      {rows === null ? (
        <p class="case-note">
          <Unknown reason="Null in the record." /> It was not followed: records of before 2026-11-29 and of replays do not have it. Unknown,
          not normal.
        </p>
      ) : (
        <AdlTable rows={rows} />
      )}
      {missing === null ? null : <p class="case-note">{missing}</p>}
    </Panel>
  );
}

function AdlTable({ rows }: { readonly rows: readonly CaseAdlRow[] }) {
  return (
    <DataTable
      caption="Auto-deleveraging during it, by contract"
      rows={rows}
      keyOf={({ exchange, instrument }) => `${exchange} ${instrument}`}
      columns={[
        { name: "venue", cell: ({ exchange }) => exchange },
        { name: "contract", cell: ({ instrument, reason }) => instrument ?? <Unknown reason={reason} /> },
        { name: "worst state", cell: ({ state, reason }) => <AdlStateOf state={state} reason={reason} /> },
        { name: "lowest fund", align: "right", cell: (row) => <LowestFund row={row} /> },
      ]}
    />
  );
}

function LowestFund({ row }: { readonly row: CaseAdlRow }) {
  const { fundMin, currency, fundReason } = row;
  if (fundMin === null) return <Unknown reason={fundReason} />;
  return (
    <Hint hint={fundFallText(row)} class="num">
      {shortFundText(fundMin, currency)}
    </Hint>
  );
}
