import type { HorizonScore, ReliabilityBucket } from "../../api/schema.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { shareText } from "../../parts/format.ts";
import { Panel } from "../../parts/panel.tsx";
import { StateView } from "../../parts/state-view.tsx";
import { Unknown } from "../../parts/unknown.tsx";
import { useScoreboard } from "./scoreboard.ts";

/** How often decisions of one stated confidence earned more than their cost: on the diagonal, the analyst means what it says. */
export function ReliabilityPanel() {
  const loaded = useScoreboard();
  const score = loaded.data?.horizons[loaded.data.registered_horizon];
  return (
    <Panel
      title="Reliability of the stated confidence"
      class="reliability"
      aside={score === undefined ? undefined : <Brier score={score} />}
    >
      <StateView
        loaded={loaded}
        isEmpty={({ horizons, registered_horizon: horizon }) => horizons[horizon].reliability.length === 0}
        empty={`Fewer than 20 decisions are graded at the registered horizon: ${score?.graded ?? 0} so far.`}
      >
        {({ horizons, registered_horizon: horizon }) => (
          <div class="reliability-body">
            <ReliabilityCurve buckets={horizons[horizon].reliability} />
            <DataTable
              caption="Reliability by stated confidence"
              columns={COLUMNS}
              rows={horizons[horizon].reliability}
              keyOf={({ from }) => String(from)}
            />
          </div>
        )}
      </StateView>
    </Panel>
  );
}

function Brier({ score }: { readonly score: HorizonScore }) {
  return (
    <span>
      <BrierOf name="Brier" of="stated confidence" brier={score.brier_score} skill={score.brier_skill} />
      {score.calibrated === 0 ? null : (
        <>
          {"; "}
          <BrierOf
            name={`of ${score.calibrated} calibrated`}
            of="calibrated probabilities"
            brier={score.brier_score_calibrated}
            skill={score.brier_skill_calibrated}
          />
        </>
      )}
    </span>
  );
}

/** A Brier score and its skill, of one kind of probabilities alone. */
function BrierOf({
  name,
  of,
  brier,
  skill,
}: {
  readonly name: string;
  readonly of: string;
  readonly brier: number | null;
  readonly skill: number | null;
}) {
  return (
    <>
      {name} {brier === null ? <Unknown reason={TOO_FEW} /> : <span class="num">{brier.toFixed(3)}</span>}, skill{" "}
      {skill === null ? (
        <Unknown reason={`${TOO_FEW.slice(0, -1)}, or all or none came true.`} />
      ) : (
        <span class="num" title={`Skill of the ${of}: above 0, it says more than the hit rate alone.`}>
          {skill.toFixed(3)}
        </span>
      )}
    </>
  );
}

const TOO_FEW = "Fewer than 20 of these decisions are graded.";

const COLUMNS: readonly Column<ReliabilityBucket>[] = [
  { name: "stated", cell: ({ from, to }) => `${from} to ${to}%` },
  { name: "mean", align: "right", cell: ({ mean_confidence: mean }) => `${mean.toFixed(0)}%` },
  { name: "came true", align: "right", cell: ({ hit_rate: share }) => shareText(share) },
  {
    name: "95 % interval",
    align: "right",
    isWide: true,
    cell: ({ hit_rate_low: low, hit_rate_high: high }) =>
      low === null || high === null ? <Unknown reason="The decisions span too few days." /> : `${shareText(low)} to ${shareText(high)}`,
  },
  { name: "graded", align: "right", cell: ({ graded, n_episodes: episodes }) => `${graded} in ${episodes}` },
];

const SIZE = 180;
const EDGE = 22;
const SPAN = SIZE - EDGE - 6;

function ReliabilityCurve({ buckets }: { readonly buckets: readonly ReliabilityBucket[] }) {
  const x = (share: number) => EDGE + share * SPAN;
  const y = (share: number) => SIZE - EDGE - share * SPAN;
  const most = Math.max(...buckets.map(({ graded }) => graded));
  return (
    <svg
      class="reliability-curve"
      viewBox={`0 0 ${SIZE} ${SIZE}`}
      width={SIZE}
      height={SIZE}
      role="img"
      aria-label="Stated confidence against the share that came true; the table beside it has the numbers"
    >
      {[0, 0.5, 1].map((tick) => (
        <g key={tick} class="reliability-tick">
          <line x1={x(0)} x2={x(1)} y1={y(tick)} y2={y(tick)} />
          <text x={EDGE - 4} y={y(tick) + 3} text-anchor="end">
            {100 * tick}
          </text>
          <text x={x(tick)} y={SIZE - EDGE + 13} text-anchor={tick === 1 ? "end" : "middle"}>
            {100 * tick}
            {tick === 1 ? "%" : ""}
          </text>
        </g>
      ))}
      <line class="reliability-ideal" x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} />
      {buckets.map(({ from, mean_confidence: mean, hit_rate: share, hit_rate_low: low, hit_rate_high: high, graded }) => (
        <g key={from}>
          {low === null || high === null ? null : (
            <line class="interval-range" x1={x(mean / 100)} x2={x(mean / 100)} y1={y(low)} y2={y(high)} />
          )}
          <circle class="interval-value" cx={x(mean / 100)} cy={y(share)} r={2.5 + 3.5 * Math.sqrt(graded / most)} />
        </g>
      ))}
    </svg>
  );
}
