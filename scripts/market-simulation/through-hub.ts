import { CascadeMachine } from "../../src/cascade/cascade-machine.ts";
import type { CascadeTransition } from "../../src/cascade/cascade-record.ts";
import { CrossVenueState } from "../../src/cascade/cross-venue-state.ts";
import { exchanges } from "../../src/exchanges/registry.ts";
import { POSITION_SIDES } from "../../src/liquidation-fields.ts";
import type { Liquidation, PositionSide } from "../../src/liquidation.ts";
import { SideBaseline } from "../../src/quantiles/side-baseline.ts";
import { MINUTE_MS, floorTo } from "../../src/windows/calendar.ts";

/** How often the hub advances the time, ms. */
const BEAT_MS = 10_000;

export interface ThroughHub {
  /** The rows with the fields that the hub adds. */
  readonly rows: readonly Liquidation[];
  readonly transitions: readonly CascadeTransition[];
}

/** Passes the rows of one base asset through the hub's own code, as they would have been received. */
export function throughHub(rows: readonly Liquidation[], symbol: string): ThroughHub {
  const baselines = { long: new SideBaseline(symbol), short: new SideBaseline(symbol) };
  const machine = new CascadeMachine((_symbol, side, quantile) => baselines[side].velocityQuantile(quantile));
  const transitions: CascadeTransition[] = [];
  const state = new CrossVenueState({
    lagResolutionMs: (exchange) => exchanges[exchange].lagResolutionMs,
    baseline: (_symbol, side) => baselineOf(baselines[side]),
    cascadeId(event, flow, reader) {
      transitions.push(...machine.observe(event, flow, reader));
      return machine.cascadeId(event.symbol, event.position_side);
    },
  });
  const answered: Liquidation[] = [];
  let beat = floorTo(rows[0]?.received_time ?? 0, MINUTE_MS);
  for (const row of rows) {
    for (; beat <= row.received_time; beat += BEAT_MS) {
      transitions.push(...machine.tick(beat));
      if (beat % MINUTE_MS === 0) sample(state, baselines, beat);
    }
    const [fields] = state.observe([row], row.received_time);
    answered.push({ ...row, ...fields });
  }
  return { rows: answered, transitions };
}

function baselineOf(side: SideBaseline) {
  return {
    velocity: (value: number) => side.velocity(value),
    cumUsd5m: (value: number) => side.cumUsd5m(value),
    branchingRatio: null,
  };
}

function sample(state: CrossVenueState, baselines: Readonly<Record<PositionSide, SideBaseline>>, time: number): void {
  const flows = new Map(state.sample(time).map((flow) => [flow.side, flow]));
  for (const side of POSITION_SIDES) baselines[side].sample(flows.get(side)?.velocity ?? 0, flows.get(side)?.cumUsd5m ?? 0, time);
}
