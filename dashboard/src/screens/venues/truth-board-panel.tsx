import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/query.ts";
import type { TruthBoard } from "../../api/schema.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { countText, shareText } from "../../parts/format.ts";
import { Hint } from "../../parts/hint.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Empty, StateView } from "../../parts/state-view.tsx";
import { Age } from "../../parts/time.tsx";
import { Unknown } from "../../parts/unknown.tsx";
import { Usd } from "../../parts/usd.tsx";

const REFRESH_MS = 300_000;
const COVERAGE = "Over the hours that both have and that were covered here from end to end.";

/** Our totals beside those of another collector of the same feeds. */
export function TruthBoardPanel() {
  const loaded = useQuery("truth-board", () => ask(api.GET("/v1/truth-board")), { refreshMs: REFRESH_MS });
  return (
    <Panel title="Beside another collector">
      <StateView loaded={loaded}>{(board) => <Board board={board} />}</StateView>
    </Panel>
  );
}

function Board({ board }: { readonly board: TruthBoard }) {
  if (board.state === "off") {
    return <Empty>{`Our totals are compared with those of ${board.aggregator} where its key is given: ${board.reason ?? ""}.`}</Empty>;
  }
  return (
    <>
      {board.state === "failing" ? <p class="venues-note status-bad">{`${board.aggregator} fails: ${board.reason ?? ""}.`}</p> : null}
      <DataTable
        caption={`Our totals by venue beside those of ${board.aggregator}`}
        rows={board.exchanges}
        keyOf={({ exchange }) => exchange}
        columns={[
          {
            name: "venue",
            cell: ({ exchange, error }) =>
              error === null ? (
                <strong>{exchange}</strong>
              ) : (
                <Hint hint={`The last request failed: ${error}.`} class="status-bad">
                  <strong>{exchange}</strong>
                </Hint>
              ),
          },
          {
            name: "ours",
            align: "right",
            cell: ({ our_long_usd: long, our_short_usd: short, reason }) => (
              <Usd usd={sum(long, short)} reason={reason ?? ""} coverage={COVERAGE} />
            ),
          },
          {
            name: board.aggregator,
            align: "right",
            cell: ({ aggregator_long_usd: long, aggregator_short_usd: short, reason }) => (
              <Usd usd={sum(long, short)} reason={reason ?? ""} coverage={COVERAGE} />
            ),
          },
          {
            name: "ratio",
            align: "right",
            cell: ({ ratio, reason }) =>
              ratio === null ? <Unknown reason={reason ?? "There is no ratio."} /> : <strong>{ratio.toFixed(3)}</strong>,
          },
          {
            name: "hours",
            align: "right",
            cell: ({ hours_compared: compared, hours_reported: reported }) => (
              <Hint hint="Hours covered here from end to end, of those that it reported.">{`${countText(compared)} of ${countText(reported)}`}</Hint>
            ),
          },
          {
            name: "covered",
            align: "right",
            isWide: true,
            cell: ({ uptime_share: share, reason }) => (share === null ? <Unknown reason={reason ?? ""} /> : shareText(share)),
          },
        ]}
      />
      <p class="venues-note">
        {board.note} Compared: {board.symbols.join(", ")}, last read <Age time={board.success_time} />.
      </p>
    </>
  );
}

function sum(long: number | null, short: number | null): number | null {
  return long === null || short === null ? null : long + short;
}
