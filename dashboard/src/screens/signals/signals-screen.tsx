import type { ScreenProps } from "../screens.ts";
import { DecisionPanel } from "./decision-panel.tsx";
import { LedgerPanel } from "./ledger-panel.tsx";
import { PaperBanner } from "./paper-banner.tsx";
import { ReliabilityPanel } from "./reliability-panel.tsx";
import { ScoreboardPanel } from "./scoreboard-panel.tsx";
import { VerifyPanel } from "./verify-panel.tsx";
import "./signals.css";

/** The decisions, what became of them, and the proof that none was changed. The address names the decision that is open. */
export function SignalsScreen({ below }: ScreenProps) {
  return (
    <div class="signals">
      <h1 class="sr-only">Signals</h1>
      <PaperBanner />
      <div class="signals-ledger">
        {below === null ? null : <DecisionPanel id={below} />}
        <LedgerPanel openId={below} />
      </div>
      <div class="signals-record">
        <ScoreboardPanel />
        <ReliabilityPanel />
        <VerifyPanel />
      </div>
    </div>
  );
}
