import type { ScreenProps } from "../screens.ts";
import { DayView } from "./day-view.tsx";
import { Days } from "./days.tsx";
import { ExportForm } from "./export-form.tsx";
import { Exports } from "./exports.tsx";
import { Terms } from "./terms.tsx";
import "./data.css";

/** Whole days as files, and exports of any range. `/data/{date}` opens a day. */
export function DataScreen({ below }: ScreenProps) {
  if (below !== null) return <DayView date={below} key={below} />;
  return (
    <div class="data">
      <h1 class="sr-only">Data</h1>
      <Days />
      <Terms />
      <div class="data-exports">
        <ExportForm />
        <Exports />
      </div>
    </div>
  );
}
