import type { HorizonScore, RecordScore, Scoreboard } from "../../api/schema.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { bpsText, shareText } from "../../parts/format.ts";
import { Hint } from "../../parts/hint.tsx";
import { Interval, type IntervalScale, scaleOf } from "../../parts/interval.tsx";
import { Panel } from "../../parts/panel.tsx";
import { StateView } from "../../parts/state-view.tsx";
import { Unknown } from "../../parts/unknown.tsx";
import { Choices } from "../../parts/choices.tsx";
import { parameter, setParameters } from "../../shell/router.tsx";
import { useScoreboard } from "./scoreboard.ts";

const HORIZONS = ["5m", "15m", "1h", "4h", "24h"] as const;

/** What each baseline is. */
const BASELINES = {
  nothing: "never trading",
  coin: "a coin tossed at the moment of each BUY and SELL",
  random: "the same actions at earlier times of the same hour of the week and volatility",
  fade: "trading against the forced flow at every decision",
  follow: "trading with the forced flow at every decision",
  rule: "the rule model's action on the same input",
} as const;

const TOO_FEW = "Fewer than 20 decisions are graded.";
const TOO_FEW_RANDOM =
  "Fewer than 20 decisions have 20 matched random times: until some five weeks of marks are stored there are not enough, and none are drawn for the rule model beside a language model.";
const TOO_SHORT = "Fewer than 20 decisions are graded, or they span too few days for an interval.";

/** The results beside the baselines, at the horizon that was fixed beforehand unless another is chosen. */
export function ScoreboardPanel() {
  const loaded = useScoreboard();
  const { data } = loaded;
  const horizon = HORIZONS.find((name) => name === parameter("horizon")) ?? data?.registered_horizon ?? "1h";
  return (
    <Panel
      title="Scoreboard"
      class="scoreboard"
      aside={<Choices label="Horizon" names={HORIZONS} chosen={horizon} onChoose={(name) => setParameters({ horizon: name })} />}
    >
      <StateView
        loaded={loaded}
        isEmpty={({ decisions }) => decisions === 0}
        empty="Nothing has been decided yet. Results appear here an hour after the first decision."
      >
        {(board) => <Board board={board} horizon={horizon} />}
      </StateView>
    </Panel>
  );
}

function Board({ board, horizon }: { readonly board: Scoreboard; readonly horizon: (typeof HORIZONS)[number] }) {
  const score = board.horizons[horizon];
  return (
    <>
      <p class="board-note">
        {board.horizons_of === null ? null : `Of the record of ${recordTitle(board.horizons_of)} alone. `}
        {score.role === "registered"
          ? "This horizon was fixed beforehand: confidence speaks of it."
          : `Exploratory: one of several horizons that were looked at; the registered one is ${board.registered_horizon}.`}
      </p>
      <Headline score={score} />
      <DataTable
        caption={`Baselines over ${horizon}`}
        columns={baselineColumns(score)}
        rows={baselinesOf(score)}
        keyOf={({ name }) => name}
      />
      <h3 class="board-title">Records of the analysts over {board.registered_horizon}</h3>
      <DataTable
        caption="Records of the analysts"
        columns={recordColumns(
          scaleOf(board.records.flatMap(({ score: { mean_net_return_low: low, mean_net_return_high: high } }) => [low, high])),
        )}
        rows={board.records}
        keyOf={({ analyst, model, prompt_version: prompt }) => `${analyst} ${model ?? ""} ${prompt ?? ""}`}
      />
    </>
  );
}

function Headline({ score }: { readonly score: HorizonScore }) {
  return (
    <dl class="headline">
      <div>
        <dt>earned more than its cost</dt>
        <dd>
          <Share share={score.hit_rate} reason={TOO_FEW} />
          <Range low={score.hit_rate_low} high={score.hit_rate_high} text={shareText} />
        </dd>
      </div>
      <div>
        <dt>mean return after cost</dt>
        <dd>
          {score.mean_net_return_bps === null ? (
            <Unknown reason={TOO_FEW} />
          ) : (
            <span class="num">{bpsText(score.mean_net_return_bps)}</span>
          )}
          <Range low={score.mean_net_return_low} high={score.mean_net_return_high} text={bpsText} />
        </dd>
      </div>
      <div>
        <dt>graded, in episodes</dt>
        <dd class="num">
          {score.graded}{" "}
          <Hint hint="Periods of 4 hours with a graded decision: decisions of one episode are not independent." class="headline-range">
            in {score.n_episodes}
          </Hint>
        </dd>
      </div>
      <div>
        <dt>p-value</dt>
        <dd>
          {score.adjusted_p_value === null ? (
            <Unknown reason={TOO_SHORT} />
          ) : (
            <Hint
              hint="Of a mean return after cost of 0, clustered by episode; corrected by Holm's method where several horizons were looked at."
              class="num"
            >
              {score.adjusted_p_value.toFixed(3)}
            </Hint>
          )}
        </dd>
      </div>
    </dl>
  );
}

