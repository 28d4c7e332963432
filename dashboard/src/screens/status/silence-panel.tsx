import type { Status } from "../../api/status.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { countText } from "../../parts/format.ts";
import { Hint } from "../../parts/hint.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Empty } from "../../parts/state-view.tsx";
import { Age } from "../../parts/time.tsx";
import { Unknown } from "../../parts/unknown.tsx";
import { withheldText } from "./silence-text.ts";

type VenueSilence = NonNullable<Status["silence"]>[number];
type AssetSilence = VenueSilence["assets"][number];
type Silence = VenueSilence | AssetSilence;

/** A venue, or one of its base assets. */
interface Row {
  readonly name: string;
  readonly silence: Silence;
}

/** Each venue, then those of its base assets that are judged. */
function rowsOf(silences: readonly VenueSilence[]): readonly Row[] {
  return silences.flatMap((venue) => [
    { name: venue.exchange, silence: venue },
    ...venue.assets.map((asset) => ({ name: `${venue.exchange} ${asset.symbol}`, silence: asset })),
  ]);
}

/** Whether the others explain that a venue is silent: an open socket with mark prices proves nothing of its liquidations. */
export function SilencePanel({ silences }: { readonly silences: Status["silence"] }) {
  if (silences === null) {
    return (
      <Panel title="Silence or quiet" class="status-wide">
        <Empty>The database did not say.</Empty>
      </Panel>
    );
  }
  const rows = rowsOf(silences);
  if (rows.every(({ silence }) => silence.state === "withheld")) {
    return (
      <Panel title="Silence or quiet" class="status-wide">
        <Empty>{withheldText(silences)}</Empty>
      </Panel>
    );
  }
  return (
    <Panel title="Silence or quiet" class="status-wide">
      <DataTable
        caption="Whether the silence of each venue, and of its busiest base assets, is explained by the activity of the others"
        rows={rows}
        keyOf={({ name }) => name}
        columns={[
          { name: "venue", cell: ({ name, silence }) => ("exchange" in silence ? <strong>{name}</strong> : name) },
          { name: "state", cell: ({ silence }) => <State silence={silence} /> },
          { name: "silent since", align: "right", cell: ({ silence }) => <Since silence={silence} /> },
          { name: "others meanwhile", align: "right", cell: ({ silence }) => countText(silence.others_events) },
          { name: "chance of quiet", align: "right", cell: ({ silence }) => <Chance silence={silence} /> },
        ]}
      />
    </Panel>
  );
}

function State({ silence: { state, reason } }: { readonly silence: Silence }) {
  if (state === "withheld") return <Unknown reason={reason ?? "Nothing is said of this venue."} />;
  return <span class={state === "suspect" ? "status-bad" : ""}>{state === "suspect" ? "suspect" : "explained"}</span>;
}

function Since({ silence: { state, silent_since: since } }: { readonly silence: Silence }) {
  if (since === null)
    return <Unknown reason={state === "withheld" ? "Nothing is said of this venue." : "The last minute had liquidations."} />;
  return <Age time={since} />;
}

function Chance({ silence: { silence_probability: probability } }: { readonly silence: Silence }) {
  if (probability === null) return <Unknown reason="Nothing is said of this venue." />;
  const hint =
    "At most so many of the days without an outage have a silence of a venue, or of any judged base asset, that is as surprising; suspect under 1 in 1,000.";
  return (
    <Hint hint={hint}>{probability >= 0.01 ? `${Math.round(100 * probability)} %` : `1 in ${countText(Math.round(1 / probability))}`}</Hint>
  );
}
