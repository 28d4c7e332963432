import { CalendarPanel } from "./calendar-panel.tsx";
import { ContagionPanel } from "./contagion-panel.tsx";
import { EstimatesPanel } from "./estimates-panel.tsx";
import { GapsPanel } from "./gaps-panel.tsx";
import { LagsPanel } from "./lags-panel.tsx";
import { MarketStatePanel } from "./market-state-panel.tsx";
import { StandingPanel } from "./standing-panel.tsx";
import { TruthBoardPanel } from "./truth-board-panel.tsx";
import { ReceptionPanel } from "./reception-panel.tsx";
import "./venues.css";

/** What each venue contributes and leaves out, how well it is received, and when it was not covered. */
export function VenuesScreen() {
  return (
    <div class="venues-screen">
      <h1 class="sr-only">Venues</h1>
      <StandingPanel />
      <LagsPanel />
      <EstimatesPanel />
      <TruthBoardPanel />
      <ContagionPanel />
      <MarketStatePanel />
      <CalendarPanel />
      <ReceptionPanel />
      <GapsPanel />
    </div>
  );
}