function Share({ share, reason }: { readonly share: number | null; readonly reason: string }) {
  return share === null ? <Unknown reason={reason} /> : <span class="num">{shareText(share)}</span>;
}

/** The ends of a 95 % interval. */
function Range({
  low,
  high,
  text,
}: {
  readonly low: number | null;
  readonly high: number | null;
  readonly text: (value: number) => string;
}) {
  if (low === null || high === null) return null;
  return (
    <Hint hint="95 % interval, clustered by episode." class="headline-range num">
      {text(low)} to {text(high)}
    </Hint>
  );
}

interface BaselineRow {
  readonly name: keyof typeof BASELINES;
  readonly score: HorizonScore["baselines"][keyof typeof BASELINES];
}

function baselinesOf(score: HorizonScore): readonly BaselineRow[] {
  return (Object.keys(BASELINES) as (keyof typeof BASELINES)[]).map((name) => ({ name, score: score.baselines[name] }));
}

function baselineColumns(score: HorizonScore): readonly Column<BaselineRow>[] {
  const scale = scaleOf(baselinesOf(score).flatMap(({ score: { difference } }) => [difference.low, difference.mean_bps, difference.high]));
  return [
    {
      name: "baseline",
      cell: ({ name }) => <Hint hint={BASELINES[name]}>{name}</Hint>,
    },
    {
      name: "it earned",
      align: "right",
      cell: (row) => {
        const { mean_net_return_bps: mean } = row.score;
        return mean === null ? <Unknown reason={missingReason(score, row, TOO_FEW)} /> : bpsText(mean);
      },
    },
    {
      name: "the decisions earned more",
      align: "right",
      cell: (row) => {
        const { mean_bps: mean } = row.score.difference;
        return mean === null ? <Unknown reason={missingReason(score, row, TOO_FEW)} /> : bpsText(mean);
      },
    },
    {
      name: "95 % interval",
      isWide: true,
      cell: (row) => {
        const { difference } = row.score;
        return difference.low === null || difference.high === null ? (
          <Unknown reason={missingReason(score, row, TOO_SHORT)} />
        ) : (
          <Hint hint={`${bpsText(difference.low)} to ${bpsText(difference.high)}`}>
            <Interval low={difference.low} value={difference.mean_bps} high={difference.high} scale={scale} />
          </Hint>
        );
      },
    },
  ];
}

/** Why a baseline has no figure, though the decisions may have: random times also have to be drawn. */
function missingReason(decisions: HorizonScore, { name, score }: BaselineRow, otherwise: string): string {
  return name === "random" && decisions.verdict === "sufficient" && score.verdict === "insufficient" ? TOO_FEW_RANDOM : otherwise;
}

/** The model and version of the prompt of a record. */
function recordTitle({ analyst, model, prompt_version: prompt }: Pick<RecordScore, "analyst" | "model" | "prompt_version">): string {
  return `${model ?? analyst}${prompt === null ? "" : ` ${prompt}`}`;
}

function recordColumns(scale: IntervalScale): readonly Column<RecordScore>[] {
  return [
    { name: "analyst", cell: recordTitle },
    { name: "decisions", align: "right", isWide: true, cell: ({ decisions }) => decisions },
    { name: "trades", align: "right", cell: ({ trades }) => trades },
    {
      name: "mean net",
      align: "right",
      cell: ({ score: { mean_net_return_bps: mean } }) => (mean === null ? <Unknown reason={TOO_FEW} /> : bpsText(mean)),
    },
    {
      name: "95 % interval",
      isWide: true,
      cell: ({ score: { mean_net_return_low: low, mean_net_return_bps: mean, mean_net_return_high: high } }) =>
        low === null || high === null ? <Unknown reason={TOO_SHORT} /> : <Interval low={low} value={mean} high={high} scale={scale} />,
    },
    {
      name: "wealth",
      align: "right",
      cell: ({ muting: { wealth, unmuted_at: at, paper } }) => (
        <Hint
          hint={`${paper ? "On paper" : "Not on paper"}: paper ends at a wealth of ${at}, which an analyst without an edge ever reaches with a chance of at most 1 in ${at}.`}
        >
          {wealth.toFixed(2)}
        </Hint>
      ),
    },
    { name: "", cell: ({ muting: { paper } }) => (paper ? <span class="paper">paper</span> : null) },
  ];
}
