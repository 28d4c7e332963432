import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/query.ts";
import type { PlatformUsage } from "../../api/schema.ts";
import { AmountBar } from "../../parts/bars.tsx";
import { DataTable } from "../../parts/data-table.tsx";
import { countText, shareText } from "../../parts/format.ts";
import { Panel } from "../../parts/panel.tsx";
import { Empty, StateView } from "../../parts/state-view.tsx";

/** What of the platform's limits is used: for administrators. */
export function PlatformPanel() {
  const loaded = useQuery("platform usage", () => ask(api.GET("/v1/usage/platform")), { refreshMs: 60_000 });
  return (
    <Panel title="Limits of the platform">
      {loaded.failure?.kind === "unauthorized" || loaded.failure?.kind === "forbidden" ? (
        <Empty>Only keys with the scope of an administrator show what of the platform's limits is used.</Empty>
      ) : (
        <StateView loaded={loaded}>{(usage) => <UsageTable usage={usage} />}</StateView>
      )}
    </Panel>
  );
}

function UsageTable({ usage }: { readonly usage: PlatformUsage }) {
  return (
    <DataTable
      caption="Use of the platform"
      rows={usage.items}
      keyOf={({ item }) => item}
      columns={[
        { name: "what", cell: ({ title }) => title },
        { name: "today", align: "right", cell: ({ today }) => countText(today) },
        { name: "of a day", align: "right", cell: ({ share_of_day: share }) => <ShareOfDay share={share} /> },
        { name: "month", align: "right", cell: ({ month }) => countText(month) },
        { name: "beyond, USD", align: "right", cell: ({ month_usd: usd }) => usd.toFixed(2) },
      ]}
    />
  );
}

function ShareOfDay({ share }: { readonly share: number }) {
  return (
    <span class="status-share">
      <AmountBar share={share} />
      {shareText(share)}
    </span>
  );
}
