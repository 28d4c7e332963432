import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/query.ts";
import type { PlatformUsage } from "../../api/schema.ts";
import { AmountBar } from "../../parts/bars.tsx";
import { countText, shareText } from "../../parts/format.ts";
import { Panel } from "../../parts/panel.tsx";
import { Empty, StateView } from "../../parts/state-view.tsx";

/** What of the platform's limits is used: for administrators. */
export function PlatformPanel() {
  const loaded = useQuery("platform usage", () => ask(api.GET("/v1/usage/platform")), { refreshMs: 60_000 });
  return (
    <Panel title="Limits of the platform" class="status-wide">
      {loaded.failure?.kind === "unauthorized" || loaded.failure?.kind === "forbidden" ? (
        <Empty>Only keys with the scope of an administrator show what of the platform's limits is used.</Empty>
      ) : (
        <StateView loaded={loaded}>{(usage) => <UsageList usage={usage} />}</StateView>
      )}
    </Panel>
  );
}

/** A card for each item, as many beside each other as fit: five numbers of ten items are too wide for a table in a column. */
function UsageList({ usage }: { readonly usage: PlatformUsage }) {
  return (
    <ul class="platform-items" aria-label="Use of the platform">
      {usage.items.map(({ item, title, today, share_of_day: share, month, month_usd: usd }) => (
        <li key={item} class="platform-item">
          <strong>{title}</strong>
          <span class="num">{shareText(share)} of a day</span>
          <AmountBar share={share} />
          <dl>
            <dt>today</dt>
            <dd class="num">{countText(today)}</dd>
            <dt>this month</dt>
            <dd class="num">{countText(month)}</dd>
            <dt>beyond the plan</dt>
            <dd class="num">{usd.toFixed(2)} USD</dd>
          </dl>
        </li>
      ))}
    </ul>
  );
}
