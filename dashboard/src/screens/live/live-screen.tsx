import { CascadesPanel } from "./cascades-panel.tsx";
import { LiveChart } from "./live-chart.tsx";
import { SignalPanel } from "./signal-panel.tsx";
import { SymbolBar } from "./symbol-bar.tsx";
import { Tape } from "./tape.tsx";
import { VenueStrip } from "./venue-strip.tsx";
import { WindowsPanel } from "./windows-panel.tsx";
import "./live.css";

/** What happens now. */
export function LiveScreen() {
  return (
    <div class="live">
      <h1 class="sr-only">Live</h1>
      <VenueStrip />
      <div class="live-main">
        <SymbolBar />
        <LiveChart />
        <WindowsPanel />
      </div>
      <div class="live-side">
        <CascadesPanel />
        <SignalPanel />
        <Tape />
      </div>
    </div>
  );
}
