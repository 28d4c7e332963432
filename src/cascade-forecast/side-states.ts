import type { CascadeMachine } from "../cascade/cascade-machine.ts";
import type { PositionSide } from "../liquidation.ts";
import type { SideStates } from "./forecast-state.ts";

/** What the cascade machine says of a side: while a cascade of it runs, there is nothing to forecast. */
export function sideStates(machine: CascadeMachine, symbol: string, side: PositionSide): SideStates & { readonly isRunning: boolean } {
  const own = machine.stateOf(symbol, side);
  const opposite = machine.stateOf(symbol, side === "long" ? "short" : "long");
  return {
    isBuilding: own === "building",
    isRunning: own === "active" || own === "cooling",
    isOppositeRunning: opposite === "active" || opposite === "cooling",
  };
}
