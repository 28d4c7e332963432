import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/query.ts";
import type { RelayStats } from "../../api/schema.ts";
import { countText, spanText } from "../../parts/format.ts";
import { Hint } from "../../parts/hint.tsx";
import { Panel } from "../../parts/panel.tsx";
import { StateView } from "../../parts/state-view.tsx";
import { Unknown } from "../../parts/unknown.tsx";

/** The live stream: who listens, and how late it is. */
export function StreamPanel() {
  const loaded = useQuery("stream stats", () => ask(api.GET("/v1/stream/stats")), { refreshMs: 30_000 });
  return (
    <Panel title="Live stream">
      <StateView loaded={loaded}>
        {({ clients, relays }) => (
          <dl class="status-list">
            <div>
              <dt>Clients</dt>
              <dd class="num">{countText(clients)}</dd>
            </div>
            {relays.map((relay) => (
              <Relay key={relay.relay} relay={relay} />
            ))}
            <div>
              <dt>Frames skipped</dt>
              <dd class="num">
                <Hint hint="Frames that clients were not sent, because they read too slowly, since each relay began to count.">
                  {countText(relays.reduce((sum, { skipped }) => sum + skipped, 0))}
                </Hint>
              </dd>
            </div>
            <div>
              <dt>Closed, by code</dt>
              <dd class="num">{closesText(relays)}</dd>
            </div>
          </dl>
        )}
      </StateView>
    </Panel>
  );
}

/** `1000: 7, 4003: 1`, most first. */
function closesText(relays: readonly Pick<RelayStats, "closes">[]): string {
  const sums = new Map<string, number>();
  for (const [code, count] of relays.flatMap(({ closes }) => Object.entries(closes))) sums.set(code, (sums.get(code) ?? 0) + count);
  if (sums.size === 0) return "none";
  return [...sums]
    .toSorted(([, a], [, b]) => b - a)
    .map(([code, count]) => `${code}: ${countText(count)}`)
    .join(", ");
}

function Relay({ relay }: { readonly relay: RelayStats }) {
  const newest = relay.minutes.findLast(({ latency_ms_p50: p50 }) => p50 !== null);
  const [p50, p99] = [newest?.latency_ms_p50 ?? null, newest?.latency_ms_p99 ?? null];
  return (
    <div>
      <dt>{relay.relay}</dt>
      <dd class="num">
        {countText(relay.clients)} {relay.clients === 1 ? "client" : "clients"},{" "}
        {p50 === null || p99 === null ? (
          <Unknown reason="Nothing was sent in the last minutes." />
        ) : (
          <>
            received to sent {spanText(p50)} median, {spanText(p99)} at the 99th percentile
          </>
        )}
      </dd>
    </div>
  );
}
